"""Links, claims and intents are lost: the next runs find them again by marks, claims and matching, and write nothing.

What nobody can find again, because only a link knew it, is at the end (docs/runbook.md, "Tables are lost").
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.whole.losing import bring_back, lose_tables, lost_and_found, written
from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.recurring import TUESDAY, nth, on, weekly, weekly_in_severa
from tests.support.remote_stage import remote_stage

ORDERS = (("anna", "bert", "carl"), ("carl", "bert", "anna"))
Setting = Callable[[Company], object]
MINUTES = timedelta(minutes=20)


# --- single entries ---------------------------------------------------------------------------------------------------
def copies(us: Company) -> None:
    """Made on one side each, with text and place; a whole day; one without a subject, one with too long a one."""
    anna, box, people = us.stage.users["anna"], us.stage.mailboxes["anna"], us.graph
    us.severa.add_activity(anna, "Visit", TEN, TEN + HOUR, notes="Bring\nsamples", location="Oulu")
    us.severa.add_activity(anna, "Long " * 70, TEN + HOUR, TEN + 2 * HOUR)
    us.severa.add_activity(anna, "Fair", date(2026, 12, 1), date(2026, 12, 3), all_day=True)
    people.add_event(box, "Lunch", TEN + 2 * HOUR, TEN + 3 * HOUR, body="<b>soup</b>", location="Kitchen " * 150)
    people.add_event(box, "", TEN + 3 * HOUR, TEN + 4 * HOUR)


def private(us: Company) -> None:
    """Private on either side, of a Personal type."""
    us.graph.add_event(us.stage.mailboxes["anna"], "Dentist", TEN, TEN + HOUR, sensitivity="private", body="Root")
    us.severa.add_activity(us.stage.users["anna"], "Gym", TEN + HOUR, TEN + 2 * HOUR, type="Personal")
    us.severa.add_activity(us.stage.users["anna"], "Sick", TEN + 3 * HOUR, TEN + 4 * HOUR, type="Absences")


# --- masked -----------------------------------------------------------------------------------------------------------
def no_personal_type(us: Company) -> None:
    """From here on private events show a mask in Severa."""
    [personal] = [k for k in us.severa.types_of(us.stage.severa_company) if k.category == "Personal"]
    us.severa.edit_activity_type(personal, is_active=False)


def masked(us: Company) -> None:
    """Private events with text and place, and a private meeting; another entry has the mask's own subject."""
    no_personal_type(us)
    box = us.stage.mailboxes["anna"]
    us.graph.add_event(box, "Dentist", TEN, TEN + HOUR, sensitivity="private", body="Root canal", location="Main st.")
    us.graph.add_event(box, "Bank", TEN + 2 * HOUR, TEN + 3 * HOUR, sensitivity="private", body="Loan")
    us.severa.add_activity(us.stage.users["anna"], "Private", TEN + 5 * HOUR, TEN + 6 * HOUR)
    us.meet("anna", "bert", start=TEN + 4 * HOUR, sensitivity="private", body="Secret")


def masked_series(us: Company) -> None:
    """A masked series with a moved date, a renamed one and a cancelled one."""
    no_personal_type(us)
    us.graph.edit_occurrence(series_in_outlook(us, sensitivity="private", body="Secret"), nth(3), subject="Other")


# --- series -----------------------------------------------------------------------------------------------------------
def series_in_outlook(us: Company, subject: str = "Standup", **more: object) -> str:
    """Weekly in Anna's mailbox; the second date is moved by a day, the third cancelled."""
    start, limits = on(TUESDAY), {"type": "numbered", "numberOfOccurrences": 6}
    recurs = {"pattern": weekly(), "range": limits}
    made = us.graph.add_event(us.stage.mailboxes["anna"], subject, start, start + HOUR, recurrence=recurs, **more)
    moved = on(nth(1)) + timedelta(days=1)
    us.graph.edit_occurrence(made, nth(1), start=moved, end=moved + HOUR)
    us.graph.cancel_occurrence(made, nth(2))
    return made


def series(us: Company) -> None:
    """One from each side, with dates changed, moved and cancelled; an endless one; one on both sides before."""
    made = series_in_outlook(us, body="Who does what", location="Room 1")
    us.graph.edit_occurrence(made, nth(3), subject="Farewell", body="Cake")
    start, anna = on(TUESDAY, 14), us.stage.users["anna"]
    for subject, times in (("Review", 6), ("Retro", None)):
        recurs = {"frequency": "Weekly", "pattern": {"weekly": weekly_in_severa()}, "range": {"maxOccurrences": times}}
        added = us.severa.add_activity(anna, subject, start, start + HOUR, recurrence=recurs, notes="All")
        us.severa.edit_occurrence(added.guid, nth(1), name="Long review", notes="Two hours", end=on(nth(1), 16))
        us.severa.cancel_occurrence(added.guid, nth(2))
        start += 2 * HOUR


def foreign_zone(us: Company) -> None:
    """Made by clocks of New York, yearly too: told by its owner's clocks in Severa."""
    box, there = us.stage.mailboxes["anna"], ZoneInfo("America/New_York")
    start, endless = datetime(2026, 11, 24, 10, tzinfo=there), {"type": "noEnd"}
    us.graph.add_event(box, "Call", start + 2 * HOUR, start + 3 * HOUR)
    us.graph.add_event(box, "Desk", start, start + HOUR, recurrence={"pattern": weekly(), "range": endless})
    yearly = {"type": "absoluteYearly", "interval": 1, "month": 11, "dayOfMonth": 24}
    day = on(TUESDAY)
    us.graph.add_event(box, "Birthday", day, day + HOUR, recurrence={"pattern": yearly, "range": endless})


# --- meetings ---------------------------------------------------------------------------------------------------------
def meetings(us: Company) -> None:
    """Of Anna with two, of somebody outside, and one that Carl was added to in Severa only."""
    us.meet("anna", "bert", "carl", body="Agenda")
    us.invited("bert", "carl", subject="Pitch")
    us.meet("bert", "anna", subject="Budget", start=TEN + 3 * HOUR)


def shared(us: Company) -> None:
    """An activity of three, each of whom has a copy."""
    made = us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, notes="Bring samples")
    for name in ("bert", "carl"):
        us.severa.add_participant(made.guid, us.stage.users[name])


def meeting_series(us: Company) -> None:
    """Weekly with Bert; one date moved, one cancelled."""
    start, limits = on(TUESDAY), {"type": "numbered", "numberOfOccurrences": 6}
    made = us.meet("anna", "bert", start=start, recurrence={"pattern": weekly(), "range": limits})
    event, moved = us.event(made, "anna").immutable_id, on(nth(1)) + timedelta(days=1)
    us.graph.edit_occurrence(event, nth(1), start=moved, end=moved + HOUR)
    us.graph.cancel_occurrence(event, nth(2))


def added_in_severa(us: Company) -> None:
    """Severa has a participant whom nobody invited; the copy is theirs alone."""
    us.meet("bert", "anna", online=True, body="Agenda")
    made = us.severa.add_activity(us.stage.users["anna"], "Visit", TEN + 2 * HOUR, TEN + 3 * HOUR)
    us.severa.add_participant(made.guid, us.stage.users["carl"])


SETTINGS: tuple[Setting, ...] = (
    *(copies, private, masked, masked_series, series, foreign_zone, meetings, shared, meeting_series, added_in_severa),
)


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.__name__)
async def test_the_tables_are_lost(setting: Setting, order: tuple[str, ...]) -> None:
    """Whoever comes first: every link is there again, no duplicate, and no write at either service."""
    async with company() as us:
        setting(us)
        await lost_and_found(us, *order)


async def test_everything_at_once() -> None:
    """All of it in one company, masks and series and meetings."""
    async with company() as us:
        for setting in (copies, series, meetings, shared, masked):
            setting(us)
        await lost_and_found(us, *NAMES)


async def test_rows_are_lost_in_azurite(azurite: str) -> None:
    """Only links, claims and intents are gone, cursors and switches are not: a full comparison finds them again."""
    async with remote_stage(azurite, NAMES) as stage:
        us = Company(stage)
        for setting in (copies, series, meetings, shared, masked):
            setting(us)
        await lost_and_found(us, *NAMES, azurite=azurite)


async def test_entries_that_are_the_same_on_sight() -> None:
    """The same twice at the same time on either side, and two masks at the same time: each has one twin."""
    async with company() as us:
        no_personal_type(us)
        anna, box = us.stage.users["anna"], us.stage.mailboxes["anna"]
        for text in ("Loan", "Tooth"):
            us.severa.add_activity(anna, "Call", TEN, TEN + HOUR)
            us.graph.add_event(box, "Walk", TEN + HOUR, TEN + 2 * HOUR)
            us.graph.add_event(box, text, TEN + 3 * HOUR, TEN + 4 * HOUR, sensitivity="private", body=text)
        await lost_and_found(us, *NAMES, exchangeable=True)


async def test_a_copy_was_copied_and_another_was_made_anew() -> None:
    """A mark on two events is the older one's; a copy of a later generation is found too."""
    async with company() as us:
        anna, box = us.stage.users["anna"], us.stage.mailboxes["anna"]
        us.severa.add_activity(anna, "Lunch", TEN, TEN + HOUR)
        us.severa.add_activity(anna, "Visit", TEN + 2 * HOUR, TEN + 3 * HOUR)
        await us.settle()
        us.stage.clock.advance(HOUR)
        copies_of = {event.subject: event.immutable_id for event in us.graph.events_of(box)}
        us.graph.copy_event(copies_of["Lunch"])
        us.graph.delete_event(copies_of["Visit"])
        us.stage.clock.advance(HOUR)
        us.severa.edit_activity(next(a for a in us.activities() if a.name == "Visit").guid, notes="It takes place")
        await us.settle()
        assert (us.events("anna"), len(us.activities())) == (["Lunch", "Lunch", "Visit"], 3)
        await lost_and_found(us, *NAMES)


# --- what only a link knew --------------------------------------------------------------------------------------------
async def test_one_side_was_removed_and_the_other_rests() -> None:
    """A dead link, or one at rest, cannot be found again: the entry comes back. Nothing is ever removed or doubled."""
    async with company() as us:
        us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, has_hours=True)
        us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 2 * HOUR, TEN + 3 * HOUR)
        await us.settle()
        us.stage.clock.advance(HOUR)
        [copy] = [one for one in us.graph.events_of(us.stage.mailboxes["anna"]) if one.subject == "Visit"]
        us.graph.delete_event(copy.immutable_id)
        await us.settle()
        assert us.events("anna") == ["Lunch"]
        await lose_tables(us)
        us.stage.quiet()
        await bring_back(us)
        await us.settle()
        assert us.events("anna") == ["Lunch", "Visit"]
        assert [one.split()[0] for one in written(us)] == ["POST"]
        assert len(us.activities()) == 2


async def test_a_mask_was_edited_in_severa() -> None:
    """A masked activity under another subject resembles nothing, and Severa holds no mark: one more of each, no loss.

    What stood at that time before stays as it was, and both sides agree in the end.
    """
    async with company() as us:
        no_personal_type(us)
        us.graph.add_event(us.stage.mailboxes["anna"], "Dentist", TEN, TEN + HOUR, sensitivity="private", body="Root")
        await us.settle()
        us.stage.clock.advance(HOUR)
        us.severa.edit_activity(us.activities()[0].guid, name="What is it?")
        await us.settle()
        assert (us.events("anna"), [one.name for one in us.activities()]) == (["Dentist"], ["What is it?"])
        await lose_tables(us)
        us.stage.quiet()
        await bring_back(us)
        await us.settle()
        assert us.events("anna") == ["Dentist", "What is it?"]
        assert sorted(one.name for one in us.activities()) == ["Private", "What is it?"]
        assert [one.split()[0] for one in written(us)] == ["POST", "POST"]


async def test_entries_that_differ_in_their_texts_only() -> None:
    """Each finds the twin that holds its own text, although their ages say otherwise."""
    async with company() as us:
        anna, box = us.stage.users["anna"], us.stage.mailboxes["anna"]
        us.severa.add_activity(anna, "Walk", TEN + 3 * HOUR, TEN + 4 * HOUR, notes="with the dog")
        us.stage.clock.advance(MINUTES)
        us.graph.add_event(box, "Walk", TEN, TEN + HOUR, body="with Bert")
        us.stage.clock.advance(MINUTES)
        later = us.graph.add_event(box, "Walk", TEN + 3 * HOUR, TEN + 4 * HOUR, body="with the dog")
        await us.settle()
        us.stage.clock.advance(MINUTES)
        us.graph.move_event(later, TEN, TEN + HOUR)
        await lost_and_found(us, *NAMES)
