"""Series as the clocks of Severa's owner tell them (R23): all comparison is in that zone. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.essence import Essence, with_exceptions
from core.model.exceptions import DateException
from core.model.sighting import Event
from core.model.when import Series
from core.sync import narrow


def by_owners_clocks(event: Event, zone: str) -> Event:
    """The event as an owner in that zone (IANA) would tell it.

    Its exceptions move with its dates. Where Severa can hold no likeness of it, it stays as it is, and says why.
    """
    when = event.essence.when
    if not isinstance(when, Series):
        return event
    likeness = narrow.on_severa(when, zone)
    if likeness.series is None:
        return replace(event, not_held=likeness.rules[0].value)
    days = (likeness.series.first - when.first).days
    told = tuple(rule.value for rule in likeness.rules)
    essence = _moved(replace(event.essence, when=likeness.series), event.essence, days)
    guests = tuple((day + timedelta(days=days), address) for day, address in event.guests)
    return replace(event, essence=essence, remarks=event.remarks + told, days_apart=days, guests=guests)


def _moved(after: Essence, before: Essence, days: int) -> Essence:
    return with_exceptions(after, [on_day(one, days) for one in before.exceptions])


def on_day(exception: DateException, days: int) -> DateException:
    """The same exception where dates are told so many days later."""
    return replace(exception, day=exception.day + timedelta(days=days))
