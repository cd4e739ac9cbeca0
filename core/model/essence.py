"""What people would call an entry's content (R12), field by field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.model.exceptions import DateException, day_of
from core.model.expand import occurrence_on
from core.model.when import Series, When, canonical


class Field(StrEnum):
    """The fields that every entry has. A series has one more for each of its exceptions (core/model/exceptions.py)."""

    SUBJECT = "subject"
    TEXT = "text"
    LOCATION = "location"
    TIME = "time"
    PRIVACY = "privacy"


PLAIN: frozenset[str] = frozenset(Field)
"""The names of the fields that every entry has."""
_SUBJECT, _TEXT, _LOCATION, _TIME, _PRIVACY = (name.value for name in Field)
MASKABLE = frozenset({Field.SUBJECT, Field.TEXT, Field.LOCATION})
"""What a private entry hides where the other side cannot keep it private (R10)."""

_SPACE = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_UNPRINTABLE = frozenset({"Cc", "Cs"})
"""Control characters, and halves of surrogate pairs, which no provider can store."""
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\ufffe\uffff]")
"""Of no width; and two that are no characters, which XML, and so Exchange Web Services, cannot carry."""
_MOST_MARKS = 30
"""Marks on one letter, as in Unicode's stream-safe text (UAX #15, section 13): to order more of them takes quadratic
time, which strangers' texts are not given. No language has as many."""


def plain(text: str | None) -> str:
    """Text in the form that is compared: what providers do to white space and invisible characters is not an edit.

    CRLF becomes LF, runs of spaces one, more than one blank line one; control characters and invisible ones go. NFC
    comes after those, since what goes may have kept a letter and its accent apart.
    """
    lines = _INVISIBLE.sub("", text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in _UNPRINTABLE)
    composed = kept if _is_piled_up(kept) else unicodedata.normalize("NFC", kept)
    trimmed = "\n".join(_SPACE.sub(" ", line).strip() for line in composed.split("\n"))
    return _BLANK_LINES.sub("\n\n", trimmed).strip()


def _is_piled_up(text: str) -> bool:
    marks = 0
    for c in "" if text.isascii() else text:
        marks = marks + 1 if unicodedata.combining(c) else 0
        if marks > _MOST_MARKS:
            return True
    return False


def line(text: str | None) -> str:
    """A subject or a place in the form that is compared: one line, trimmed, single spaces."""
    return _SPACE.sub(" ", plain(text).replace("\n", " ")).strip()


def privacy(*, private: bool) -> str:
    """The one spelling of privacy that digests are made of and history shows."""
    return "private" if private else "normal"


@dataclass(frozen=True, slots=True)
class Essence:
    """The content of one entry as one side holds it. Subject and location are one line, text is plain text.

    `exceptions` are those of a series, by date, in normal form (`with_exceptions`).
    """

    subject: str
    when: When
    text: str = ""
    location: str = ""
    private: bool = False
    exceptions: tuple[DateException, ...] = ()

    def names(self) -> frozenset[str]:
        """The names of its fields, one for each exception among them."""
        return PLAIN | {exception.name for exception in self.exceptions} if self.exceptions else PLAIN

    def value(self, name: str) -> str:
        """One field in the spelling that digests are made of; empty for a date that is as the series says."""
        if (day := day_of(name)) is not None:
            found = self.exception(day)
            return found.spelling if found else ""
        if name == _TIME:
            return canonical(self.when)
        if name == _PRIVACY:
            return privacy(private=self.private)
        return {_SUBJECT: self.subject, _TEXT: self.text, _LOCATION: self.location}[name]

    def values(self) -> dict[str, str]:
        """Every field in that spelling, by its name."""
        values = {
            _SUBJECT: self.subject,
            _TEXT: self.text,
            _LOCATION: self.location,
            _TIME: canonical(self.when),
            _PRIVACY: privacy(private=self.private),
        }
        return values | {found.name: found.spelling for found in self.exceptions} if self.exceptions else values

    def exception(self, day: date) -> DateException | None:
        """What is different on that original date, if anything is."""
        return next((found for found in self.exceptions if found.day == day), None)

    def on(self, day: date) -> DateException | None:
        """What takes place on that original date, exception or not; None where the series has no such date."""
        when = occurrence_on(self.when, day) if isinstance(self.when, Series) else None
        plain_date = DateException(day, when, self.subject, self.text, self.location) if when else None
        return self.exception(day) or plain_date


def essence(subject: str | None, when: When, text: str | None, location: str | None, *, private: bool) -> Essence:
    """An essence in normal form from whatever a provider answered."""
    return Essence(line(subject), when, plain(text), line(location), private)


def with_exceptions(content: Essence, exceptions: Iterable[DateException]) -> Essence:
    """The series with these exceptions, and none besides, in normal form.

    What is on no date of the series, and what is just as the series says, is no exception.
    """
    bare = replace(content, exceptions=()) if content.exceptions else content
    kept = {found.day: found for found in exceptions if bare.on(found.day) not in {None, found}}
    return replace(bare, exceptions=tuple(kept[day] for day in sorted(kept))) if kept else bare


def with_exception(content: Essence, day: date, exception: DateException | None) -> Essence:
    """The series with this on that date instead: None is what the series says."""
    others = [found for found in content.exceptions if found.day != day]
    return with_exceptions(content, [*others, exception] if exception else others)
