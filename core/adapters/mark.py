"""Our mark as one string in an extended property of the event, shared by Graph and EWS (design.md section 5).

The property is the same one through both (facts/microsoft.md A4, "Extended properties"), so that it survives a move.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from core.model.ids import CompanyId, MailboxId
from core.model.sighting import Mark

PROPERTY_SET, PROPERTY_NAME = "b2f7a6d4-5c0e-4e39-9b1d-7f43a2c86e51", "SeveraCalendarSync"
"""The named property of type String that holds it."""
VERSION = "1"
MAX_LENGTH = 512
MAX_GENERATION = 1_000_000
_PARTS = 6


def encode(mark: Mark) -> str:
    """The mark as `1|company|mailbox|activity|generation|digest`, each part percent-encoded; at most 512 characters.

    Raises ValueError for a mark that does not fit, or whose generation is out of bounds.
    """
    if not 0 <= mark.generation <= MAX_GENERATION:
        raise ValueError("a mark's generation is out of bounds")
    parts = (VERSION, mark.company, mark.mailbox, mark.activity, str(mark.generation), mark.digest)
    text = "|".join(quote(part, safe="") for part in parts)
    if len(text) > MAX_LENGTH:
        raise ValueError("a mark is too long")
    return text


def decode(text: object) -> Mark | None:
    """The mark, or None where the text is none of ours: another version, malformed, or too long."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        return None
    parts = text.split("|")
    if len(parts) != _PARTS or parts[0] != VERSION:
        return None
    try:
        company, mailbox, activity, number, digest = (unquote(part, errors="strict") for part in parts[1:])
    except UnicodeDecodeError:
        return None
    if not (number.isascii() and number.isdecimal() and int(number) <= MAX_GENERATION):
        return None
    mark = Mark(CompanyId(company), MailboxId(mailbox), activity, int(number), digest)
    # one mark has one spelling, so nothing that a person typed passes for ours by a lenient reading
    return mark if encode(mark) == text else None
