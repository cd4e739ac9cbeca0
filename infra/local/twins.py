"""What the two calendars hold of each entry, side by side, as their owner sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.model.essence import line, plain
from core.model.ids import Pair
from core.model.link import Link, LinkState
from core.model.sighting import PRIVATE_CATEGORIES
from infra.local.occurring import Date, dates_of_activity, dates_of_event, differ
from infra.local.outlook import ZONE, Event
from infra.local.stage import Stage
from tests.simulators.severa import Activity


@dataclass(frozen=True, slots=True)
class Twin:
    """A linked entry: the activity, the event, and the activity's type; of a series the dates about now on each side.

    `seen` is when that was.
    """

    link: Link
    activity: Activity
    event: Event
    category: str
    type_name: str
    seen: datetime
    severa: tuple[Date, ...] = ()
    microsoft: tuple[Date, ...] = ()

    @property
    def is_series(self) -> bool:
        """Whether it recurs on both sides."""
        return self.activity.recurrence is not None and self.event.recurs

    @property
    def difference(self) -> str:
        """In what the two differ, empty where they agree: subject, text, place, time or dates, privacy."""
        severa, microsoft = self.activity, self.event
        pairs: dict[str, tuple[object, object]] = {
            "subject": (line(severa.name), line(microsoft.subject)),
            "text": (plain(severa.notes), plain(microsoft.text)),
            "place": (line(severa.location), line(microsoft.place)),
            "all-day": (severa.all_day, microsoft.all_day),
            "recurring": (severa.recurrence is not None, microsoft.recurs),
            "privacy": (self.category in PRIVATE_CATEGORIES, microsoft.sensitivity != "normal"),
        }
        if self.is_series:
            pairs["dates"] = differ(microsoft, [*self.severa], [*self.microsoft], self.seen), False
        else:
            pairs |= {
                "start": (starts(severa), starts(microsoft)),
                "end": (_ends(severa), _ends(microsoft)),
            }
        return ", ".join(name for name, (one, other) in pairs.items() if one != other)


def starts(entry: Activity | Event) -> datetime:
    """The start in UTC; of whole days their first midnight in the owner's zone."""
    return entry.start.replace(microsecond=0)


def when(entry: Activity | Event) -> str:
    """When it takes place, in the owner's zone, as a table shows it; three dots follow the first date of a series."""
    recurs = entry.recurs if isinstance(entry, Event) else entry.recurrence is not None
    local, on = starts(entry).astimezone(ZONE), " ..." if recurs else ""
    return f"{local:%a %d %b}{on}" if entry.all_day else f"{local:%a %d %b %H:%M}{on}"


async def twins(stage: Stage, pair: Pair | None = None) -> list[Twin]:
    """Every living link of a pair (Anna's) whose both ends are there, with what they hold now, by start."""
    severa, outlook = stage.cast.severa.people, stage.cast.outlook
    types = {kind.guid: kind for kind in severa.types_of(stage.cast.company)}
    found = []
    for link in await living(stage, pair):
        event = outlook.event(link.event)
        if severa.exists(link.activity) and event.live:
            activity = severa.activity(link.activity)
            kind, now = types[activity.type], stage.now()
            twin = Twin(link, activity, event, kind.category, kind.name, now)
            if twin.is_series:
                twin = replace(
                    twin,
                    severa=tuple(dates_of_activity(stage.cast, activity, now)),
                    microsoft=tuple(dates_of_event(stage.cast, event, now)),
                )
            found.append(twin)
    return sorted(found, key=lambda twin: (twin.activity.start, twin.activity.name))


async def living(stage: Stage, pair: Pair | None = None) -> list[Link]:
    """Every living link of a pair (Anna's)."""
    return [link for link in await stage.ports.pairs.links(pair or stage.pair) if link.state is LinkState.LIVE]


def _ends(entry: Activity | Event) -> datetime:
    return (entry.end if isinstance(entry, Event) else entry.ends).replace(microsecond=0)
