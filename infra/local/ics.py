"""A calendar file (RFC 5545) for the local stage: read, moved to the present, put into a simulated mailbox."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median_low
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.cal.component import Component

from infra.local.ics_dates import Left, together
from infra.local.ics_entry import Entry, Unloadable, entry_of
from infra.local.outlook import Changes, Details, MailboxRefusedError, Outlook

MEGABYTE: Final = 1_000_000
LARGEST: Final = 5 * MEGABYTE
NEAREST: Final = 150
"""More entries than this make the demonstration long, not better: those nearest to the present are taken."""
PRESENT: Final = timedelta(days=30)
"""A file with an entry this near to the present is left where it is."""
WEEK: Final = timedelta(days=7)
REFUSED: Final = "the mailbox refuses it: {}"


class CalendarFileError(Exception):
    """The file cannot be used; the message says why, for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a file holds, by the start. `weeks`: by how many whole weeks it was moved; 0: it is as written.

    `kept_back` are the entries that cannot be put into the mailbox, as (why, subject); `remarks` are about some that
    can, in the same form; `far` is how many more there are, further away than the nearest 150. A changed date is part
    of its series, `dates` is how many there are, cancelled ones included.
    """

    entries: tuple[Entry, ...]
    weeks: int = 0
    kept_back: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    far: int = 0

    @property
    def dates(self) -> int:
        """Of all series."""
        return sum(len(entry.cancelled) + len(entry.changed) for entry in self.entries)


def load(path: Path, now: datetime, zone: ZoneInfo) -> CalendarFile:
    """The file at `path`, ready for a mailbox in `zone`; `now` is aware. Raises CalendarFileError."""
    found: list[Entry] = []
    kept_back: Left = []
    for component in _events(path):
        try:
            found.append(entry_of(component, zone))
        except Unloadable as reason:
            kept_back.append((reason.why, reason.subject))
    entries, left = together(found)
    remarks = [(remark, entry.subject) for entry in _all_of(entries) for remark in entry.remarks]
    weeks = _weeks(entries, now)
    moved = [entry.moved(WEEK * weeks) for entry in entries]
    near = sorted(moved, key=lambda entry: abs(entry.times.start_instant - now))[:NEAREST]
    near.sort(key=lambda entry: entry.times.start_instant)
    return CalendarFile(tuple(near), weeks, (*kept_back, *left), tuple(remarks), len(moved) - len(near))


def fill(outlook: Outlook, mailbox: str, file: CalendarFile) -> tuple[CalendarFile, frozenset[str]]:
    """Put the entries into the mailbox, as its owner would; the file as far as that went, and the events' ids.

    What the mailbox refuses is kept back, also where it is one date of a series.
    """
    placed, entries = [], []
    refused: Left = []
    for entry in file.entries:
        try:
            placed.append(_put(outlook, mailbox, entry))
        except MailboxRefusedError as refusal:
            refused.append((REFUSED.format(refusal), entry.subject))
        else:
            changed = tuple(one for one in entry.changed if _put_date(outlook, placed[-1], one, entry, refused))
            for day in entry.cancelled:
                outlook.cancel_date(placed[-1], day)
            entries.append(replace(entry, changed=changed))
    return replace(file, entries=tuple(entries), kept_back=(*file.kept_back, *refused)), frozenset(placed)


def _events(path: Path) -> list[Component]:
    try:
        calendars = Calendar.from_ical(_text(path), multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        said = "".join(c for c in " ".join(str(error).split())[:120] if c.isprintable())
        raise CalendarFileError(f"{path} is not a well-formed calendar file: {said or type(error).__name__}") from None
    if not calendars:
        raise CalendarFileError(f"{path} is not a well-formed calendar file: a BEGIN has no END.")
    if not events:
        raise CalendarFileError(f"{path} holds no events (VEVENT).")
    return events


def _text(path: Path) -> str:
    try:
        if not path.exists():
            raise CalendarFileError(f"{path} is not there.")
        if path.is_dir():
            raise CalendarFileError(f"{path} is a folder, not a calendar file.")
        if not path.is_file():
            raise CalendarFileError(f"{path} is not an ordinary file.")
        size = path.stat().st_size
        if size > LARGEST:
            limit = f"calendar files of up to {LARGEST // MEGABYTE} MB are taken"
            raise CalendarFileError(f"{path} is too large ({size / MEGABYTE:,.1f} MB): {limit}.")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CalendarFileError(f"{path} cannot be read: {reason}.") from None
    if not content.strip():
        raise CalendarFileError(f"{path} is empty.")
    return _decoded(content)


def _decoded(content: bytes) -> str:
    """RFC 5545 section 3.1.4 says UTF-8; some programs write something else."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace")


def _weeks(entries: list[Entry], now: datetime) -> int:
    """Whole weeks that bring the middle of the calendar into this week; none where it is about the present anyway."""
    counted = [entry for entry in entries if entry.recurrence is None] or entries
    if not counted or any(abs(entry.times.start_instant - now) <= PRESENT for entry in counted):
        return 0
    middle = median_low(entry.times.first_day for entry in counted)
    return (_monday(now.astimezone(UTC).date()) - _monday(middle)) // WEEK


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _all_of(entries: list[Entry]) -> list[Entry]:
    return [one for entry in entries for one in (entry, *(date_ for _, date_ in entry.changed))]


def _put(outlook: Outlook, mailbox: str, entry: Entry) -> str:
    details: Details = {
        "text": entry.text,
        "place": entry.place,
        "sensitivity": entry.sensitivity,
        "show_as": entry.show_as,
        "is_cancelled": entry.is_cancelled,
        "attendees": entry.attendees,
        "recurrence": entry.recurrence,
    }
    if entry.organizer:
        details["organizer"] = entry.organizer
    if entry.uid:
        details["uid"] = entry.uid
    return outlook.add_event(mailbox, entry.subject, entry.times.start, entry.times.end, details)


def _put_date(outlook: Outlook, series: str, changed: tuple[date, Entry], whole: Entry, refused: Left) -> bool:
    """Change one date of a series; False where the mailbox refuses it."""
    day, entry = changed
    changes: Changes = {
        "subject": entry.subject,
        "start": entry.times.start,
        "end": entry.times.end,
        "text": entry.text,
        "place": entry.place,
        "show_as": entry.show_as,
    }
    if entry.attendees != whole.attendees:
        changes["attendees"] = entry.attendees
    try:
        outlook.edit_date(series, day, changes)
    except MailboxRefusedError as refusal:
        refused.append((REFUSED.format(refusal), entry.subject))
        return False
    return True
