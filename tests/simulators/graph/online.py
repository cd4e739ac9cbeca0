"""Online meetings: the block in the text by which people join, and what becomes of it (facts/microsoft.md A4).

A text that is written without the block ends the online meeting; where the same write asks for an online meeting, there
is another one, with another link (facts/peers.md part 1, 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import bodies
from .event import Event
from .ids import IdSource

PROVIDER = "teamsForBusiness"
_BLOCK = (
    '<div class="me-email-text">________________________________<br>\r\nMicrosoft Teams meeting<br>\r\n'
    '<a href="{0}" id="meet_invite_block.action.join_link">Join the meeting now</a><br>\r\n'
    "________________________________</div>"
)


def with_block(document: str, join_url: str) -> str:
    """The document with the block at its end."""
    block = _BLOCK.replace("{0}", join_url)
    before, end, after = document.rpartition("</body>")
    return f"{before}{block}\r\n{end}{after}" if end else bodies.from_html(block)


def has_block(document: str, join_url: str) -> bool:
    """Whether the document still leads to the meeting."""
    return f'href="{join_url}"' in document


def settled(fields: Mapping[str, Any], before: Event | None, ids: IdSource, *, wanted: bool) -> dict[str, Any]:
    """The fields of a write by the API, with what it makes of the online meeting.

    What is one stays one, whether wanted or not (facts/microsoft.md A4), unless the text loses the block.
    """
    url = None if before is None else before.join_url
    if url is not None and has_block(fields.get("document", before.document if before else ""), url):
        return dict(fields)
    if not wanted:
        return dict(fields) if url is None else {**fields, "join_url": None}
    url = ids.join_url()
    document = fields.get("document", "" if before is None else before.document)
    return {**fields, "join_url": url, "document": with_block(document, url)}


def written_in_outlook(fields: Mapping[str, Any], before: Event) -> dict[str, Any]:
    """The fields of an edit in Outlook, which keeps the block under whatever is written above it."""
    document = fields.get("document")
    if document is None or before.join_url is None or has_block(document, before.join_url):
        return dict(fields)
    return {**fields, "document": with_block(document, before.join_url)}
