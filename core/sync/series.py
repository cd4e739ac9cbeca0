"""What a merge does with the dates of a series: whose exceptions stay, and what a mask hides of them. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import cast
from zoneinfo import ZoneInfo

from core.model.essence import Essence, Field, with_exceptions
from core.model.exceptions import DateException, day_of, name_of
from core.model.ids import Side
from core.model.link import Link
from core.model.recurrence import ClockTime, Series
from core.model.sighting import Activity
from core.model.stretch import AllDay, Stretch, Timed
from core.sync.digest import Digester


def as_merged(own: Essence | None, source: Essence, names: set[str]) -> Essence:
    """What a side is to hold: `names` from the source, all else as it is. A single entry's other fields do not matter.

    For a series all of it counts: a new pattern drops exceptions, and those that stay are written again (R17).
    """
    if own is None or not isinstance(source.when, Series):
        return source
    merged = Essence(
        source.subject if Field.SUBJECT in names else own.subject,
        source.when if Field.TIME in names else own.when,
        source.text if Field.TEXT in names else own.text,
        source.location if Field.LOCATION in names else own.location,
        source.private if Field.PRIVACY in names else own.private,
    )
    theirs = [one for one in source.exceptions if one.name in names]
    return with_exceptions(merged, [*(one for one in own.exceptions if one.name not in names), *theirs])


def dropped(own: Essence, target: Essence) -> dict[str, str]:
    """The exceptions, by name, whose dates are none of the target's."""
    return {one.name: one.spelling for one in own.exceptions if target.on(one.day) is None}


def unhidden(shown: Essence, hidden: Essence) -> Essence:
    """A masked series, as Severa shows it, with what its mask hides on each date: the mask itself is nobody's edit."""
    known = with_exceptions(replace(hidden, when=shown.when), [_unhidden(one, hidden) for one in shown.exceptions])
    return replace(shown, exceptions=known.exceptions)


def _unhidden(one: DateException, hidden: Essence) -> DateException:
    held = hidden.on(one.day)
    if one.when is None:
        return one
    if held is None or held.when is None:
        return replace(one, subject=hidden.subject, text=hidden.text, location=hidden.location)
    return replace(held, when=one.when)


def differing(held: Essence, wanted: Essence) -> list[str]:
    """The names of the dates on which they are not alike."""
    days = {one.day for one in (*held.exceptions, *wanted.exceptions)}
    return [name_of(day) for day in sorted(days) if held.exception(day) != wanted.exception(day)]


# --- which date is which ----------------------------------------------------------------------------------------------
def as_remembered(activity: Activity, link: Link, digester: Digester) -> Activity:
    """The series with its exceptions on the dates that the link knows, where Severa's rows allow that, too.

    No row of Severa says which date it was (facts/severa.md 1.7), so one that was moved beside a cancelled date is
    taken for that one. What is remembered of a date is what it still is, if all that takes place fits to it: a
    cancelled date does not come back by itself.
    """
    memory = {day: seal for name, seal in link.severa.digests.items() if (day := day_of(name)) is not None}
    held = {one.day: one for one in activity.essence.exceptions}
    if link.severa.digests.get(Field.TIME) == digester.field(Side.SEVERA, Field.TIME, activity.essence):
        held |= _those_that_came_back(activity.essence, memory, digester)  # A new time brings dates back itself.
    if all(_fits(one, day, memory, digester) for day, one in held.items() if day in memory):
        return activity
    changed = [one for one in held.values() if not one.is_cancelled]
    kept, off = dict[date, DateException](), len(held) - len(changed)
    for day in sorted(memory.keys() & held.keys()):
        found = next((one for one in (DateException(day), *changed) if _fits(one, day, memory, digester)), None)
        if found is not None:
            kept[day] = replace(found, day=day)
            changed = [one for one in changed if one is not found]
    if sum(one.is_cancelled for one in kept.values()) > off:
        return activity  # More dates were cancelled than are: it is another series by now.
    left = [day for day in held if day not in kept]
    kept |= {one.day: one for one in changed if one.day in left}
    for one in (one for one in changed if one.day not in left):
        nearest = min((day for day in left if day not in kept), key=lambda day: _apart(one, day))
        kept[nearest] = replace(one, day=nearest)
    cancelled = [DateException(day) for day in held if day not in kept]
    return replace(activity, essence=with_exceptions(activity.essence, [*cancelled, *kept.values()]))


def doubtful(activity: Activity, link: Link, digester: Digester) -> list[DateException]:
    """The dates that are cancelled, or on another day, but not as the link remembers them."""
    memory, series = link.severa.digests, cast("Series", activity.essence.when)
    news = (one for one in activity.essence.exceptions if memory.get(one.name) != _seal(one, one.day, digester))
    return [one for one in news if one.when is None or _begins_on(one.when, series) != one.day]


def _begins_on(when: Stretch, series: Series) -> date:
    """The day that clocks show then where the series is."""
    if isinstance(when, AllDay):
        return when.first
    zone = series.time.zone if isinstance(series.time, ClockTime) else when.zone
    return when.start.astimezone(ZoneInfo(zone)).date()


def _those_that_came_back(essence: Essence, memory: dict[date, str], digester: Digester) -> dict[date, DateException]:
    """Dates that are remembered as cancelled but are as the series says: another may be there."""
    off = [day for day in memory if essence.exception(day) is None and _fits(DateException(day), day, memory, digester)]
    return {day: plain for day in off if (plain := essence.on(day)) is not None}


def _fits(one: DateException, day: date, memory: dict[date, str], digester: Digester) -> bool:
    return _seal(one, day, digester) == memory[day]


def _seal(one: DateException, day: date, digester: Digester) -> str:
    return digester.of(Side.SEVERA, name_of(day), one.spelling)


def _apart(one: DateException, day: date) -> float:
    when = cast("Stretch", one.when)
    begins = when.start if isinstance(when, Timed) else datetime.combine(when.first, time(), UTC)
    return abs((begins - datetime.combine(day, time(), UTC)).total_seconds())
