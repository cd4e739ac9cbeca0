"""What people do in Outlook."""

from __future__ import annotations

import random
from typing import Any

from tests.simulation.seen import Shown
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import did, fresh_times, fresh_words, is_settled, other_words, pick
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity


def _own_event(stage: Stage, person: Person, rng: random.Random) -> Event | None:
    """An event that a person may edit as a single one."""
    found = [e for e in stage.events(person) if e.recurrence is None and not e.attendees and e.is_organizer]
    picked: Event | None = pick(found, rng)
    return picked


def _event_id(event: Event) -> str:
    return event.immutable_id


def _change_event(stage: Stage, person: Person, event: Event, what: str, **changes: Any) -> None:
    before = stage.shown(person, event)
    after = stage.shown(person, stage.graph.people.edit_event(_event_id(event), **changes))
    stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", _event_id(event), after, before)
    did(stage, what, "microsoft", after)
    stage.tell(f"{person.name} {what} event {_event_id(event)[-6:]} {after}")


def outlook_create(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new event, now and then a private one or one in HTML."""
    new = fresh_words(stage, person, rng)
    make_event(stage, person, new, private=rng.random() < 0.2, html=rng.random() < 0.2)


def make_event(
    stage: Stage, person: Person, new: dict[str, Any], *, private: bool, html: bool = False, **others: Any
) -> None:
    """An event of these words."""
    body = f"<html><body><p>{new['text']}</p></body></html>" if html else new["text"]
    details: dict[str, Any] = {"body": body, "body_type": "html" if html else "text", "location": new["place"]}
    if private:
        details["sensitivity"] = "private"
    details |= others
    made = stage.graph.people.add_event(person.mailbox, new["subject"], new["start"], new["end"], **details)
    shown = stage.shown(person, stage.graph.people.event(made))
    stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", made, shown, None)
    stage.ledger.made[new["sign"]] += 1
    did(stage, "create", "microsoft", shown)
    stage.tell(f"{person.name} creates event {made[-6:]} {shown}")


def outlook_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words."""
    if (event := _own_event(stage, person, rng)) is not None:
        changes = other_words(stage, person, stage.shown(person, event), rng)
        names = {"subject": "subject", "text": "body", "place": "location"}
        _change_event(stage, person, event, "edits", **{names[k]: v for k, v in changes.items()})


def outlook_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time."""
    if (event := _own_event(stage, person, rng)) is not None:
        start, end = fresh_times(stage, rng)
        _change_event(stage, person, event, "moves", start=start, end=end)


def outlook_private(stage: Stage, person: Person, rng: random.Random) -> None:
    """Private, or not any more."""
    if (event := _own_event(stage, person, rng)) is not None:
        make_private(stage, person, event, "private" if event.sensitivity == "normal" else "normal")


def make_private(stage: Stage, person: Person, event: Event, to: str) -> None:
    """Another sensitivity."""
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
        delete_event(stage, person, event)


def delete_event(stage: Stage, person: Person, event: Event) -> None:
    """To Deleted Items; of what somebody else owns, it concerns oneself alone (R15)."""
    shown = stage.shown(person, event)
    if not owns(stage, person, event, shown):
        stage.ledger.left[shown.sign, person.name] = is_settled(stage, person, event, shown)
        stage.graph.people.delete_event(_event_id(event))
        stage.tell(f"{person.name} leaves by event {_event_id(event)[-6:]} {shown}")
        return
    settled = is_settled(stage, person, event, shown)
    did(stage, "delete", "microsoft", shown, settled=settled)
    if not settled:  # A date that was cancelled just before may not have been noticed: with the series, nobody can.
        stage.ledger.forget_dates(shown.sign)
    stage.ledger.wrote_over(shown.words)
    stage.graph.people.delete_event(_event_id(event))
    stage.tell(f"{person.name} deletes event {_event_id(event)[-6:]} {shown}")


def owns(stage: Stage, person: Person, event: Event, shown: Shown) -> bool:
    """Whether the person owns the event's activity; where none is linked, whether they made it."""
    activity = stage.partner(person, event)
    if isinstance(activity, Activity):
        return bool(activity.owner == person.user.guid)
    return not shown.sign or shown.sign.startswith(f"{person.name}.")


def outlook_restore(stage: Stage, person: Person, rng: random.Random) -> None:
    """Back from Deleted Items, whoever deleted it."""
    gone = [e for e in stage.graph.people.deleted_of(person.mailbox) if e.recurrence is None]
    if (event := pick(gone, rng)) is not None:
        back = stage.graph.people.restore_event(person.mailbox, event)
        if event.listed_id in stage.bared:
            stage.bared.add(_event_id(back))  # On an Exchange Server it has another id now.
        shown = stage.shown(person, back)
        stage.ledger.made[shown.sign] += 1
        did(stage, "restore", "microsoft", shown)
        stage.tell(f"{person.name} restores event {_event_id(back)[-6:]} {shown}")


def outlook_copy(stage: Stage, person: Person, rng: random.Random) -> None:
    """A copy carries everything, our mark too."""
    if (event := _own_event(stage, person, rng)) is not None:
        copy_event(stage, person, event)


def copy_event(stage: Stage, person: Person, event: Event) -> None:
    """A copy in the same calendar."""
    made = stage.graph.people.copy_event(_event_id(event))
    shown = stage.shown(person, stage.graph.people.event(made))
    stage.ledger.made[shown.sign] += 1
    did(stage, "copy", "microsoft", shown)
    stage.tell(f"{person.name} copies event {_event_id(event)[-6:]} to {made[-6:]} {shown}")


def outlook_rehome(stage: Stage, person: Person, rng: random.Random) -> None:
    """Through another store and back: other ids."""
    if (event := _own_event(stage, person, rng)) is not None:
        rehome_event(stage, person, event)


def rehome_event(stage: Stage, person: Person, event: Event) -> None:
    """Other ids."""
    made = stage.graph.people.rehome_event(_event_id(event))
    if _event_id(event) in stage.bared:
        stage.bared.add(made)
    stage.tell(f"{person.name} rehomes event {_event_id(event)[-6:]} to {made[-6:]}")


def outlook_purge(stage: Stage, person: Person, rng: random.Random) -> None:
    """Empties Deleted Items."""
    stage.graph.people.purge_deleted(person.mailbox)
    stage.tell(f"{person.name} empties Deleted Items")
