"""What a person sees of an entry, on either side: its words, when it is, and of a series what is on single dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.simulators.common.recurrence import Rule, placed
from tests.simulators.graph import recurrence as graph_recurrence
from tests.simulators.graph.event import Event
from tests.simulators.severa import series as severa_series
from tests.simulators.severa.model import Activity, ActivityType

WORD = re.compile(r"\b[a-z]+\d+\.[stl]\d+\b")
SIGN = re.compile(r"\[([a-z]+\d+\.e\d+)\]")
Span = tuple[str, str]
"""Start and end: instants as `...Z`, or dates. Of a series: its first and last date, and the time of day."""
AS_THE_SERIES = ("", "")
"""The span of a date of a series that was not moved."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of one entry, on either side."""

    subject: str
    text: str
    place: str
    span: Span
    private: bool
    dates: tuple[tuple[date, Shown | None], ...] = ()
    """Of a series: what is on the dates that are not as it says; None is nothing."""

    @property
    def words(self) -> frozenset[str]:
        """Every word of a person's in it; times are words, too, and so is what a series has on single dates."""
        return self.own_words.union(*(on.words for _, on in self.dates if on is not None))

    @property
    def own_words(self) -> frozenset[str]:
        """The same without single dates."""
        when = set() if self.span == AS_THE_SERIES else {" ".join(self.span)}
        return frozenset(WORD.findall(f"{self.subject} {self.text} {self.place}")) | when

    @property
    def sign(self) -> str:
        """Which entry it is, empty where its text is hidden."""
        found = SIGN.search(self.text)
        return found.group(1) if found else ""

    def __str__(self) -> str:
        dates = [f"{day:%m-%d}: {'off' if on is None else on}" for day, on in self.dates]
        what = f"{self.subject} | {self.text} | {self.place} | {' - '.join(self.span)}{' private' * self.private}"
        return f"({what}{' ' * bool(dates)}{', '.join(dates)})"


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def span_of(start: datetime | date, end: datetime | date) -> Span:
    """A span of instants, or of dates with an exclusive end."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _instant(start), _instant(end)
    return start.isoformat(), end.isoformat()


def series_span(rule: Rule, start: datetime | date, end: datetime | date) -> Span:
    """Of a series: its first and last date, and the time of day or the number of days; by the clocks of its zone."""
    last = rule.last()
    if isinstance(start, datetime) and isinstance(end, datetime):
        length = end.replace(tzinfo=None) - start.replace(tzinfo=None)
        at = f"{start:%H:%M:%S} +{length // timedelta(seconds=1)}"
    else:
        at = f"all-day {end.toordinal() - start.toordinal()}"
    return f"series {rule.first}..{last or 'endless'}", at


# --- in Microsoft -----------------------------------------------------------------------------------------------------
def event_times(event: Event) -> tuple[datetime | date, datetime | date]:
    """Start and end of an event, or its dates; by the clocks of its series where it is one."""
    if event.all_day:
        return event.start.date(), event.end.date()
    zone = event.series_zone or UTC
    return event.start.astimezone(zone), event.end.astimezone(zone)


def event_shown(event: Event, changed: Iterable[Event] = ()) -> Shown:
    """An event as its owner sees it; `changed` are a series' exceptions. One private date hides the whole (P59)."""
    private, dates = event.sensitivity != "normal", dict[date, Shown | None]()
    if event.recurrence is None:
        span = span_of(*event_times(event))
    else:
        span = series_span(graph_recurrence.rule_of(event.recurrence), *event_times(event))
        dates |= dict.fromkeys(event.cancelled)
        for one in changed:
            dates[_slot(one)] = None if one.is_cancelled else _date(event_shown(one), moved=_is_moved(event, one))
            private |= one.sensitivity != "normal"
    return Shown(event.subject, event.text, event.place, span, private, _in_order(dates))


def _slot(one: Event) -> date:
    if one.slot is None:
        raise ValueError("no date of a series")
    return one.slot.day


def _is_moved(series: Event, one: Event) -> bool:
    zone = UTC if series.all_day or series.series_zone is None else series.series_zone
    return (one.start, one.end, one.all_day) != (*placed(series.start, series.end, zone, _slot(one)), series.all_day)


# --- in Severa --------------------------------------------------------------------------------------------------------
def activity_times(activity: Activity, zone: ZoneInfo) -> tuple[datetime | date, datetime | date]:
    """Start and end of an activity by its owner's clocks, or its dates."""
    start, end = activity.start.astimezone(zone), activity.ends.astimezone(zone)
    return (start.date(), end.date()) if activity.all_day else (start, end)


def activity_shown(
    activity: Activity, zone: ZoneInfo, types: Mapping[str, ActivityType], changed: Iterable[Activity] = ()
) -> Shown:
    """An activity as its owner sees it; its type's category says whether it is private; `changed` as for an event."""
    times, dates = activity_times(activity, zone), dict[date, Shown | None]()
    if activity.series is None:
        span = span_of(*times)
    else:
        span = series_span(severa_series.rule(activity, zone), *times)
        dates |= dict.fromkeys(activity.series.cancelled)
        for one in changed:
            if one.original is not None:
                plain = severa_series.placed_on(activity, zone, one.original)
                moved = (one.start, one.ends, one.all_day) != (*plain, activity.all_day)
                dates[one.original] = _date(activity_shown(one, zone, types), moved=moved)
    private = types[activity.type].category in {"Personal", "Absences"}
    return Shown(activity.name, activity.notes or "", activity.location or "", span, private, _in_order(dates))


def _date(shown: Shown, *, moved: bool) -> Shown:
    span = shown.span if moved else AS_THE_SERIES
    return Shown(shown.subject, shown.text, shown.place, span, shown.private)


def _in_order(dates: dict[date, Shown | None]) -> tuple[tuple[date, Shown | None], ...]:
    return tuple((day, dates[day]) for day in sorted(dates))
