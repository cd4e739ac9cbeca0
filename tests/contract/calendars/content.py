"""What the entries of the calendar contract hold."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import islice

from core.model.essence import Essence, essence
from core.model.exceptions import DateException
from core.model.expand import first_occurrences
from core.model.pattern import WEEKDAYS, Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import ClockTime, Series, WholeDays, series
from core.model.when import AllDay, Timed, When, timed
from tests.contract.calendars.harness import Harness

HOUR = timedelta(hours=1)
TEXTS = {
    "lines": "first\r\nsecond\r\n\r\nthird",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 lunch \u2615\ufe0f",
    "control": "bell\x07 escape\x1b[0m vertical\x0b",
    "right-to-left": "\u0644\u0642\u0627\u0621 \u05e9\u05dc\u05d5\u05dd \u202eabc\u202c",
    "markup": 'a < b & c > d <b>not bold</b> &amp; "quoted"',
    "decomposed": "a\u0308o\u0308 e\u0301",
    "blanks": "  two  spaces\t and\u00a0more \n\n\n\nend  ",
}


def soon(harness: Harness, days: int = 1) -> datetime:
    """Nine o'clock UTC, some days from now."""
    return (harness.now() + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)


def an_hour(harness: Harness, days: int = 1) -> Timed:
    """A timed stretch within the window."""
    return timed(soon(harness, days), soon(harness, days) + HOUR)


def wanted(subject: str, when: When, text: str = "", location: str = "", *, private: bool = False) -> Essence:
    """The content of an entry as the core would draft it."""
    return essence(subject, when, text, location, private=private)


def day(moment: datetime, days: int) -> date:
    """The date so many days after the moment's, in UTC."""
    return (moment + timedelta(days=days)).date()


def shapes(harness: Harness) -> dict[str, Essence]:
    """One entry of every kind."""
    start, first = soon(harness), soon(harness).date()
    return {
        "timed": wanted("timed", an_hour(harness)),
        "timed with everything": wanted("all", an_hour(harness), "line one\n\nline two", "Room 5, Helsinki"),
        "zero length": wanted("moment", timed(start, start)),
        "one day": wanted("day", AllDay(first, first + timedelta(days=1))),
        "three days": wanted("days", AllDay(first, first + timedelta(days=3)), "text", "place"),
        "over midnight": wanted("night", timed(start + 12 * HOUR, start + 20 * HOUR)),
        "private": wanted("doctor", an_hour(harness), "secret", "clinic", private=True),
    }


# --- series -----------------------------------------------------------------------------------------------------------
def clock(harness: Harness, start: str = "09:30", minutes: int = 60) -> ClockTime:
    """A time of day where the owner lives."""
    return ClockTime(time.fromisoformat(start), timedelta(minutes=minutes), harness.zone)


def recurring(
    harness: Harness,
    pattern: Pattern | None = None,
    at: ClockTime | WholeDays | None = None,
    *,
    days: int = 1,
    times: int | None = None,
    until: int | None = None,
) -> Series:
    """A series that begins some days from now, every other day if nothing else is said; `until` in days from then."""
    start = day(harness.now(), days)
    last = None if until is None else start + timedelta(days=until)
    return series(start, at or clock(harness), pattern or Daily(2), times=times, until=last)


RECURRENCES = (
    "some times", "without end", "weekdays until a day", "every other week on two days", "a day of the month",
    "the last day of the month", "the last Friday", "a day of the year", "a last Tuesday of March", "a whole day",
    "two whole days", "over midnight", "no length",
)  # fmt: skip
"""The names of `recurrences`."""


def recurrences(harness: Harness) -> dict[str, Series]:
    """A series of every kind that both sides can hold."""
    two = frozenset({Day.MONDAY, Day.THURSDAY})
    friday, tuesday = frozenset({Day.FRIDAY}), frozenset({Day.TUESDAY})
    found = (
        recurring(harness, times=5),
        recurring(harness, Daily()),
        recurring(harness, Weekly(1, WEEKDAYS), until=30),
        recurring(harness, Weekly(2, two), until=60),
        recurring(harness, MonthlyByDay(1, 15), times=4),
        recurring(harness, MonthlyByDay(1, 31), times=14),
        recurring(harness, MonthlyByWeekday(2, Ordinal.LAST, friday), times=3),
        recurring(harness, MonthlyByDay(12, day(harness.now(), 1).day), times=3),
        recurring(harness, MonthlyByWeekday(12, Ordinal.LAST, tuesday)),
        recurring(harness, Weekly(1, friday), WholeDays(), times=4),
        recurring(harness, Daily(3), WholeDays(2), times=4),
        recurring(harness, Daily(2), clock(harness, "22:00", 8 * 60), times=20),
        recurring(harness, Daily(), clock(harness, minutes=0), times=3),
    )
    return dict(zip(RECURRENCES, found, strict=True))


def dates_of(known: Series, number: int = 5) -> list[date]:
    """Its first original dates."""
    return [day for day, _ in islice(first_occurrences(known), number)]


def moved(held: DateException, by: timedelta) -> DateException:
    """What takes place on a date, at another time."""
    match held.when:
        case Timed(start, end, zone):
            when: Timed | AllDay | None = Timed(start + by, end + by, zone)
        case AllDay(first, until):
            when = AllDay(first + by, until + by)
        case _:
            when = None
    return DateException(held.day, when, held.subject, held.text, held.location)
