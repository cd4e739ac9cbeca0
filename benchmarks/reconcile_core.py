"""This service's core over calendars in memory: match, decide, record, as a first sync and as a full comparison.

A full comparison is the dearest run that there is: every entry's content is compared with what its link remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from benchmarks.reconcile_data import NOW, OWNER, TYPE, Entry
from core.adapters.graph import wire as graph
from core.adapters.severa import wire as severa
from core.model.ids import CompanyId, Side, UserId
from core.model.link import Link
from core.model.operation import Agree, Create, Picture, Planned, Update
from core.model.policy import ActivityType, Policy
from core.model.sighting import Activity, Category, Event
from core.sync.digest import Digester
from core.sync.match import match
from core.sync.merge import changed_fields
from core.sync.plan import plan
from core.sync.record import agreed
from core.sync.rejoin import base_link

ZONE = ZoneInfo("Europe/Helsinki")
DIGESTER = Digester(b"k" * 32)
POLICY = Policy(
    company=CompanyId("company"),
    user=UserId(OWNER),
    now=NOW,
    first_sync=NOW,
    default_type=TYPE,
    personal_type="",
    ticked=frozenset({TYPE}),
    types={TYPE: ActivityType(TYPE, "Meeting", Category.CALENDAR_ENTRY, is_default=True)},
)


@dataclass(slots=True)
class Calendars:
    """Both sides as sightings by id, and the links between them by either end's id."""

    activities: dict[str, Activity] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    made: int = 0

    def show(self, severa_rows: Iterable[bytes], graph_rows: Iterable[bytes]) -> None:
        """Take what the services' listings show, from their bytes."""
        for body in severa_rows:
            activity = severa.parse_activity(json.loads(body), ZONE)
            self.activities[activity.id] = activity
        for body in graph_rows:
            event = graph.event(json.loads(body))
            self.events[event.id] = event

    def edit(self, severa_entries: Iterable[Entry], graph_entries: Iterable[Entry]) -> None:
        """People edit: the subjects of some activities and of some other events."""
        named = {str(a.id)[-12:]: a for a in self.activities.values()}
        for entry in severa_entries:
            if (old := named.get(f"{entry.number:012d}")) is not None:
                new = severa.parse_activity(json.loads(entry.severa()), ZONE)
                self.activities[old.id] = replace(old, essence=new.essence, version=new.version)
        for entry in graph_entries:
            if (old_event := self.events.get(f"event-{entry.number}")) is not None:
                self.events[old_event.id] = graph.event(json.loads(entry.graph()))

    def sync(self, *, compares: bool = False) -> int:
        """One run over everything: what is unlinked is matched, what differs is decided on, carried out, recorded.

        `compares`: by content, as once a week, and not by version, as in a listing. How many writes it made.
        """
        pictures = [*self._changed(compares=compares), *self._newcomers()]
        writes = 0
        for planned in plan(pictures, POLICY, DIGESTER).entries:
            writes += self._carry_out(planned)
        return writes

    def _changed(self, *, compares: bool) -> list[Picture]:
        changed = []
        for activity in self.activities.values():
            link = self.links.get(activity.id)
            if link is None or not link.event:
                continue
            event = self.events[link.event]
            if not compares and (activity.version, event.version) == (link.severa.version, link.microsoft.version):
                continue
            moved = changed_fields(link, Side.SEVERA, activity.essence, DIGESTER)
            if moved or changed_fields(link, Side.MICROSOFT, event.essence, DIGESTER):
                changed.append(Picture(link, activity, event))
        return changed

    def _newcomers(self) -> list[Picture]:
        activities = [a for a in self.activities.values() if a.id not in self.links]
        events = [e for e in self.events.values() if e.id not in self.links]
        pairs = match(activities, events, POLICY)
        met = {end.id for pair in pairs for end in pair}
        matched = [Picture(Link(a.id, e.id, Side.MICROSOFT, uid=e.uid), a, e) for a, e in pairs]
        alone: list[Picture] = [Picture(None, a, None) for a in activities if a.id not in met]
        alone += [Picture(None, None, e) for e in events if e.id not in met]
        return [*matched, *alone]

    def _carry_out(self, planned: Planned) -> int:
        picture, writes = planned.picture, 0
        link, activity, event = picture.link, picture.seen_activity, picture.seen_event
        for operation in planned.decision.operations:
            if isinstance(operation, Create):
                activity, event = self._create(operation, activity, event)
                source = activity if operation.side is Side.MICROSOFT else event
                assert source is not None
                assert activity is not None
                assert event is not None
                base = base_link(source, operation, None, POLICY, DIGESTER)
                link = replace(base, activity=activity.id, event=event.id)
                writes += 1
            elif isinstance(operation, Update):
                if operation.side is Side.SEVERA and activity is not None:
                    activity = replace(activity, essence=operation.draft.essence, version=f"{activity.version}+")
                elif event is not None:
                    event = replace(event, essence=operation.draft.essence, version=f"{event.version}+")
                writes += 1
            elif not isinstance(operation, Agree):
                raise AssertionError(operation)  # noqa: TRY004 - of these entries nothing else can come
        assert link is not None
        assert activity is not None
        assert event is not None
        self.activities[activity.id], self.events[event.id] = activity, event
        link = agreed(link, activity, event, POLICY, DIGESTER)
        self.links[activity.id] = self.links[event.id] = link
        return writes

    def _create(
        self, operation: Create, activity: Activity | None, event: Event | None
    ) -> tuple[Activity | None, Event | None]:
        self.made += 1
        if operation.side is Side.MICROSOFT:
            return activity, Event(f"made-{self.made}", "1", operation.draft.essence, created=NOW, modified=NOW)
        made = Activity(
            f"30000000-0000-4000-8000-{self.made:012d}",
            "1",
            operation.draft.essence,
            operation.draft.type_id,
            Category.CALENDAR_ENTRY,
            POLICY.user,
            created=NOW,
            modified=NOW,
        )
        return made, event
