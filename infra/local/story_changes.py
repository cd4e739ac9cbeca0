"""The story's second part: people edit and delete on both sides, and a cursor is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.model.operation import NoteKind
from core.model.rows import Record
from core.model.sighting import Category
from core.usecases.hints import note_activity_changed
from core.usecases.words import words
from infra.local.tale import Tale
from infra.local.twins import Twin, twins, when

RECENT = timedelta(days=6)
"""Entries that ended longer ago are not deleted on the other side (R19)."""


class Roles:
    """Who plays what: ordinary entries of the calendar, each used once."""

    def __init__(self, tale: Tale, linked: list[Twin]) -> None:
        now = tale.stage.now()
        self._tale = tale
        self._free = [twin for twin in linked if _is_ordinary(twin, now)]

    def take(self, wanted: Callable[[Twin], bool]) -> Twin:
        """One that is wanted, else any: the planted activities alone are enough for every role."""
        chosen = next(filter(wanted, self._free), self._free[0])
        self._free.remove(chosen)
        return chosen

    def from_file(self, twin: Twin) -> bool:
        """Born in Microsoft, and in no way known to Severa before."""
        return twin.link.event in self._tale.events and not self.matched(twin)

    def matched(self, twin: Twin) -> bool:
        """Known to both sides before the first sync."""
        return twin.link.activity in {activity.guid for activity in self._tale.planted.twins}

    def from_severa(self, twin: Twin) -> bool:
        """Born in Severa."""
        return twin.link.event not in self._tale.events


async def cast_roles(tale: Tale) -> Roles:
    """The entries that the following parts are about."""
    return Roles(tale, await twins(tale.stage))


async def tell_edits(tale: Tale, roles: Roles) -> None:
    """One entry is changed in Outlook, another in Severa."""
    tale.screen.chapter(
        f"Edits on both sides: one in Outlook, {tale.stage.cast.outlook.manner.noticed}; one in Severa, by the"
        " front end"
    )
    moved, noted = roles.take(roles.from_severa), roles.take(roles.from_file)
    severa, outlook, before = tale.stage.cast.severa.people, tale.stage.cast.outlook, tale.writes()
    hour = timedelta(hours=1)
    async with tale.served("The edits", notified=True):
        start, end = moved.event.start + hour, moved.event.end + hour
        outlook.edit_event(moved.link.event, {"start": start, "end": end, "place": "Meeting room Elm"})
        severa.edit_activity(noted.link.activity, notes="Moved up by the customer.\nTake the contract along.")
        await _front_end_names(tale, noted)
    after = {twin.link.event: twin for twin in await twins(tale.stage)}
    first, second = after[moved.link.event], after[noted.link.event]
    tale.screen.table(
        ("Edited in", "Entry", "What", "Now on the other side"),
        [
            (
                "Outlook",
                first.event.subject,
                f"moved from {when(moved.event)}, and a place",
                f"{when(first.activity)}, {first.activity.location}",
            ),
            ("Severa", second.event.subject, "a text", second.event.text),
        ],
    )
    wrote = tale.writes().since(before)
    tale.promise("Each edit reached the other side", held=not first.difference and not second.difference)
    tale.promise(
        "Each took one write, and the edited side was left alone", held=(wrote.severa, wrote.microsoft) == (1, 1)
    )


async def tell_conflict(tale: Tale, roles: Roles) -> None:
    """The same field gets two values; another field only one."""
    tale.screen.chapter(
        "A conflict: the same subject is changed on both sides within a minute, the place only in Severa"
    )
    twin = roles.take(roles.matched)
    subject, began = twin.event.subject[:200], tale.stage.now()
    mine, theirs = f"Agreed: {subject}", f"Urgent: {subject}"
    async with tale.served("The conflict", notified=True):
        tale.stage.cast.outlook.edit_event(twin.link.event, {"subject": mine})
        tale.stage.cast.severa.people.edit_activity(twin.link.activity, name=theirs, location="Satamakatu 1")
        await _front_end_names(tale, twin)
    after = next(t for t in await twins(tale.stage) if t.link.event == twin.link.event)
    tale.screen.table(
        ("Field", "In Severa", "In Outlook", "Now on both"),
        [
            ("subject", theirs, mine, after.activity.name),
            ("place", "Satamakatu 1", twin.event.place or "(not touched)", after.event.place),
        ],
    )
    kept = [
        r for r in await _history(tale, began) if r.note.kind is NoteKind.CONFLICT and theirs in r.note.values.values()
    ]
    for record in kept:
        tale.screen.say(
            f"History, {record.at:%H:%M} UTC: {words(record.note.code).sentence} The value that gave way in"
            f" {record.note.side.value.capitalize()}: {' '.join(record.note.values.values())!r}"
        )
    settled = after.activity.name == mine and after.event.place == "Satamakatu 1" and not after.difference
    tale.promise("Field by field: the one conflict was decided, the other field travelled", held=settled)
    tale.promise("The value that gave way is kept in history", held=len(kept) == 1)


async def tell_deletions(tale: Tale, roles: Roles) -> None:
    """One deletion on each side."""
    tale.screen.chapter("Deletions: one in Outlook, one in Severa; each is believed only when it is proven")
    stage, began = tale.stage, tale.stage.now()
    severa, outlook = stage.cast.severa, stage.cast.outlook
    there, here = roles.take(roles.from_file), roles.take(roles.from_severa)
    before, proofs = len(await twins(stage)), outlook.proofs()
    async with tale.served("The deletions", notified=True):
        outlook.delete_event(there.link.event)
        severa.people.remove_activity(here.link.activity)
        await _front_end_names(tale, here)
    gone = severa.requests.select("GET", here.link.activity, 404)
    tale.screen.say(f"{there.event.subject!r} {outlook.manner.proof}.")
    tale.screen.say(f"{here.event.subject!r} answers 404 in Severa, where another activity still answers by its id.")
    kept = {
        value
        for record in await _history(tale, began)
        if record.note.code == "deleted"
        for value in record.note.values.values()
    }
    followed = not severa.people.exists(there.link.activity) and not outlook.event(here.link.event).live
    proven = outlook.proofs() > proofs and bool(gone)
    tale.promise("Proven deletions reached the other side", held=followed and proven)
    tale.promise("Nothing else went with them", held=len(await twins(stage)) == before - 2)
    tale.promise("What was deleted can be read in history", held={there.event.subject, here.event.subject} <= kept)


async def tell_lost_cursor(tale: Tale) -> None:
    """Microsoft forgets where the service was in the mailbox's changes."""
    outlook, before = tale.stage.cast.outlook, tale.writes()
    tale.screen.chapter(
        f"A lost cursor: Microsoft no longer knows where we were ({outlook.manner.lost}), so everything is read"
        " once more"
    )
    lost, linked = outlook.lost(), len(await twins(tale.stage))
    async with tale.served("The full round", notified=True):
        outlook.lose_cursors(tale.stage.cast.anna.mailbox)
    refused = outlook.lost() - lost
    wrote = tale.writes().since(before)
    tale.screen.say(f"Answers {outlook.manner.lost}: {refused}; writes in the full round that followed: {sum(wrote)}.")
    same = len(await twins(tale.stage)) == linked
    tale.promise("A lost cursor costs a full round and nothing else", held=refused > 0 and sum(wrote) == 0 and same)


async def _front_end_names(tale: Tale, twin: Twin) -> None:
    pair = tale.stage.pair
    await note_activity_changed(tale.stage.ports, pair.company, pair.user, twin.link.activity)


async def _history(tale: Tale, since: datetime) -> tuple[Record, ...]:
    return await tale.stage.ports.history.read(tale.stage.pair, since)


def _is_ordinary(twin: Twin, now: datetime) -> bool:
    plain = twin.category == Category.CALENDAR_ENTRY and twin.event.sensitivity == "normal" and not twin.event.all_day
    alone = not twin.event.recurs and not twin.event.attendees
    return plain and alone and now - RECENT < twin.event.end < now + timedelta(days=300) and bool(twin.event.subject)
