"""What people wrote, word by word, so that nothing of it can get lost unnoticed.

Every value that a person writes is a word that nobody else writes: `anna1.s7` is the 7th thing of Anna's, a subject.
A text begins with the entry's own sign, `[anna1.e3]`, which a person never removes and a copy keeps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity

WORD = re.compile(r"\b[a-z]+\d+\.[stl]\d+\b")
SIGN = re.compile(r"\[([a-z]+\d+\.e\d+)\]")
Span = tuple[str, str]
"""Start and end: instants as `...Z`, or dates."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of one entry, on either side."""

    subject: str
    text: str
    place: str
    span: Span
    private: bool

    @property
    def words(self) -> frozenset[str]:
        """Every word of a person's in it; times are words, too."""
        return frozenset(WORD.findall(f"{self.subject} {self.text} {self.place}")) | {" ".join(self.span)}

    @property
    def sign(self) -> str:
        """Which entry it is, empty where its text is hidden."""
        found = SIGN.search(self.text)
        return found.group(1) if found else ""


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def span_of(start: datetime | date, end: datetime | date) -> Span:
    """A span of instants, or of dates with an exclusive end."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _instant(start), _instant(end)
    return start.isoformat(), end.isoformat()


def event_shown(event: Event) -> Shown:
    """An event as its owner sees it."""
    span = span_of(event.start.date(), event.end.date()) if event.all_day else span_of(event.start, event.end)
    return Shown(event.subject, event.text, event.place, span, event.sensitivity != "normal")


def activity_shown(activity: Activity, zone: ZoneInfo, category: str) -> Shown:
    """An activity as its owner sees it; its category says whether it is private."""
    end = activity.end or activity.start
    if activity.all_day:
        span = span_of(activity.start.astimezone(zone).date(), end.astimezone(zone).date())
    else:
        span = span_of(activity.start, end)
    private = category in {"Personal", "Absences"}
    return Shown(activity.name, activity.notes or "", activity.location or "", span, private)


@dataclass(slots=True)
class Word:
    """A word, who wrote it when (seconds) into which entry; `over`: somebody saw it there and wrote over it."""

    person: str
    at: float
    side: str
    entry: str
    over: bool = False
    excused: str = ""


@dataclass(slots=True)
class Deed:
    """The last thing that a person did to an entry: seconds, what, and whether both sides showed the same then."""

    at: float
    what: str
    side: str
    settled: bool = False


@dataclass(slots=True)
class Ledger:
    """All words; how often each entry was made by a person; what happened to it last."""

    words: dict[str, Word] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    last: dict[str, Deed] = field(default_factory=dict)
    may_double: set[str] = field(default_factory=set)
    excused: Counter[str] = field(default_factory=Counter)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _days: count[int] = field(default_factory=lambda: count(0))

    def word(self, person: str, kind: str) -> str:
        """A fresh word: `s` subject, `t` text, `l` place, `e` the sign of an entry."""
        return f"{person}.{kind}{next(self._numbers)}"

    def minutes(self) -> timedelta:
        """A fresh time of day and day, for a span that nobody else has."""
        return timedelta(minutes=11 * next(self._days))

    def days(self) -> int:
        """A fresh number of days."""
        return next(self._days)

    def wrote(self, person: str, at: float, side: str, entry: str, shown: Shown, before: Shown | None) -> None:
        """A person made an entry (`before` is None) or edited it: what they saw and changed, they wrote over."""
        if before is not None:
            self.wrote_over(before.words - shown.words)
        for word in shown.words - (before.words if before else frozenset()):
            self.words[word] = Word(person, at, side, entry)

    def wrote_over(self, words: Iterable[str]) -> None:
        """Somebody saw these words and changed or deleted them."""
        for word in words:
            if word in self.words:
                self.words[word].over = True

    def excuse(self, words: Iterable[str], since: float, why: str) -> None:
        """Of these words, those that came after `since` may be lost: the documented small window."""
        for name in words:
            word = self.words.get(name)
            if word is not None and word.at >= since and not word.excused:
                word.excused = why
                self.excused[why] += 1
