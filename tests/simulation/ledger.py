"""What people wrote, word by word, so that nothing of it can get lost unnoticed.

Every value that a person writes is a word that nobody else writes: `anna1.s7` is the 7th thing of Anna's, a subject.
A text begins with the entry's own sign, `[anna1.e3]`, which a person never removes and a copy keeps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from tests.simulation.seen import Shown


@dataclass(slots=True)
class Word:
    """A word, who wrote it when (seconds) into which entry; `over`: somebody saw it there and wrote over it."""

    person: str
    at: float
    side: str
    entry: str
    sign: str = ""
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
    """All words; how often each entry was made by a person; what happened to it last, and to single dates of it."""

    words: dict[str, Word] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    last: dict[str, Deed] = field(default_factory=dict)
    dates: dict[tuple[str, date], Deed] = field(default_factory=dict)
    touched: set[tuple[str, date, str]] = field(default_factory=set)
    holders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    left: dict[tuple[str, str], bool] = field(default_factory=dict)
    declined: dict[tuple[str, str, date | None], datetime | None] = field(default_factory=dict)
    """Who declined which meeting, or which date of it, when; None: before their pair had come upon it."""
    meetings: dict[str, Any] = field(default_factory=dict)
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
            self.wrote_over(before.own_words - shown.own_words)  # Dates may still show what they had of the series.
            self.wrote_over(before.words - shown.words)
        for word in shown.words - (before.words if before else frozenset()):
            self.words[word] = Word(person, at, side, entry, shown.sign)

    def forget_dates(self, sign: str) -> None:
        """A series has other times from now on."""
        for known in [one for one in self.dates if one[0] == sign]:
            del self.dates[known]

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
