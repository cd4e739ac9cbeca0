"""What people do, as a table: each action by name, how often it is done, and which kind of entries it is about.

An action looks for something to do it to when its moment comes; where there is nothing, it does nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.usecases.settings import save_settings
from core.usecases.switches import set_company_switch, set_user_switch
from tests.simulation import (
    inviting,
    meetings,
    outlook,
    private_meetings,
    recurring_outlook,
    recurring_severa,
    severa,
    sharing,
)
from tests.simulation.patterns import choose
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import fresh_words

SINGLES, SERIES, SHARED, MEETINGS = "singles", "series", "shared", "meetings"
ALL = (SINGLES, SERIES, SHARED, MEETINGS)
Act = Callable[[Stage, Person, random.Random], None]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that people do. `weight`: how often, against the others."""

    weight: int
    kind: str
    act: Act


# --- on both sides ----------------------------------------------------------------------------------------------------
def twins(stage: Stage, person: Person, rng: random.Random) -> None:
    """The same entry by hand on both sides, as before a first sync."""
    new = fresh_words(stage, person, rng)
    outlook.make_event(stage, person, new, private=False)
    severa.make_activity(stage, person, new, type=person.company.types["CalendarEntry"])


def twin_series(stage: Stage, person: Person, rng: random.Random) -> None:
    """The same series by hand on both sides."""
    made = choose(stage, person.zone, rng)
    new = {**fresh_words(stage, person, rng), "start": made.start, "end": made.end}
    outlook.make_event(stage, person, new, private=False, recurrence=made.graph)
    kind = person.company.types["CalendarEntry"]
    severa.make_activity(stage, person, new, type=kind, recurrence=made.severa)


# --- switches and settings --------------------------------------------------------------------------------------------
def log_out(stage: Stage, person: Person, rng: random.Random) -> None:
    """No more signs of life; or again some."""
    person.logged_in = not person.logged_in
    stage.tell(f"{person.name} logs {'in' if person.logged_in else 'out'}")


def switch(stage: Stage, person: Person, rng: random.Random) -> None:
    """The user's own switch."""
    person.on = not person.on
    person.was_off = True
    stage.tell(f"{person.name} switches {'on' if person.on else 'off'}")
    pair, on = person.pair, person.on
    stage.host.call(lambda ports: set_user_switch(ports, pair, on=on))


def company_switch(stage: Stage, person: Person, rng: random.Random) -> None:
    """The administrator's switch, off for some minutes."""
    company = person.company
    company.was_off = True
    stage.tell(f"{person.name} switches the company off")
    stage.host.call(lambda ports: set_company_switch(ports, company.id, on=False))

    def again() -> None:
        stage.host.call(lambda ports: set_company_switch(ports, company.id, on=True))

    stage.loop.call_later(rng.choice((30.0, 300.0)), again)


def ticks(stage: Stage, person: Person, rng: random.Random) -> None:
    """The administrator ticks or unticks a type."""
    company = person.company
    kind = rng.choice([t for t in company.types.values() if t.category != "Task"]).guid
    company.once_unticked.add(kind)
    stage.tell(f"{person.name} ticks or unticks {kind[-6:]}")

    async def save(ports: Any) -> None:
        found = await ports.companies.settings(company.id)
        if found is not None:
            wanted = replace(found[0], synced_types=found[0].synced_types ^ {kind})
            await save_settings(ports, company.id, wanted, found[1])

    stage.host.call(save)


def rename(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another address, in Severa and as an alias of the mailbox."""
    address = f"{person.name}.{rng.randrange(1000)}@renamed.example"
    person.mailbox.proxy_addresses.append(f"smtp:{address}")
    person.user = stage.severa.people.edit_user(person.user, email=address)
    stage.tell(f"{person.name} has another address")


ACTIONS: dict[str, Action] = {
    "outlook_create": Action(12, SINGLES, outlook.outlook_create),
    "outlook_edit": Action(12, SINGLES, outlook.outlook_edit),
    "outlook_move": Action(6, SINGLES, outlook.outlook_move),
    "outlook_private": Action(4, SINGLES, outlook.outlook_private),
    "outlook_touch": Action(2, SINGLES, outlook.outlook_touch),
    "outlook_delete": Action(5, SINGLES, outlook.outlook_delete),
    "outlook_restore": Action(2, SINGLES, outlook.outlook_restore),
    "outlook_copy": Action(2, SINGLES, outlook.outlook_copy),
    "outlook_rehome": Action(1, SINGLES, outlook.outlook_rehome),
    "outlook_purge": Action(1, SINGLES, outlook.outlook_purge),
    "severa_create": Action(12, SINGLES, severa.severa_create),
    "severa_task": Action(1, SINGLES, severa.severa_task),
    "severa_edit": Action(12, SINGLES, severa.severa_edit),
    "severa_snatch": Action(6, SINGLES, severa.severa_snatch),
    "severa_move": Action(6, SINGLES, severa.severa_move),
    "severa_retype": Action(4, SINGLES, severa.severa_retype),
    "severa_touch": Action(2, SINGLES, severa.severa_touch),
    "severa_delete": Action(5, SINGLES, severa.severa_delete),
    "severa_word": Action(1, SINGLES, severa.severa_word),
    "twins": Action(3, SINGLES, twins),
    "log_out": Action(2, SINGLES, log_out),
    "switch": Action(1, SINGLES, switch),
    "company_switch": Action(1, SINGLES, company_switch),
    "ticks": Action(1, SINGLES, ticks),
    "rename": Action(1, SINGLES, rename),
    "outlook_series": Action(8, SERIES, recurring_outlook.outlook_series),
    "outlook_series_edit": Action(6, SERIES, recurring_outlook.outlook_series_edit),
    "outlook_series_move": Action(4, SERIES, recurring_outlook.outlook_series_move),
    "outlook_series_ends": Action(4, SERIES, recurring_outlook.outlook_series_ends),
    "outlook_series_split": Action(3, SERIES, recurring_outlook.outlook_series_split),
    "outlook_series_private": Action(3, SERIES, recurring_outlook.outlook_series_private),
    "outlook_series_delete": Action(3, SERIES, recurring_outlook.outlook_series_delete),
    "outlook_series_copy": Action(1, SERIES, recurring_outlook.outlook_series_copy),
    "outlook_series_rehome": Action(1, SERIES, recurring_outlook.outlook_series_rehome),
    "outlook_recurs": Action(2, SERIES, recurring_outlook.outlook_recurs),
    "outlook_date_edit": Action(8, SERIES, recurring_outlook.outlook_date_edit),
    "outlook_date_move": Action(8, SERIES, recurring_outlook.outlook_date_move),
    "outlook_date_cancel": Action(8, SERIES, recurring_outlook.outlook_date_cancel),
    "severa_series": Action(8, SERIES, recurring_severa.severa_series),
    "severa_series_edit": Action(6, SERIES, recurring_severa.severa_series_edit),
    "severa_series_move": Action(4, SERIES, recurring_severa.severa_series_move),
    "severa_series_ends": Action(4, SERIES, recurring_severa.severa_series_ends),
    "severa_series_split": Action(3, SERIES, recurring_severa.severa_series_split),
    "severa_series_retype": Action(3, SERIES, recurring_severa.severa_series_retype),
    "severa_series_delete": Action(3, SERIES, recurring_severa.severa_series_delete),
    "severa_series_reset": Action(1, SERIES, recurring_severa.severa_series_reset),
    "severa_recurs": Action(2, SERIES, recurring_severa.severa_recurs),
    "severa_date_edit": Action(8, SERIES, recurring_severa.severa_date_edit),
    "severa_date_move": Action(8, SERIES, recurring_severa.severa_date_move),
    "severa_date_cancel": Action(8, SERIES, recurring_severa.severa_date_cancel),
    "shared_create": Action(8, SHARED, sharing.shared_create),
    "share_add": Action(8, SHARED, sharing.share_add),
    "share_remove": Action(3, SHARED, sharing.share_remove),
    "share_hand_over": Action(2, SHARED, sharing.share_hand_over),
    "share_edit": Action(6, SHARED, sharing.share_edit),
    "meeting_organize": Action(12, MEETINGS, meetings.organize),
    "meeting_edit": Action(8, MEETINGS, meetings.edit),
    "meeting_add": Action(4, MEETINGS, meetings.add),
    "meeting_remove": Action(3, MEETINGS, meetings.remove),
    "meeting_cancel": Action(3, MEETINGS, meetings.cancel),
    "meeting_answer": Action(10, MEETINGS, meetings.answer),
    "meeting_severa_edit": Action(8, MEETINGS, meetings.severa_edit),
    "meeting_severa_people": Action(4, MEETINGS, meetings.severa_people),
    "meeting_severa_delete": Action(1, MEETINGS, meetings.severa_delete),
    "meeting_severa_cancel_date": Action(2, MEETINGS, meetings.severa_cancel_date),
    "meeting_private": Action(4, MEETINGS, private_meetings.organizer_private),
    "meeting_own_private": Action(2, MEETINGS, private_meetings.own_private),
    "meeting_now": Action(3, MEETINGS, inviting.organize_now),
    "meeting_from_copy": Action(4, MEETINGS, inviting.invite_to_copy),
    "twin_series": Action(2, SERIES, twin_series),
}
"""Everything that people do. Series and meetings come in with kinds of their own."""


def weights(kinds: frozenset[str]) -> dict[str, int]:
    """The actions about these kinds of entries, with their weights."""
    return {name: action.weight for name, action in ACTIONS.items() if action.kind in kinds}
