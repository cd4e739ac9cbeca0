"""Who is on the local stage: a company in Severa with its mailboxes, Anna Aalto and two colleagues in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.local.outlook import ZONE, Outlook
from tests.simulators.severa import ActivityType, Company, SeveraSimulator, User

ADDRESS: Final = "anna@example.com"
"""Anna's address in Severa; a secondary one of her mailbox (R1)."""
PRIMARY: Final = "anna.aalto@example.com"


@dataclass(frozen=True, slots=True)
class Person:
    """A user of Severa, and the primary address of that user's mailbox."""

    user: User
    mailbox: str

    @property
    def name(self) -> str:
        """The first name."""
        return self.user.first_name


@dataclass(frozen=True, slots=True)
class Cast:
    """A company in the simulated Severa and in Outlook, with its people; `synced` are the ticked activity types (R9).

    The first of `everybody` is the one whom the story is about; the others' calendars are empty and their switches off
    until the story needs them.
    """

    severa: SeveraSimulator
    outlook: Outlook
    company: Company
    synced: tuple[ActivityType, ...]
    everybody: tuple[Person, ...]

    @property
    def anna(self) -> Person:
        """The one whom the story is about."""
        return self.everybody[0]


def make_cast(severa: SeveraSimulator, outlook: Outlook, address: str = ADDRESS) -> Cast:
    """Example Oy: Anna, Mika and Kaisa. `address` is Anna's in Severa."""
    people = (("Anna Aalto", address, PRIMARY), *((name, *_same(name)) for name in ("Mika Mäki", "Kaisa Koski")))
    return _cast(severa, outlook, "Example Oy", people)


def make_other_cast(severa: SeveraSimulator, outlook: Outlook) -> Cast:
    """Saimaa Oy, a small company beside the other one: Sanna."""
    return _cast(severa, outlook, "Saimaa Oy", [("Sanna Salo", *_same("Sanna Salo"))])


def _cast(severa: SeveraSimulator, outlook: Outlook, name: str, people: Sequence[tuple[str, str, str]]) -> Cast:
    company = severa.people.add_company(name, timezone=ZONE.key)
    types = {kind.category: kind for kind in severa.people.types_of(company)}
    everybody = []
    for who, address, primary in people:
        user = severa.people.add_user(company, who, address, timezone=ZONE.key)
        outlook.add_mailbox(primary, who, () if address == primary else (ADDRESS,))
        everybody.append(Person(user, primary))
    return Cast(
        severa, outlook, company, (types["CalendarEntry"], types["Personal"], types["Absences"]), tuple(everybody)
    )


def _same(name: str) -> tuple[str, str]:
    address = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    return address, address
