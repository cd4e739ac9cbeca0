"""What people do, as a table: each action by name, how often it is done, and which kind of entries it is about.

An action looks for something to do it to when its moment comes; where there is nothing, it does nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from core.usecases.hints import note_activity_changed
from core.usecases.settings import save_settings
from core.usecases.switches import set_company_switch, set_user_switch
from tests.simulation.ledger import Deed, Shown, span_of
from tests.simulation.stage import Person, Stage
from tests.simulators.graph import exchange
from tests.simulators.graph.event import Event, Folder
from tests.simulators.severa.model import Activity
from tests.support.stage import MONDAY

SINGLES, SERIES, MEETINGS = "singles", "series", "meetings"
FIRST = MONDAY + timedelta(days=14)
"""From here on entries take place: none of them ends while a simulation runs."""
Act = Callable[[Stage, Person, random.Random], None]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that people do. `weight`: how often, against the others."""

    weight: int
    kind: str
    act: Act


# --- what is written --------------------------------------------------------------------------------------------------
def _times(stage: Stage, rng: random.Random) -> tuple[datetime | date, datetime | date]:
    """A span that nobody else has: mostly hours, sometimes days, sometimes long ago."""
    if rng.random() < 0.15:
        day = FIRST.date() + timedelta(days=stage.ledger.days())
        return day, day + timedelta(days=rng.choice((1, 1, 2)))
    start = FIRST + stage.ledger.minutes()
    if rng.random() < 0.08:
        start -= timedelta(days=rng.choice((16, 20, 25, 60)))
    return start, start + timedelta(minutes=rng.choice((5, 30, 60, 1500)))


def _fresh(stage: Stage, person: Person, rng: random.Random) -> dict[str, Any]:
    """A new entry's words."""
    sign, text = stage.ledger.word(person.name, "e"), stage.ledger.word(person.name, "t")
    start, end = _times(stage, rng)
    place = stage.ledger.word(person.name, "l") if rng.random() < 0.4 else ""
    return {
        "subject": stage.ledger.word(person.name, "s"),
        "text": f"[{sign}] {text}",
        "place": place,
        "start": start,
        "end": end,
        "sign": sign,
    }


def _edits(stage: Stage, person: Person, shown: Shown, rng: random.Random) -> dict[str, str]:
    """New words for one or two of the fields of an entry; its sign stays."""
    changes = {}
    for name in rng.sample(("subject", "text", "place"), rng.choice((1, 1, 2))):
        if name == "text":
            sign = f"[{shown.sign}] " if shown.sign else ""
            changes["text"] = f"{sign}{stage.ledger.word(person.name, 't')}"
        elif name == "place":
            changes["place"] = stage.ledger.word(person.name, "l") if rng.random() < 0.8 else ""
        else:
            changes["subject"] = stage.ledger.word(person.name, "s")
    return changes


def _did(stage: Stage, what: str, side: str, shown: Shown, *, settled: bool = False) -> None:
    if shown.sign:
        stage.ledger.last[shown.sign] = Deed(stage.loop.time(), what, side, settled)


def _pick(found: Sequence[Any], rng: random.Random) -> Any:
    return rng.choice(found) if found else None


# --- in Outlook -------------------------------------------------------------------------------------------------------
def _own_event(stage: Stage, person: Person, rng: random.Random) -> Event | None:
    """An event that a person may edit as a single one."""
    found = [e for e in stage.events(person) if e.recurrence is None and not e.attendees and e.is_organizer]
    picked: Event | None = _pick(found, rng)
    return picked


def _event_id(event: Event) -> str:
    return event.immutable_id


def _change_event(stage: Stage, person: Person, event: Event, what: str, **changes: Any) -> None:
    before = stage.shown(person, event)
    after = stage.shown(person, stage.graph.people.edit_event(_event_id(event), **changes))
    stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", _event_id(event), after, before)
    _did(stage, what, "microsoft", after)
    stage.tell(f"{person.name} {what} event {_event_id(event)[-6:]} {after}")


def outlook_create(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new event, now and then a private one or one in HTML."""
    new = _fresh(stage, person, rng)
    _make_event(stage, person, new, private=rng.random() < 0.2, html=rng.random() < 0.2)


def _make_event(stage: Stage, person: Person, new: dict[str, Any], *, private: bool, html: bool = False) -> None:
    body = f"<html><body><p>{new['text']}</p></body></html>" if html else new["text"]
    details: dict[str, Any] = {"body": body, "body_type": "html" if html else "text", "location": new["place"]}
    if private:
        details["sensitivity"] = "private"
    made = stage.graph.people.add_event(person.mailbox, new["subject"], new["start"], new["end"], **details)
    shown = stage.shown(person, stage.graph.people.event(made))
    stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", made, shown, None)
    stage.ledger.made[new["sign"]] += 1
    _did(stage, "create", "microsoft", shown)
    stage.tell(f"{person.name} creates event {made[-6:]} {shown}")


def outlook_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words."""
    if (event := _own_event(stage, person, rng)) is not None:
        changes = _edits(stage, person, stage.shown(person, event), rng)
        names = {"subject": "subject", "text": "body", "place": "location"}
        _change_event(stage, person, event, "edits", **{names[k]: v for k, v in changes.items()})


def outlook_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time."""
    if (event := _own_event(stage, person, rng)) is not None:
        start, end = _times(stage, rng)
        _change_event(stage, person, event, "moves", start=start, end=end)


def outlook_private(stage: Stage, person: Person, rng: random.Random) -> None:
    """Private, or not any more."""
    if (event := _own_event(stage, person, rng)) is not None:
        to = "private" if event.sensitivity == "normal" else "normal"
        _change_event(stage, person, event, f"makes {to}", sensitivity=to)
        if to == "normal":
            stage.bared.add(_event_id(event))


def outlook_touch(stage: Stage, person: Person, rng: random.Random) -> None:
    """A category: nothing that is synchronized."""
    if (event := _own_event(stage, person, rng)) is not None:
        _change_event(stage, person, event, "touches", categories=[rng.choice(("red", "blue"))])


def outlook_delete(stage: Stage, person: Person, rng: random.Random) -> None:
    """To Deleted Items."""
    if (event := _own_event(stage, person, rng)) is not None:
        shown = stage.shown(person, event)
        _did(stage, "delete", "microsoft", shown, settled=_is_settled(stage, person, event, shown))
        stage.ledger.wrote_over(shown.words)
        stage.graph.people.delete_event(_event_id(event))
        stage.tell(f"{person.name} deletes event {_event_id(event)[-6:]} {shown}")


def outlook_restore(stage: Stage, person: Person, rng: random.Random) -> None:
    """Back from Deleted Items, whoever deleted it."""
    gone = [e for e in person.mailbox.items().values() if e.folder is Folder.DELETED_ITEMS and e.recurrence is None]
    if (event := _pick(gone, rng)) is not None:
        world = stage.graph.people._world
        back = exchange.update(world, person.mailbox, event, {"folder": Folder.CALENDAR, "rest_id": event.listed_id})
        shown = stage.shown(person, back)
        stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", _event_id(back), shown, None)
        stage.ledger.made[shown.sign] += 1
        _did(stage, "restore", "microsoft", shown)
        stage.tell(f"{person.name} restores event {_event_id(back)[-6:]} {shown}")


def outlook_copy(stage: Stage, person: Person, rng: random.Random) -> None:
    """A copy carries everything, our mark too."""
    if (event := _own_event(stage, person, rng)) is not None:
        made = stage.graph.people.copy_event(_event_id(event))
        shown = stage.shown(person, stage.graph.people.event(made))
        stage.ledger.made[shown.sign] += 1
        _did(stage, "copy", "microsoft", shown)
        stage.tell(f"{person.name} copies event {_event_id(event)[-6:]} to {made[-6:]} {shown}")


def outlook_rehome(stage: Stage, person: Person, rng: random.Random) -> None:
    """Through another store and back: other ids."""
    if (event := _own_event(stage, person, rng)) is not None:
        made = stage.graph.people.rehome_event(_event_id(event))
        stage.tell(f"{person.name} rehomes event {_event_id(event)[-6:]} to {made[-6:]}")


def outlook_purge(stage: Stage, person: Person, rng: random.Random) -> None:
    """Empties Deleted Items."""
    stage.graph.people.purge_deleted(person.mailbox)
    stage.tell(f"{person.name} empties Deleted Items")


# --- in Severa --------------------------------------------------------------------------------------------------------
def _own_activity(stage: Stage, person: Person, rng: random.Random) -> Activity | None:
    found = [a for a in stage.activities(person) if a.series is None and a.original is None]
    picked: Activity | None = _pick(found, rng)
    return picked


def _change_activity(stage: Stage, person: Person, activity: Activity, what: str, **changes: Any) -> None:
    before = stage.shown(person, activity)
    after = stage.shown(person, stage.severa.people.edit_activity(activity.guid, **changes))
    stage.ledger.wrote(person.name, stage.loop.time(), "severa", activity.guid, after, before)
    _did(stage, what, "severa", after)
    if before.sign and (before.subject != after.subject or before.span != after.span):
        _may_double(stage, person, activity, before.sign)
    stage.tell(f"{person.name} {what} activity {activity.guid[-6:]} {after}")


def _may_double(stage: Stage, person: Person, activity: Activity, sign: str) -> None:
    """Known small window: an activity whose create's answer was lost, edited before it was found again."""
    state = stage.severa.people.state_of(person.user)
    if activity.created_by == state.api and activity.guid not in stage.linked(person):
        stage.ledger.may_double.add(sign)


def _make_activity(stage: Stage, person: Person, new: dict[str, Any], **details: Any) -> None:
    made = stage.severa.people.add_activity(
        person.user, new["subject"], new["start"], new["end"], all_day=not isinstance(new["start"], datetime),
        notes=new["text"], location=new["place"] or None, **details,
    )  # fmt: skip
    shown = stage.shown(person, made)
    stage.ledger.wrote(person.name, stage.loop.time(), "severa", made.guid, shown, None)
    stage.ledger.made[new["sign"]] += 1
    _did(stage, "create", "severa", shown)
    stage.tell(f"{person.name} creates activity {made.guid[-6:]} {shown}")


def _type(stage: Stage, person: Person, rng: random.Random) -> Any:
    names = ("CalendarEntry", "CalendarEntry", "CalendarEntry", "Personal", "Absences", "SalesEvent")
    return person.company.types[rng.choice([n for n in names if n in person.company.types])]


def severa_create(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new activity of any type but a project task's."""
    _make_activity(stage, person, _fresh(stage, person, rng), type=_type(stage, person, rng))


def severa_task(stage: Stage, person: Person, rng: random.Random) -> None:
    """A project task: never synchronized."""
    _make_activity(stage, person, _fresh(stage, person, rng), type=person.company.types["Task"])


def severa_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        changes = _edits(stage, person, stage.shown(person, activity), rng)
        names = {"subject": "name", "text": "notes", "place": "location"}
        _change_activity(stage, person, activity, "edits", **{names[k]: v for k, v in changes.items()})
        _word(stage, person, activity.guid, rng)


def severa_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        start, end = _times(stage, rng)
        whole = not isinstance(start, datetime)
        _change_activity(stage, person, activity, "moves", start=start, end=end, all_day=whole, has_duration=True)
        _word(stage, person, activity.guid, rng)


def severa_retype(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another type: private, not private, unticked."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        _change_activity(stage, person, activity, "retypes", type=_type(stage, person, rng))


def severa_touch(stage: Stage, person: Person, rng: random.Random) -> None:
    """Closed, or with work hours: nothing that is synchronized."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        _change_activity(stage, person, activity, "touches", **rng.choice(({"closed": True}, {"has_hours": True})))


def severa_delete(stage: Stage, person: Person, rng: random.Random) -> None:
    """For good; the front end says so more often than not."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        shown = stage.shown(person, activity)
        _did(stage, "delete", "severa", shown, settled=_is_settled(stage, person, activity, shown))
        stage.ledger.wrote_over(shown.words)
        stage.severa.people.remove_activity(activity.guid)
        stage.tell(f"{person.name} deletes activity {activity.guid[-6:]} {shown}")
        _word(stage, person, activity.guid, rng)


def _word(stage: Stage, person: Person, guid: str, rng: random.Random) -> None:
    """The front end's word that an activity was changed or removed."""
    if rng.random() < 0.6:
        pair = person.pair
        stage.host.call(lambda ports: note_activity_changed(ports, pair.company, pair.user, guid))


def severa_word(stage: Stage, person: Person, rng: random.Random) -> None:
    """The front end names an activity that was not changed."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        pair = person.pair
        stage.host.call(lambda ports: note_activity_changed(ports, pair.company, pair.user, activity.guid))


# --- on both sides ----------------------------------------------------------------------------------------------------
def twins(stage: Stage, person: Person, rng: random.Random) -> None:
    """The same entry by hand on both sides, as before a first sync."""
    new = _fresh(stage, person, rng)
    _make_event(stage, person, new, private=False)
    _make_activity(stage, person, new, type=person.company.types["CalendarEntry"])


def _is_settled(stage: Stage, person: Person, entry: Event | Activity, shown: Shown) -> bool:
    """Whether the other side shows the same, linked: then nothing but the deletion is on its way."""
    other = stage.partner(person, entry)
    if other is None:
        return False
    same = stage.shown(person, other)
    return same.words == shown.words and same.private == shown.private


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
    "outlook_create": Action(12, SINGLES, outlook_create),
    "outlook_edit": Action(12, SINGLES, outlook_edit),
    "outlook_move": Action(6, SINGLES, outlook_move),
    "outlook_private": Action(4, SINGLES, outlook_private),
    "outlook_touch": Action(2, SINGLES, outlook_touch),
    "outlook_delete": Action(5, SINGLES, outlook_delete),
    "outlook_restore": Action(2, SINGLES, outlook_restore),
    "outlook_copy": Action(2, SINGLES, outlook_copy),
    "outlook_rehome": Action(1, SINGLES, outlook_rehome),
    "outlook_purge": Action(1, SINGLES, outlook_purge),
    "severa_create": Action(12, SINGLES, severa_create),
    "severa_task": Action(1, SINGLES, severa_task),
    "severa_edit": Action(12, SINGLES, severa_edit),
    "severa_move": Action(6, SINGLES, severa_move),
    "severa_retype": Action(4, SINGLES, severa_retype),
    "severa_touch": Action(2, SINGLES, severa_touch),
    "severa_delete": Action(5, SINGLES, severa_delete),
    "severa_word": Action(1, SINGLES, severa_word),
    "twins": Action(3, SINGLES, twins),
    "log_out": Action(2, SINGLES, log_out),
    "switch": Action(1, SINGLES, switch),
    "company_switch": Action(1, SINGLES, company_switch),
    "ticks": Action(1, SINGLES, ticks),
    "rename": Action(1, SINGLES, rename),
}
"""Everything that people do. Series and meetings come in with kinds of their own."""


def weights(kinds: frozenset[str]) -> dict[str, int]:
    """The actions about these kinds of entries, with their weights."""
    return {name: action.weight for name, action in ACTIONS.items() if action.kind in kinds}


__all__ = ["ACTIONS", "MEETINGS", "SERIES", "SINGLES", "Action", "span_of", "weights"]
