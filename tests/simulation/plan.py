"""What one seed stands for: a company or two, what people will do, and what will go wrong. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.model.company import SyncWhile
from core.model.policy import ConflictRule, PrivateWithoutPersonal
from tests.simulation.weather import KINDS, Trouble, draw_troubles


@dataclass(frozen=True, slots=True)
class Company:
    """How a company is set up, and how many users it has."""

    users: int
    has_personal: bool
    conflict: ConflictRule
    hidden: PrivateWithoutPersonal
    sync_while: SyncWhile
    zone: str
    exchange: str = ""
    """The release of its Exchange Server; empty where its mailboxes are in Microsoft 365."""


@dataclass(frozen=True, slots=True)
class Step:
    """At `at` seconds somebody (a number, modulo the people there are) does something; `dice` decides the rest.

    `ambush`: not then, but while the service's so-many-th request after that is on its way.
    """

    at: float
    action: str
    who: int
    dice: int
    ambush: int = 0

    def __str__(self) -> str:
        when = f", at request {self.ambush} from there" if self.ambush else ""
        return f"{self.at:8.1f} person {self.who} {self.action}{when}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the simulation. The same plan makes the same trace."""

    seed: int
    companies: tuple[Company, ...]
    steps: tuple[Step, ...]
    troubles: tuple[Trouble, ...]
    until: float
    before: int = 0
    """So many of the steps happen before anything is switched on: the first sync meets them."""

    def without(self, steps: frozenset[int], troubles: frozenset[int]) -> Plan:
        """The plan with some steps and troubles left out, by position."""
        kept = tuple(s for i, s in enumerate(self.steps) if i not in steps)
        calmer = tuple(t for i, t in enumerate(self.troubles) if i not in troubles)
        earlier = sum(1 for i in range(self.before) if i not in steps)
        return replace(self, steps=kept, troubles=calmer, before=earlier)


def draw(seed: int, actions: dict[str, int], troubles: tuple[str, ...] = KINDS) -> Plan:
    """The plan of a seed; `actions` are the names of what people may do, with weights."""
    rng = random.Random(f"plan {seed}")
    companies = tuple(_company(rng) for _ in range(rng.choice((1, 1, 2))))
    until = rng.choice((300.0, 900.0, 1800.0))
    names, weights = list(actions), list(actions.values())
    steps = []
    moment = 0.0
    for _ in range(rng.choice((8, 15, 25, 40))):
        # Bursts: several edits within seconds, then a pause, so that both sides move between two runs and within one.
        moment = rng.uniform(0.0, until) if rng.random() < 0.4 else min(until, moment + rng.uniform(0.0, 8.0))
        ambush = rng.choice((0, 0, 1, 2, 4, 8)) if moment else 0
        steps.append(Step(moment, rng.choices(names, weights)[0], rng.randrange(6), rng.getrandbits(32), ambush))
    steps.sort(key=lambda step: step.at)
    before = rng.choice((0, 0, 3, 6))
    return Plan(seed, companies, tuple(steps), tuple(draw_troubles(rng, until, troubles)), until, before)


ON_SERVERS = 0.35
"""How many companies have an Exchange Server of their own."""
RELEASES = ("2007_sp1", "2010", "2010_sp2", "2013", "2016", "se")


def _company(rng: random.Random) -> Company:
    return Company(
        users=rng.choice((1, 1, 2, 2, 3)),
        has_personal=rng.random() < 0.6,
        conflict=rng.choice((ConflictRule.NEWEST, ConflictRule.NEWEST, ConflictRule.SEVERA, ConflictRule.MICROSOFT)),
        hidden=rng.choice((PrivateWithoutPersonal.MASK, *PrivateWithoutPersonal)),
        sync_while=rng.choice((SyncWhile.ALWAYS, SyncWhile.LOGGED_IN)),
        zone=rng.choice(("Europe/Helsinki", "Europe/London", "America/New_York", "Asia/Kolkata")),
        exchange=rng.choice(RELEASES) if rng.random() < ON_SERVERS else "",
    )


MAKING = ("outlook_create", "outlook_create", "outlook_edit", "outlook_move", "severa_create", "severa_edit")
CHANGING = ("outlook_create", "outlook_create", "outlook_edit", "outlook_private", "outlook_delete", "severa_edit")
SHARING = ("shared_create", "shared_create", "outlook_edit", "outlook_edit", "outlook_edit", "share_edit")
MEETING = ("meeting_organize", "meeting_organize", "meeting_edit", "meeting_answer")
PASSING = ("meeting_now", "meeting_now", "meeting_severa_edit", "meeting_severa_edit")
INVITING = ("shared_create", "shared_create", "meeting_from_copy", "meeting_severa_edit")
HIDING = ("meeting_organize", "meeting_edit", "meeting_private", "meeting_own_private")


def dense(
    seed: int,
    troubles: Mapping[str, float],
    actions: tuple[str, ...] = CHANGING,
    most: int = 40,
    *,
    exchange: str = "",
) -> Plan:
    """A plan that brings out rare windows: two people who do something every few seconds, under the same troubles.

    `troubles` are rates by kind; they last from the first minute to the end. `exchange`: see Company.
    """
    rng = random.Random(f"dense {seed}")
    setup = Company(
        users=2,
        has_personal=False,
        conflict=ConflictRule.NEWEST,
        hidden=PrivateWithoutPersonal.MASK,
        sync_while=SyncWhile.ALWAYS,
        zone="Europe/Helsinki",
        exchange=exchange,
    )
    steps = [Step(20.0 * i, rng.choice(actions), i, rng.getrandbits(32), rng.choice((0, 1, 3))) for i in range(most)]
    until = 20.0 * most
    lasting = (Trouble(kind, 60.0, until, rate, rng.getrandbits(32)) for kind, rate in troubles.items())
    return Plan(seed, (setup,), tuple(steps), tuple(lasting), until)
