"""The story's part about colleagues: they switch their sync on, share an activity, and one of them keeps a secret."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from core.model.sighting import Category
from core.usecases.work import ask_for_feed
from infra.local.cast import Person
from infra.local.outlook import ZONE, Event
from infra.local.tale import Scene, Tale
from infra.local.twins import Twin, starts, twins
from tests.simulators.severa import Activity

SHARED, SECRET, PLACE = "Harbour visit", "Physiotherapy", "Gate 3"
FEEDS = frozenset({"feeds"})
PERSONAL: str = Category.PERSONAL


async def tell_people(tale: Tale) -> None:
    """Mika and Kaisa join; what Mika keeps private stays so; what Anna shares with Mika is in both calendars."""
    tale.screen.chapter("Colleagues: Mika and Kaisa switch their own sync on; Anna shares an activity with Mika")
    stage, cast = tale.stage, tale.stage.cast
    anna, mika, kaisa = cast.everybody
    secret = cast.outlook.add_event(mika.mailbox, SECRET, *hours(tale, 7, 17), {"sensitivity": "private"})
    async with tale.served("The colleagues' first sync"):
        for person in (mika, kaisa):
            await stage.front_end(person).switch_on()
    made = cast.severa.people.add_activity(anna.user, SHARED, *hours(tale, 8, 9), participants=[mika.user])
    async with tale.served("The shared activity"):
        await stage.front_end(anna).activity_changed(made.guid, [mika])
    first = [_copy(events_named(tale, person, SHARED)) for person in (anna, mika, kaisa)]
    before = tale.writes()
    async with tale.served("The edit in Mika's calendar", mailboxes=[mika]):
        copy = events_named(tale, mika, SHARED)[0]
        cast.outlook.edit_event(copy.id, {"place": PLACE})
    async with tale.served("Severa's word of it", by=FEEDS):
        await ask_for_feed(stage.ports, stage.pair.company)
    wrote, shared = tale.writes().since(before), activities_named(tale, SHARED)
    private = next((t for t in await twins(stage, stage.pair_of(mika)) if t.link.event == secret), None)
    tale.screen.table(columns(tale, "Entry"), [row_of(tale, shared), row_of(tale, activities_named(tale, SECRET))])
    tale.screen.say(f"Mika gave {SHARED!r} a place in Outlook: {PLACE!r}, now in Severa and in Anna's Outlook.")
    places = [event.place for person in (anna, mika) for event in events_named(tale, person, SHARED)]
    tale.promise(
        "A shared activity has a copy in each holder's mailbox, without attendees, and in nobody else's",
        held=first == [True, True, False] and len(shared) == 1,
    )
    tale.promise(
        "An edit in one calendar reached the activity and the other calendar, by one write each",
        held=[one.location for one in shared] == [PLACE] == places[1:] == places[:1] and tuple(wrote) == (1, 1),
    )
    tale.promise("A private entry is Personal in Severa, and in its owner's calendar alone", held=_kept(tale, private))


def hours(tale: Scene, days: int, hour: int) -> tuple[datetime, datetime]:
    """An hour so many days from now, by Anna's clocks."""
    day = tale.stage.now().astimezone(ZONE).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), ZONE), datetime.combine(day, time(hour + 1), ZONE)


def events_named(tale: Tale, person: Person, subject: str) -> list[Event]:
    """What somebody's calendar holds of that subject."""
    return [one for one in tale.stage.cast.outlook.events_of(person.mailbox) if one.subject == subject]


def activities_named(tale: Tale, name: str) -> list[Activity]:
    """The company's activities of that name."""
    cast = tale.stage.cast
    return [
        one for person in cast.everybody for one in cast.severa.people.activities_of(person.user) if one.name == name
    ]


def columns(tale: Tale, first: str) -> tuple[str, ...]:
    """The names of what `row_of` shows."""
    return first, "Severa, owner first", *(f"Outlook, {person.name}" for person in tale.stage.cast.everybody)


def row_of(tale: Tale, activities: list[Activity]) -> tuple[str, ...]:
    """One entry side by side: when and whose in Severa, and how each mailbox holds it."""
    cast, (one, *_) = tale.stage.cast, activities
    guids = [one.owner, *(user.guid for user in cast.severa.people.participants_of(one.guid))]
    kind = next(kind for kind in cast.severa.people.types_of(cast.company) if kind.guid == one.type)
    whose = ", ".join(person.name for guid in guids for person in cast.everybody if person.user.guid == guid)
    private = f", {kind.name}" if kind.category == PERSONAL else ""
    held = (events_named(tale, person, one.name) for person in cast.everybody)
    return one.name, f"{_time(one)} {whose}{private}", *(", ".join(map(_held, events)) or "-" for events in held)


def _held(event: Event) -> str:
    how = "private" if event.sensitivity != "normal" else "copy"
    if event.attendees:
        how = "organizes" if event.is_organizer else "invited"
    return f"{_time(event)} {how}"


def _time(entry: Activity | Event) -> str:
    return f"{starts(entry).astimezone(ZONE):%a %H:%M}"


def _copy(events: list[Event]) -> bool:
    return len(events) == 1 and not events[0].attendees


def _kept(tale: Tale, twin: Twin | None) -> bool:
    others = [one for one in tale.stage.cast.everybody if one.name != "Mika"]
    elsewhere = [event for person in others for event in events_named(tale, person, SECRET)]
    return twin is not None and twin.category == PERSONAL and not twin.difference and not elsewhere
