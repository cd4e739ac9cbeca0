"""What the entries of the calendar contract hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.model.essence import Essence, essence
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
