"""Entries whose link was never recorded: recognized by intent or mark (P01, P04), before anything is decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.ids import CompanyId, MailboxId, Pair, Side
from core.model.link import End, Intent, Link, ParkReason
from core.model.operation import Agree, Create
from core.model.sighting import Activity, Event, Mark
from core.sync.digest import Digester
from core.sync.rejoin import base_link, intent_id, joined, rejoin
from tests.support.pictures import (
    ANNA,
    COMPANY,
    DIGESTER,
    MAILBOX,
    NOW,
    POLICY,
    activity,
    dead,
    decided,
    entry,
    event,
    linked,
    only,
    parked,
    written,
)

PAIR = Pair(COMPANY, ANNA)
SOURCE = activity(version="s1")


def intent_for(source: Activity | Event = SOURCE, link: Link | None = None) -> Intent:
    """The intent of what the table makes of an end that stands alone, or of an edit that outlives a deletion."""
    create = only(decided(link, *((source, None) if source.side is Side.SEVERA else (None, source))))
    assert isinstance(create, Create)
    name = intent_id(DIGESTER, PAIR, create.side, source.id, create.generation)
    base = base_link(source, create, link, POLICY, DIGESTER)
    return Intent(name, PAIR, create.side, source.id, base, NOW, NOW + timedelta(seconds=45))


def copy_of(generation: int = 0, name: str = "E", **changes: object) -> Event:
    """An event that carries our mark."""
    mark = DIGESTER.mark(COMPANY, MAILBOX, "A", generation)
    return replace(event(id=name), mark=mark, **changes)


def found(
    events: list[Event],
    intents: Sequence[Intent] = (),
    links: Sequence[Link] = (),
    mailbox: MailboxId = MAILBOX,
    digester: Digester = DIGESTER,
) -> dict[str, Link]:
    """What is recognized."""
    by_name, by_activity = {i.id: i for i in intents}, {link.activity: link for link in links}
    return rejoin(events, by_name, by_activity, POLICY, mailbox, digester)


# --- by intent --------------------------------------------------------------------------------------------------------
def test_answer_was_lost() -> None:
    """The event carries the intent's id: it is ours, with what the create sent as the base (P01)."""
    intent = intent_for()
    link = found([replace(event(), transaction=intent.id)], [intent])["E"]
    assert (link.activity, link.event, link.origin, link.uid) == ("A", "E", Side.SEVERA, "uid-E")
    assert decided(link, SOURCE, event()).operations == (Agree(),)


@pytest.mark.parametrize(
    ("severa", "microsoft", "side"),
    [(activity("Dinner"), event(), Side.MICROSOFT), (SOURCE, event("Dinner"), Side.SEVERA)],
)
def test_edited_before_the_answer_was_found(severa: Activity, microsoft: Event, side: Side) -> None:
    """No edit is lost, on whichever end it was made."""
    intent = intent_for()
    link = found([replace(microsoft, transaction=intent.id)], [intent])["E"]
    assert set(written(decided(link, severa, microsoft))) == {side}


def test_activity_that_was_made_from_an_event() -> None:
    """Severa can hold no mark, so events are no witnesses of it."""
    intent = intent_for(event())
    assert intent.side is Side.SEVERA
    assert found([replace(event(id="E2"), transaction=intent.id)], [intent]) == {}
    assert (joined(intent, "A7").activity, joined(intent, "A7").event) == ("A7", "E")


def test_event_of_somebody_else() -> None:
    """Outlook's own transactions say nothing."""
    assert found([replace(event(), transaction="localevent:1")], [intent_for()]) == {}
    assert found([event()], [intent_for()]) == {}


def test_revival_that_was_not_recorded() -> None:
    """The old link is still there, and lives; the intent is of a later generation, so the new event is its end."""
    link = linked()
    base = replace(linked("Dinner"), event="", generation=1)
    intent = Intent(intent_id(DIGESTER, PAIR, Side.MICROSOFT, "A", 1), PAIR, Side.MICROSOFT, "A", base, NOW, NOW)
    again = found([replace(event("Dinner", id="E2"), transaction=intent.id)], [intent], [link])
    assert (again["E2"].activity, again["E2"].generation) == ("A", 1)


def test_recorded_already() -> None:
    """The link has its event: another one with the same transaction is not it."""
    intent = intent_for()
    assert found([replace(event(id="E2"), transaction=intent.id)], [intent], [linked()]) == {}


def test_same_create_has_the_same_name() -> None:
    """However often it is tried; another source, side, pair or generation has another."""
    name = intent_id(DIGESTER, PAIR, Side.MICROSOFT, "A", 0)
    assert name == intent_id(DIGESTER, PAIR, Side.MICROSOFT, "A", 0)
    assert name.startswith("scs-")
    others = {
        intent_id(DIGESTER, PAIR, Side.MICROSOFT, "A", 1),
        intent_id(DIGESTER, PAIR, Side.MICROSOFT, "B", 0),
        intent_id(DIGESTER, PAIR, Side.SEVERA, "A", 0),
        intent_id(DIGESTER, replace(PAIR, user="bert"), Side.MICROSOFT, "A", 0),
        intent_id(DIGESTER, replace(PAIR, company="other"), Side.MICROSOFT, "A", 0),
    }
    assert len(others | {name}) == 6


# --- by mark ----------------------------------------------------------------------------------------------------------
def test_mark_without_an_intent() -> None:
    """The event is ours; what both hold now is compared as at a first match."""
    assert found([copy_of()]) == {"E": Link("A", "E", Side.SEVERA, uid="uid-E")}


def test_no_mark() -> None:
    """It is new."""
    assert found([event()]) == {}


@pytest.mark.parametrize(
    "state", [linked(), parked(linked()), parked(linked(), ParkReason.ARCHIVED, Side.MICROSOFT), dead(linked())]
)
def test_p04_copied_event(state: Link) -> None:
    """A copy carries the mark of a generation that has had its event: it is new."""
    assert found([copy_of(name="E2")], links=[state]) == {}


def test_p04_event_and_its_copy_after_a_crash() -> None:
    """Both carry the mark and none is linked yet: the older one is ours, the other is new."""
    ours, other = copy_of(name="E2", created=NOW), copy_of(name="E1", created=NOW + timedelta(hours=1))
    assert set(found([other, ours])) == {"E2"}
    assert set(found([ours, other])) == {"E2"}


def test_event_of_the_intent_before_one_with_the_mark_only() -> None:
    """The intent knows which of several events our request made, whatever their ages."""
    intent = intent_for()
    copied = copy_of(name="E1", created=NOW - timedelta(days=9))
    ours = copy_of(name="E2", created=NOW, transaction=intent.id)
    assert set(found([copied, ours], [intent])) == {"E2"}


@pytest.mark.parametrize("state", [linked(), dead(linked()), parked(linked(), ParkReason.ARCHIVED, Side.MICROSOFT)])
def test_mark_of_a_later_generation(state: Link) -> None:
    """A revival that was not recorded: the new event, and what the old link knew of types and origin."""
    earlier = replace(state, origin=Side.MICROSOFT, earlier_type="visit", given_type="personal")
    link = found([copy_of(1, "E2")], links=[earlier])["E2"]
    assert (link.generation, link.origin, link.earlier_type, link.given_type) == (
        1,
        Side.MICROSOFT,
        "visit",
        "personal",
    )


@pytest.mark.parametrize(
    "mark",
    [
        Digester(b"another key").mark(COMPANY, MAILBOX, "A", 0),
        DIGESTER.mark(CompanyId("other"), MAILBOX, "A", 0),
        DIGESTER.mark(COMPANY, MailboxId("other"), "A", 0),
        replace(DIGESTER.mark(COMPANY, MAILBOX, "A", 0), generation=1),
        replace(DIGESTER.mark(COMPANY, MAILBOX, "A", 0), activity="B"),
        replace(DIGESTER.mark(COMPANY, MailboxId("other"), "A", 0), mailbox=MAILBOX),
        replace(DIGESTER.mark(CompanyId("other"), MAILBOX, "A", 0), company=COMPANY),
        replace(DIGESTER.mark(COMPANY, MAILBOX, "A", 0), digest=""),
    ],
)
def test_p04_mark_that_is_not_ours(mark: Mark) -> None:
    """Of another company, mailbox or generation, or forged: it is no mark."""
    assert found([replace(event(), mark=mark)]) == {}


# --- what an intent keeps ---------------------------------------------------------------------------------------------
def test_base_of_a_newcomer() -> None:
    """Both sides as the create leaves them, the created end's id and version still empty."""
    base = intent_for().base
    assert (base.activity, base.event, base.generation) == ("A", "", 0)
    assert base.severa == End("s1", DIGESTER.fields(Side.SEVERA, entry()))
    assert base.microsoft == End("", DIGESTER.fields(Side.MICROSOFT, entry()))
    assert base.ends == entry().when.end


def test_base_of_an_event() -> None:
    """The type that it is about to get is remembered, and whether it shows its mask."""
    base = intent_for(event(entry(private=True), version="m1")).base
    assert (base.event, base.given_type, base.uid, base.masked) == ("E", "personal", "uid-E", False)
    create = only(decided(None, None, event(entry(private=True))))
    masked = base_link(event(entry(private=True)), create, None, replace(POLICY, personal_type=""), DIGESTER)
    assert masked.masked


def test_base_of_a_revival() -> None:
    """It keeps origin and types of the link that it takes the place of."""
    earlier = replace(linked(origin=Side.MICROSOFT, kind="meeting"), earlier_type="visit")
    create = Create(Side.MICROSOFT, only(decided(None, activity(), None)).draft, 5)
    link = base_link(activity(), create, earlier, POLICY, DIGESTER)
    assert (link.origin, link.generation, link.earlier_type, link.given_type) == (Side.MICROSOFT, 5, "visit", "meeting")
