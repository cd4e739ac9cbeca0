"""The process dies after any effect of a meeting's making, changing, leaving; pairs run in one moment (R13).

Whatever happened: one activity, its claim mended, no copy beside an invitation, and no mail that was not asked for.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from core.model.link import LinkState
from core.usecases.hints import note_activity_changed
from tests.contract.whole.crashing import EVERY_POINT
from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.recurring import TUESDAY, nth, on, weekly
from tests.contract.whole.settled import AGED, DAY, one_of
from tests.support.theatre import Died, Fate
from tests.support.watching import Watch, watched

Act = Callable[[Company], Awaitable[None]]
STEP = 1 if EVERY_POINT else 40


# --- what people do ---------------------------------------------------------------------------------------------------
def _meeting(us: Company) -> str:
    """The meeting that Anna organizes."""
    [found] = [one for one in us.graph.events_of(us.stage.mailboxes["anna"]) if one.subject in ("Board", "Visit")]
    return str(found.immutable_id)


async def anna_meets_bert(us: Company) -> None:
    """A meeting of two; the others have something else."""
    us.meet("anna", "bert")
    us.graph.add_event(us.stage.mailboxes["anna"], "Dentist", TEN + 5 * HOUR, TEN + 6 * HOUR)
    us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)


async def carl_joins(us: Company) -> None:
    """He is invited, and the room changes."""
    us.graph.add_attendees(_meeting(us), "carl@example.org")
    us.graph.edit_event(_meeting(us), location="Room 7")


async def bert_declines(us: Company) -> None:
    """It concerns him alone."""
    us.graph.decline(us.event(_meeting(us), "bert").immutable_id)


async def anna_edits_in_severa(us: Company) -> None:
    """Exchange tells the attendees, once."""
    us.stage.mailed = True
    [activity] = [one for one in us.activities() if one.name == "Board"]
    us.severa.edit_activity(activity.guid, by=us.stage.users["anna"], location="Room 8")


async def anna_cancels(us: Company) -> None:
    """In Outlook."""
    us.graph.cancel_meeting(_meeting(us))


async def anna_deletes_in_severa(us: Company) -> None:
    """Exchange tells the attendees, once."""
    us.stage.mailed = True
    [activity] = [one for one in us.activities() if one.name == "Board"]
    us.severa.remove_activity(activity.guid)
    await note_activity_changed(us.stage.ports, us.stage.company, us.user("anna"), activity.guid)


async def olga_invites(us: Company) -> None:
    """Somebody outside invites Bert and Carl; Anna has something else."""
    us.invited("bert", "carl")
    us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)


def _decline_of(name: str) -> Act:
    async def declines(us: Company) -> None:
        [event] = [one for one in us.graph.events_of(us.stage.mailboxes[name]) if one.subject == "Board"]
        us.graph.decline(event.immutable_id)

    return declines


async def anna_visits_with_bert(us: Company) -> None:
    """An activity of Severa that they share; each of them has a copy."""
    bert = us.stage.users["bert"]
    us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, participants=[bert])
    us.stage.clock.advance(DAY)


async def anna_invites_to_her_copy(us: Company) -> None:
    """Bert's copy gives way to the invitation; Carl is new."""
    us.graph.add_attendees(_meeting(us), "bert@example.org", "carl@example.org")


async def anna_meets_weekly(us: Company) -> None:
    """Five dates, one moved, one cancelled."""
    start, box = on(TUESDAY), us.stage.mailboxes["anna"]
    recurs = {"pattern": weekly(), "range": {"type": "numbered", "numberOfOccurrences": 5}}
    who = ["bert@example.org"]
    meeting = us.graph.organize_meeting(box, "Board", start, start + HOUR, attendees=who, recurrence=recurs)
    us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
    us.graph.cancel_occurrence(meeting, nth(3))


async def bert_declines_a_date(us: Company) -> None:
    """He is taken off it."""
    us.graph.decline(us.event(_meeting(us), "bert").immutable_id, nth(2))


async def carl_comes_once(us: Company) -> None:
    """To one date of the series."""
    us.graph.add_attendees(_meeting(us), "carl@example.org", day=nth(2))


async def carl_comes_always(us: Company) -> None:
    """To all of it, with its exceptions."""
    us.graph.add_attendees(_meeting(us), "carl@example.org")


SCRIPTS: dict[str, tuple[Act, ...]] = {
    "made": (anna_meets_bert,),
    "joined, edited and left": (anna_meets_bert, carl_joins, bert_declines),
    "edited and cancelled": (anna_meets_bert, anna_edits_in_severa, anna_cancels),
    "deleted in Severa": (anna_meets_bert, anna_deletes_in_severa),
    "passed on": (olga_invites, _decline_of("bert"), _decline_of("carl")),
    "a copy becomes a meeting": (anna_visits_with_bert, anna_invites_to_her_copy),
    "a series": (anna_meets_weekly, bert_declines_a_date),
    "a single date": (anna_meets_weekly, carl_comes_once, _decline_of("carl")),
    "a series with exceptions": (anna_meets_weekly, carl_comes_always),
}
MAILS = {"edited and cancelled": 1, "deleted in Severa": 1}
"""One for the attendee of what Anna did in Severa."""


# --- the performance --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class End:
    """What people see: activities with their people, events by mailbox, mails; and what a claim leads to."""

    activities: list[Any]
    events: list[list[str]]
    mails: int
    live: list[int]


async def _end(us: Company) -> End:
    shown = [(one.name, one.location or "", *us.people(one)) for one in us.activities()]
    for series in us.activities():
        if series.recurrence_type == "Series":
            dates = us.severa.occurrences_of(series.guid, TUESDAY, TUESDAY + timedelta(days=60))
            shown += [(one.start, one.name, *us.people(one)) for one in dates]
    links = [await us.stage.ports.pairs.links(us.stage.pair(name)) for name in NAMES]
    living = [sum(link.state is LinkState.LIVE for link in theirs) for theirs in links]
    return End(sorted(shown, key=str), [us.events(name) for name in NAMES], us.mails, living)


async def _perform(script: tuple[Act, ...], order: tuple[str, ...], fate: Fate | None) -> End:
    async with company() as us:
        for act in script:
            await act(us)
            watch = Watch(interrupt=fate)
            us.stage.ports = watched(us.stage.ports, watch)
            try:
                await us.settle(*order)
            except Died:
                us.stage.clock.advance(AGED)
                us.stage.new_gateways()
                fate = None
                await us.settle(*order)
            us.stage.new_gateways()
            us.stage.clock.advance(AGED)
        await us.settle(*order)
        return await _end(us)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("order", [NAMES, ("carl", "bert", "anna")], ids=["anna first", "carl first"])
@pytest.mark.parametrize("story", SCRIPTS)
async def test_p31_the_process_dies_at_any_effect(story: str, order: tuple[str, ...]) -> None:
    """A fresh process ends where an undisturbed one does."""
    whole = Fate()
    expected = await _perform(SCRIPTS[story], order, whole)
    points = whole.apart[::STEP]
    assert (bool(points), expected.mails) == (True, MAILS.get(story, 0))
    for number in points:
        fate = Fate(number)
        assert await _perform(SCRIPTS[story], order, fate) == expected, f"died {fate.point}, point {number}"
        assert fate.point


# --- in one moment ----------------------------------------------------------------------------------------------------
async def _together(us: Company, *names: str) -> None:
    for _ in range(6):
        us.stage.clock.advance(timedelta(minutes=3))
        await us.stage.poll()
        await asyncio.gather(*(us.stage.run(name) for name in names))
    us.stage.clock.advance(AGED)
    await us.settle()


@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)))
async def test_p02_all_run_in_one_moment(order: tuple[str, ...]) -> None:
    """One of them makes the activity, whoever comes first by a hair."""
    async with company() as us:
        us.meet("anna", "bert", "carl")
        await _together(us, *order)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        assert us.stage.severa.requests.count("POST", "/activities") == 1


@pytest.mark.parametrize("order", [("bert", "carl"), ("carl", "bert")])
async def test_an_invitation_from_outside_in_one_moment(order: tuple[str, str]) -> None:
    """Nobody here organizes it; still one makes it, and the other takes part."""
    async with company() as us:
        us.invited("bert", "carl")
        await _together(us, *order)
        owner, others = us.people(await one_of(us))
        assert {owner, *others} == {"bert", "carl"}
        assert us.stage.severa.requests.count("POST", "/activities") == 1


@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)))
async def test_three_invited_from_outside_in_one_moment(order: tuple[str, ...]) -> None:
    """One makes it, the others come in one after the other: nobody is told of a refusal that was none."""
    async with company() as us:
        us.invited(*NAMES)
        await _together(us, *order)
        owner, others = us.people(await one_of(us))
        assert {owner, *others} == set(NAMES)
        assert us.stage.severa.requests.count("POST", "/activities") == 1
        assert [await us.told(name) for name in NAMES] == [[], [], []]


class _Gate:
    """Lets a pair's run wait at its first such effect until somebody else's whole run is over."""

    def __init__(self, point: str) -> None:
        self.point, self.reached, self.go = point, asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            await self.go.wait()


class _Gated:
    """A store whose method waits at the gate, before or after its effect."""

    def __init__(self, inner: Any, gate: _Gate) -> None:
        self._inner, self._gate = inner, gate

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._inner, name)
        moment, _, method = self._gate.point.partition(" ")
        if name != method:
            return target

        async def waiting(*args: Any, **named: Any) -> Any:
            if moment == "before":
                await self._gate()
            answer = await target(*args, **named)
            if moment == "after":
                await self._gate()
            return answer

        return waiting


WHERE = [f"{moment} {name}" for name in ("claim", "put_claim") for moment in ("before", "after")]


@pytest.mark.parametrize("point", WHERE)
@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(NAMES, 2)))
async def test_one_overtakes_another(first: str, second: str, point: str) -> None:
    """One run stops at an effect on the company's rows; another one's whole run comes in between."""
    async with company() as us:
        us.meet("anna", "bert", "carl")
        ports, gate = us.stage.ports, _Gate(point)
        us.stage.ports = ports.__class__(
            **{f: getattr(ports, f) for f in ports.__dataclass_fields__ if f != "companies"},
            companies=_Gated(ports.companies, gate),
        )
        overtaken = asyncio.ensure_future(us.stage.run(first))
        await asyncio.wait([overtaken, asyncio.ensure_future(gate.reached.wait())], return_when="FIRST_COMPLETED")
        us.stage.ports = ports
        await us.stage.run(second)
        gate.go.set()
        await overtaken
        us.stage.clock.advance(AGED)
        await us.settle()
        us.stage.clock.advance(AGED)
        await us.settle()
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        assert [us.events(name) for name in NAMES] == [["Board"]] * 3
        assert us.stage.severa.requests.count("POST", "/activities") == 1
