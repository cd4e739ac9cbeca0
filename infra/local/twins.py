"""What the two calendars hold of each entry, side by side, as their owner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from core.model.essence import line, plain
from core.model.link import Link, LinkState
from core.model.sighting import PRIVATE_CATEGORIES
from infra.local.cast import ZONE
from infra.local.stage import Stage
from tests.simulators.graph import Event
from tests.simulators.severa import Activity


@dataclass(frozen=True, slots=True)
class Twin:
    """A linked entry: the activity, the event, and the activity's type."""

    link: Link
    activity: Activity
    event: Event
    category: str
    type_name: str

    @property
    def difference(self) -> str:
        """In what the two differ, empty where they agree: subject, text, place, time, privacy."""
        severa, microsoft = self.activity, self.event
        pairs = {
            "subject": (line(severa.name), line(microsoft.subject)),
            "text": (plain(severa.notes), plain(microsoft.text)),
            "place": (line(severa.location), line(microsoft.place)),
            "all-day": (severa.all_day, microsoft.all_day),
            "start": (starts(severa), starts(microsoft)),
            "end": (_ends(severa), _ends(microsoft)),
            "privacy": (self.category in PRIVATE_CATEGORIES, microsoft.sensitivity != "normal"),
        }
        return ", ".join(name for name, (one, other) in pairs.items() if one != other)


def starts(entry: Activity | Event) -> datetime:
    """The start in UTC; of whole days their first midnight in the owner's zone."""
    if isinstance(entry, Event) and entry.all_day:
        return _midnight(entry.start)
    return entry.start.replace(microsecond=0)


def when(entry: Activity | Event) -> str:
    """When it takes place, in the owner's zone, as a table shows it."""
    local = starts(entry).astimezone(ZONE)
    return f"{local:%a %d %b}" if entry.all_day else f"{local:%a %d %b %H:%M}"


async def twins(stage: Stage) -> list[Twin]:
    """Every living link whose both ends are there, with what they hold now, by start."""
    severa, graph = stage.cast.severa.people, stage.cast.graph.people
    types = {kind.guid: kind for kind in severa.types_of(stage.cast.company)}
    found = []
    for link in await living(stage):
        event = graph.event(link.event)
        if severa.exists(link.activity) and event.live:
            activity = severa.activity(link.activity)
            kind = types[activity.type]
            found.append(Twin(link, activity, event, kind.category, kind.name))
    return sorted(found, key=lambda twin: (twin.activity.start, twin.activity.name))


async def living(stage: Stage) -> list[Link]:
    """Every living link."""
    return [link for link in await stage.ports.pairs.links(stage.pair) if link.state is LinkState.LIVE]


def _ends(entry: Activity | Event) -> datetime:
    if isinstance(entry, Event):
        return _midnight(entry.end) if entry.all_day else entry.end.replace(microsecond=0)
    return entry.ends.replace(microsecond=0)


def _midnight(day: datetime) -> datetime:
    return datetime.combine(day.date(), time(), ZONE).astimezone(UTC)
