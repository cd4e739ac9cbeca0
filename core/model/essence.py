"""What people would call an entry's content (R12), field by field."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from core.model.when import When, canonical


class Field(StrEnum):
    """The fields of the essence. Links keep digests by field name: a later field (an exception by its date) fits in."""

    SUBJECT = "subject"
    TEXT = "text"
    LOCATION = "location"
    TIME = "time"
    PRIVACY = "privacy"


MASKABLE = frozenset({Field.SUBJECT, Field.TEXT, Field.LOCATION})
"""What a private entry hides where the other side cannot keep it private (R10)."""

_SPACE = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_UNPRINTABLE = frozenset({"Cc", "Cs"})
"""Control characters, and halves of surrogate pairs, which no provider can store."""
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")


def plain(text: str | None) -> str:
    """Text in the form that is compared: what providers do to white space and invisible characters is not an edit.

    CRLF becomes LF, runs of spaces one, more than one blank line one; control characters and invisible ones go. NFC
    comes after those, since what goes may have kept a letter and its accent apart.
    """
    lines = _INVISIBLE.sub("", text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in _UNPRINTABLE)
    composed = unicodedata.normalize("NFC", kept)
    trimmed = "\n".join(_SPACE.sub(" ", line).strip() for line in composed.split("\n"))
    return _BLANK_LINES.sub("\n\n", trimmed).strip()


def line(text: str | None) -> str:
    """A subject or a place in the form that is compared: one line, trimmed, single spaces."""
    return _SPACE.sub(" ", plain(text).replace("\n", " ")).strip()


def privacy(*, private: bool) -> str:
    """The one spelling of privacy that digests are made of and history shows."""
    return "private" if private else "normal"


@dataclass(frozen=True, slots=True)
class Essence:
    """The content of one entry as one side holds it. Subject and location are one line, text is plain text."""

    subject: str
    when: When
    text: str = ""
    location: str = ""
    private: bool = False

    def value(self, field: Field) -> str:
        """One field in the spelling that digests are made of."""
        values = {
            Field.SUBJECT: self.subject,
            Field.TEXT: self.text,
            Field.LOCATION: self.location,
            Field.TIME: canonical(self.when),
            Field.PRIVACY: privacy(private=self.private),
        }
        return values[field]


def essence(subject: str | None, when: When, text: str | None, location: str | None, *, private: bool) -> Essence:
    """An essence in normal form from whatever a provider answered."""
    return Essence(line(subject), when, plain(text), line(location), private)
