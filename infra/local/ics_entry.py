"""One event of a calendar file, in the terms of a mailbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar.cal.component import Component

from core.model.essence import line, plain
from infra.local.ics_series import SeriesError, excluded_dates, moved_date, moved_recurrence, recurrence_of
from infra.local.ics_times import Times, TimesError, moment_of, times_of

LONGEST_LINE: Final = 255
"""Exchange holds no longer subject or place (facts/microsoft.md A4)."""
SENSITIVITIES: Final = {"PRIVATE": "private", "CONFIDENTIAL": "confidential"}
BUSY: Final = {"FREE": "free", "TENTATIVE": "tentative", "OOF": "oof", "WORKINGELSEWHERE": "workingElsewhere"}
ADDRESS: Final = re.compile(r"[^@\s:<>]+@[^@\s:<>]+")


class Unloadable(ValueError):
    """The event cannot be put into a mailbox, and why, in words."""

    def __init__(self, why: str, subject: str) -> None:
        super().__init__(why)
        self.why, self.subject = why, subject


@dataclass(frozen=True, slots=True)
class Entry:
    """An event before it is in a mailbox. `recurrence` is Graph's JSON; no `organizer` means the mailbox's owner.

    Of a series, `cancelled` are the original dates that do not take place, `changed` those on which something else
    does. `original` is the date or moment of a series that the event itself stands for.
    """

    subject: str
    times: Times
    text: str = ""
    place: str = ""
    sensitivity: str = "normal"
    show_as: str = "busy"
    is_cancelled: bool = False
    attendees: tuple[str, ...] = ()
    organizer: str = ""
    uid: str = ""
    recurrence: Mapping[str, Any] | None = None
    cancelled: tuple[date, ...] = ()
    changed: tuple[tuple[date, Entry], ...] = ()
    original: date | None = None
    remarks: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`series`, `meeting`, `cancelled`, else `single`."""
        if self.recurrence is not None:
            return "series"
        return "meeting" if self.attendees else "cancelled" if self.is_cancelled else "single"

    def moved(self, by: timedelta) -> Entry:
        """The entry some whole days later."""
        times, before = self.times.moved(by), self.recurrence
        if before is None:
            return replace(self, times=times)
        after = moved_recurrence(before, times, by)
        days = {day: moved_date(before, after, day) for day in (*self.cancelled, *(day for day, _ in self.changed))}
        return replace(
            self,
            times=times,
            recurrence=after,
            cancelled=tuple(days[day] for day in self.cancelled),
            changed=tuple((days[day], one.moved(days[day] - day)) for day, one in self.changed),
        )


def entry_of(event: Component, zone: ZoneInfo) -> Entry:
    """The event; its floating times are meant in `zone`. Raises Unloadable."""
    subject = line(_text(event, "SUMMARY"))
    try:
        times, original = times_of(event, zone), _original(event, zone)
        recurrence, repaired = (None, "") if original else recurrence_of(event, times)
        cancelled = excluded_dates(event, times, zone) if recurrence else ()
    except (TimesError, SeriesError) as reason:
        raise Unloadable(str(reason), subject) from None
    attendees = tuple(filter(None, map(_address, _all(event, "ATTENDEE"))))
    organizer = _address(event.get("ORGANIZER")) if attendees else ""
    remarks = [times.remark, repaired, "its subject was too long" if len(subject) > LONGEST_LINE else ""]
    return Entry(
        subject=subject[:LONGEST_LINE].rstrip(),
        times=times,
        text=plain(_text(event, "DESCRIPTION")),
        place=line(_text(event, "LOCATION"))[:LONGEST_LINE].rstrip(),
        sensitivity=SENSITIVITIES.get(_text(event, "CLASS").upper(), "normal"),
        show_as=_show_as(event),
        is_cancelled=_text(event, "STATUS").upper() == "CANCELLED",
        attendees=attendees,
        organizer=organizer,
        uid=_text(event, "UID"),
        recurrence=recurrence,
        cancelled=cancelled,
        original=original,
        remarks=tuple(filter(None, remarks)),
    )


def _original(event: Component, zone: ZoneInfo) -> date | None:
    """RFC 5545 section 3.8.4.4."""
    original, _ = moment_of(event, "RECURRENCE-ID", zone)
    if original is not None and "RANGE" in event["RECURRENCE-ID"].params:
        raise TimesError("it changes a date of a series and all that follow, in a way that Exchange cannot hold")
    return original


def _show_as(event: Component) -> str:
    written = _text(event, "X-MICROSOFT-CDO-BUSYSTATUS").upper()
    return BUSY.get(written, "free" if _text(event, "TRANSP").upper() == "TRANSPARENT" else "busy")


def _all(event: Component, name: str) -> list[object]:
    found = event.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]


def _text(event: Component, name: str) -> str:
    """The first of them, should a property that may come once come twice."""
    found = _all(event, name)
    return str(found[0]) if found else ""


def _address(given: object) -> str:
    text = str(given or "").strip()
    address = text[7:] if text[:7].lower() == "mailto:" else text
    return address if ADDRESS.fullmatch(address) else ""
