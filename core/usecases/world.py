"""What one run has at hand: its ports, calendars, policy and pen, and what it has seen so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from core.errors import Stop
from core.model.company import CompanySettings
from core.model.exceptions import DateException
from core.model.ids import MailboxId, Pair, Side, UserId
from core.model.operation import Note, Picture, Planned
from core.model.policy import NEWCOMER_AGE, Policy
from core.model.rows import Commit, Record
from core.model.sighting import Activity, Event, Snapshot
from core.model.state import Pending
from core.model.when import When, Window, covers
from core.ports import ActivityCalendar, MailboxCalendar, MicrosoftCompany, Ports, SeveraCompany
from core.sync.digest import Digester
from core.sync.series import as_remembered
from core.usecases.links import Links
from core.usecases.policy import build_policy
from core.usecases.recorder import READ_SECONDS, ROWS, Recorder
from core.usecases.report import Report

AHEAD = timedelta(days=730)
"""The reading window reaches 24 months ahead (R7)."""
SWITCH_CHECK = timedelta(seconds=10)
"""How long a run may go on after the company's switch was turned off (R5)."""
Key = tuple[Side, str]


@dataclass(slots=True)
class World:
    """One run.

    `run`: what locks are taken as. `switched_on`: since when the sync is on; `resumed`: it was off since the last
    comparison (R5). `seen`: sightings by side and id. `complete`: the window that a side was read through completely.
    `empty`: sides whose complete view showed none of what it should. `rows`: the pending rows that this run may settle;
    `aside`: those that wait. `compares`: both sides are read in full. `undecided`: what seems to be gone has to wait.
    `passive`: only what is shared is looked at, since the user's own switch is off, or the user is `away` (R3).
    `active`: whose switch is on, as far as it was asked for. `proven`: dates of series that listings show, too.
    """

    ports: Ports
    pair: Pair
    run: str
    settings: CompanySettings
    now: datetime
    digester: Digester
    mailbox: MailboxId
    company: SeveraCompany
    severa: ActivityCalendar
    microsoft: MailboxCalendar
    mailboxes: MicrosoftCompany
    recorder: Recorder
    links: Links
    report: Report
    switched_on: datetime | None = None
    resumed: bool = False
    seen: dict[Key, Activity | Event] = field(default_factory=dict)
    complete: dict[Side, Window] = field(default_factory=dict)
    empty: set[Side] = field(default_factory=set)
    rows: dict[Key, Pending] = field(default_factory=dict)
    aside: set[Key] = field(default_factory=set)
    compares: bool = False
    undecided: bool = False
    passive: bool = False
    away: bool = False
    active: frozenset[UserId] | None = None
    proven: set[tuple[str, DateException]] = field(default_factory=set)
    _policy: Policy | None = None
    _checked: datetime | None = None

    # --- the rules ----------------------------------------------------------------------------------------------------
    async def prepare(self) -> None:
        """Put the rules together. An idle run never needs them, and does not pay for them."""
        if self._policy is None:
            feed = await self.ports.companies.feed(self.pair.company)
            types = feed.types or await self.company.activity_types()
            self._policy = build_policy(self.pair, self.settings, self.recorder.state, types, self.now)

    async def check_switch(self) -> None:
        """The company's switch stops a run under way, too (R5): Stop within ten seconds of its turning off."""
        now = self.ports.clock.now()
        if now - (self._checked or self.now) < SWITCH_CHECK:
            return
        self._checked = now
        found = await self.ports.companies.settings(self.pair.company)
        if found is None or not found[0].enabled:
            raise Stop("company_off", whole_company=True)

    @property
    def policy(self) -> Policy:
        """The rules for this run; `prepare` comes first."""
        return cast("Policy", self._policy)

    # --- looking ------------------------------------------------------------------------------------------------------
    @property
    def window(self) -> Window:
        """What is read through: 30 days back, 24 months ahead (R7)."""
        return Window(self.now - NEWCOMER_AGE, self.now + AHEAD)

    def is_covered(self, side: Side, when: When) -> bool:
        """Whether that side was read completely over that time in this run."""
        window = self.complete.get(side)
        return window is not None and covers(window, when)

    async def view(self, side: Side, window: Window, *, series: bool = True) -> None:
        """See what a side holds in a window, without series if they do not matter; what was seen stays as seen."""
        await self.recorder.ensure(READ_SECONDS)
        snapshot: Snapshot[Activity] | Snapshot[Event]
        if side is Side.SEVERA:
            snapshot = await self.severa.view(window, series=series)
        else:
            snapshot = await self.microsoft.view(window, series=series)
        for sighting in snapshot.sightings:
            if (side, sighting.id) not in self.seen:
                self.seen[side, sighting.id] = await self.known(sighting)
        if snapshot.complete and series and window == self.window:
            self.complete[side] = window

    async def read(self, side: Side, entry: str) -> Activity | Event | None:
        """The entry as it is now; None proves nothing."""
        await self.recorder.ensure(READ_SECONDS)
        found: Activity | Event | None
        found = await (self.severa.read(entry) if side is Side.SEVERA else self.microsoft.read(entry))
        found = await self.known(found) if found is not None else None
        self._remember(side, entry, found)
        return found

    async def verify(self, side: Side, entry: str) -> Activity | Event | None:
        """None only where the deletion is proven (R19); then it counts as seen no more."""
        await self.recorder.ensure(READ_SECONDS)
        found: Activity | Event | None
        if side is Side.SEVERA:
            found = await self.severa.verify(entry, self._witness(entry))
        else:
            found = await self.microsoft.verify(entry, "")
        found = await self.known(found) if found is not None else None
        self._remember(side, entry, found)
        return found

    async def known(self, found: Activity | Event) -> Activity | Event:
        """The sighting, of a series in Severa with its exceptions on the dates that its link knows."""
        if not isinstance(found, Activity) or not found.essence.exceptions:
            return found
        link = await self.links.of(Side.SEVERA, found.id)
        return as_remembered(found, link, self.digester) if link is not None else found

    def _remember(self, side: Side, entry: str, found: Activity | Event | None) -> None:
        if found is not None:
            self.seen[side, entry] = found
        else:
            self.seen.pop((side, entry), None)

    def _witness(self, entry: str) -> str:
        """Another activity that is taken to be there: one that was seen just now, or one of a living link."""
        seen = (i for side, i in self.seen if side is Side.SEVERA and i != entry)
        linked = (link.activity for link in self.links.living() if link.missing is not Side.SEVERA)
        unsure = {i for side, i in self.rows if side is Side.SEVERA}
        return next(seen, "") or next((i for i in linked if i != entry and i not in unsure), "")

    def activities(self) -> list[Activity]:
        """Activities seen so far."""
        return [cast("Activity", s) for (side, _), s in self.seen.items() if side is Side.SEVERA]

    def events(self) -> list[Event]:
        """Events seen so far."""
        return [cast("Event", s) for (side, _), s in self.seen.items() if side is Side.MICROSOFT]

    def rows_of(self, picture: Picture) -> tuple[Pending, ...]:
        """The pending rows that an entry settles, and none of what has become another entry's since."""
        link = picture.link
        keys = [(side, picture.id_on(side)) for side in Side if link is None or not self.links.has_left(link, side)]
        return tuple(self.rows[key] for key in keys if key in self.rows)

    async def set_aside(self, rows: Sequence[Pending]) -> None:
        """Store rows that wait, for a time or for a person: this run has no more to say about them."""
        for start in range(0, len(rows), ROWS):
            await self.recorder.commit(Commit(pending=tuple(rows[start : start + ROWS])))
        for row in rows:
            self.undecided = self.undecided or ((row.gone or row.named) and not row.hold)
            self.aside.add((row.side, row.id))
            self.rows.pop((row.side, row.id), None)  # Its tag is another one now.

    # --- telling ------------------------------------------------------------------------------------------------------
    async def tell_of(self, rows: Sequence[Pending], notes: tuple[Note, ...], moment: str = "") -> None:
        """Write history about the entry that these rows are of."""
        ids = {row.side: row.id for row in rows}
        for row in rows[:1]:
            if (link := await self.links.of(row.side, row.id)) is not None:
                ids = {side: link.id_on(side) for side in Side}
        await self._append(ids, rows, notes, moment)

    async def tell(self, picture: Picture, notes: tuple[Note, ...], moment: str = "") -> None:
        """Write history about an entry."""
        await self._append({side: picture.id_on(side) for side in Side}, self.rows_of(picture), notes, moment)

    async def tell_once(self, end: Activity | Event, notes: tuple[Note, ...]) -> None:
        """Write history about an entry: one line however often it is looked at, and whatever its versions."""
        await self.tell_of([Pending(end.side, end.id, changed=end.created)], notes)

    async def tell_decision(self, planned: Planned) -> None:
        """History comes first: a losing value is kept before it is overwritten."""
        picture = planned.picture
        versions = [end.version for end in (picture.seen_activity, picture.seen_event) if end is not None]
        await self.tell(picture, planned.decision.notes, "|".join(versions))

    async def _append(self, ids: dict[Side, str], rows: Iterable[Pending], notes: Iterable[Note], moment: str) -> None:
        """The same thing told twice is one line: its id and its time come from what it is about, not from this run."""
        activity, event, at = ids.get(Side.SEVERA, ""), ids.get(Side.MICROSOFT, ""), self._when(rows)
        records = []
        for note in notes:
            # Dates of a series are lines of their own.
            what = (note.kind, note.code, activity, event, moment, *sorted(note.values))
            name = self.digester.of("record", *what)
            records.append(Record(name, at, note, activity, event))
            self.report.told[note.code] += 1
        if records:
            await self.ports.history.append(self.pair, records)

    def _when(self, rows: Iterable[Pending]) -> datetime:
        """When it came about: the latest change behind it, but nothing is older than the pair's first sync."""
        changes = [row.changed for row in rows if row.changed is not None]
        first = self.recorder.state.first_sync or self.now
        return max(first, *changes) if changes else self.now
