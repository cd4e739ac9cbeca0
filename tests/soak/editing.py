"""People who edit both their calendars, and how long it takes until the other one shows it."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from core.model.ids import Side
from core.model.operation import NoteKind
from core.model.rows import Record
from tests.soak.stage import Person, Stage

LOOK = 0.02
"""Seconds between two looks at what is waited for."""


@dataclass(slots=True)
class Edit:
    """One thing that a person did on `side`, on `time.monotonic`; `written` on the other side, 0 until then."""

    person: int
    side: Side
    kind: str
    made: float
    written: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.written - self.made


@dataclass(slots=True)
class Entry:
    """One entry as its person knows it. `edit` is what was done to it last, until it is written on the other side."""

    person: int
    name: str
    activity: str = ""
    event: str = ""
    edit: Edit | None = None


@dataclass(slots=True)
class Editing:
    """All the people; each entry is left alone until the other side shows its last edit.

    `lost` counts edits that lost a conflict, and whose person is told so.
    """

    stage: Stage
    chance: random.Random
    entries: list[Entry] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    lost: int = 0
    _announced: set[asyncio.Task[None]] = field(default_factory=set)
    _number: int = 0

    @property
    def waiting(self) -> list[Entry]:
        """Entries whose last edit is not on the other side yet."""
        return [entry for entry in self.entries if entry.edit is not None]

    # --- what people do -----------------------------------------------------------------------------------------------
    def do_something(self) -> None:
        """Somebody makes, changes or removes an entry on one of the sides."""
        who = self.chance.randrange(len(self.stage.people))
        side = self.chance.choice(tuple(Side))
        quiet = [entry for entry in self.entries if entry.person == who and entry.edit is None]
        if not quiet or self.chance.random() < 0.25:
            self._make(who, side)
        elif len(quiet) > 3 and self.chance.random() < 0.15:
            self._remove(self.chance.choice(quiet), side)
        else:
            self._change(self.chance.choice(quiet), side)

    def _make(self, who: int, side: Side) -> None:
        person, entry = self.stage.people[who], Entry(who, self._name())
        start = self._time()
        if side is Side.SEVERA:
            made = self.stage.severa.people.add_activity(
                person.user, entry.name, start, start + timedelta(hours=1), notes=f"Of {entry.name}"
            )
            entry.activity = made.guid
        else:
            entry.event = self.stage.graph.people.add_event(
                person.mailbox, entry.name, start, start + timedelta(hours=1), body=f"Of {entry.name}"
            )
        self.entries.append(entry)
        self._begin(entry, side, "made")

    def _change(self, entry: Entry, side: Side) -> None:
        entry.name = self._name()
        start = self._time()
        end = start + timedelta(minutes=30)
        if side is Side.SEVERA:
            self.stage.severa.people.edit_activity(
                entry.activity, name=entry.name, start=start, end=end, notes=f"Of {entry.name}"
            )
        else:
            self.stage.graph.people.edit_event(
                entry.event, subject=entry.name, start=start, end=end, body=f"Of {entry.name}"
            )
        self._begin(entry, side, "changed")

    def _remove(self, entry: Entry, side: Side) -> None:
        if side is Side.SEVERA:
            self.stage.severa.people.remove_activity(entry.activity)
        else:
            self.stage.graph.people.delete_event(entry.event)
        self._begin(entry, side, "removed")

    def _begin(self, entry: Entry, side: Side, kind: str) -> None:
        entry.edit = Edit(entry.person, side, kind, time.monotonic())
        self.edits.append(entry.edit)
        if side is Side.SEVERA:
            task = asyncio.create_task(self._announce(self.stage.people[entry.person], entry.activity))
            self._announced.add(task)
            task.add_done_callback(self._announced.discard)

    def _name(self) -> str:
        self._number += 1
        return f"Entry {self._number}"

    def _time(self) -> datetime:
        day = self.stage.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(days=self.chance.randrange(1, 200), minutes=15 * self.chance.randrange(96))

    async def _announce(self, person: Person, activity: str) -> None:
        """Severa's front end says what was changed, again and again until the service has heard it."""
        while not await self._say(person, f"activities/{activity}/changed"):  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.5)

    async def navigate(self) -> None:
        """Whoever waits for something goes on working in Severa: a message that died with a worker is sent anew."""
        people = {entry.person for entry in self.waiting}
        await asyncio.gather(*(self._say(self.stage.people[number], "presence") for number in people))

    async def _say(self, person: Person, what: str) -> bool:
        headers = {"Authorization": f"Bearer {self.stage.issuer.token(person.company.guid, person.user.guid)}"}
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient(trust_env=False, timeout=5, headers=headers) as client:
                return (await client.post(f"{self.stage.worker.url}/{what}")).is_success
        return False

    # --- what the other side shows ------------------------------------------------------------------------------------
    async def watch(self) -> None:
        """Note when each edit shows on the other side, for ever."""
        while True:
            for entry in self.waiting:
                if self._shows(entry):
                    self._done(entry)
            await asyncio.sleep(LOOK)

    def _shows(self, entry: Entry) -> bool:
        severa, graph, edit = self.stage.severa.people, self.stage.graph.people, entry.edit
        person = self.stage.people[entry.person]
        if edit is None:
            return False
        if edit.side is Side.MICROSOFT:
            if edit.kind == "removed":
                return not severa.exists(entry.activity)
            if edit.kind == "made":
                found = [one.guid for one in severa.activities_of(person.user) if one.name == entry.name]
                entry.activity = found[0] if found else ""
                return bool(found)
            return severa.exists(entry.activity) and severa.activity(entry.activity).name == entry.name
        if edit.kind == "removed":
            return not graph.event(entry.event).live
        if edit.kind == "made":
            shown = [one.immutable_id for one in graph.events_of(person.mailbox) if one.subject == entry.name]
            entry.event = shown[0] if shown else ""
            return bool(shown)
        return graph.event(entry.event).subject == entry.name

    def _done(self, entry: Entry) -> None:
        edit = entry.edit
        if edit is not None:
            edit.written, entry.edit = time.monotonic(), None
            if edit.kind == "removed":
                self.entries.remove(entry)

    async def give_up(self) -> None:
        """Nothing moves any more: an edit that lost against another one is over, if history tells its person so.

        It comes about where the worker died between a write and its record, and somebody edited the entry again before
        the next one came: then both sides had changed (R17), or an edit outlived a deletion (R18).
        """
        for entry in self.waiting:
            theirs = await self._told(entry)
            if any(line.note.kind is NoteKind.CONFLICT or line.note.code.startswith("revived") for line in theirs):
                entry.edit = None
                self.lost += 1

    async def _told(self, entry: Entry) -> list[Record]:
        pair, since = self.stage.people[entry.person].pair, self.stage.clock.now() - timedelta(days=1)
        lines = await self.stage.ports.history.read(pair, since, 1000)
        return [line for line in lines if entry.activity == line.activity or entry.event == line.event]

    async def explained(self, entry: Entry) -> str:
        """An entry that is waited for, and what its person was told of it."""
        said = [f"{line.note.kind.value} {line.note.code}" for line in await self._told(entry)]
        severa, graph = self.stage.severa.people, self.stage.graph.people
        activity = severa.activity(entry.activity).name if severa.exists(entry.activity) else "none"
        event = graph.event(entry.event).subject if entry.event else "none"
        return f"{entry.edit}: activity {activity}, event {event}, wanted {entry.name}; told {said}"


def differences(stage: Stage) -> list[str]:
    """What the two calendars of each person do not have in common, read from both services themselves."""
    found = []
    for person in stage.people:
        severa = sorted(
            (one.name, one.start, one.ends, one.notes or "") for one in stage.severa.people.activities_of(person.user)
        )
        graph = sorted(
            (one.subject, one.start, one.end, one.text) for one in stage.graph.people.events_of(person.mailbox)
        )
        found += [f"only in Severa: {one}" for one in severa if one not in graph]
        found += [f"only in Microsoft: {one}" for one in graph if one not in severa]
        if len(severa) != len(graph):
            found.append(f"{len(severa)} activities and {len(graph)} events")
    return found
