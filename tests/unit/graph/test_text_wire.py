"""Texts on their way to Graph and back: what is no plain letter, and what is long."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from core.adapters.graph import drafts, wire
from core.model.essence import Essence, Field, essence
from core.model.operation import Draft
from core.model.when import Timed
from tests.simulators.graph import bodies

NOON = Timed(datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 13, tzinfo=UTC))
REQUEST_LIMIT = 4 * 1024 * 1024
"""Bytes of a request; Graph documents no other limit of a body (graph-docs #20518, #11806; facts/microsoft.md C)."""
BARE: dict[str, Any] = {
    "id": "AAkA",
    "@odata.etag": 'W/"1"',
    "type": "singleInstance",
    "start": {"dateTime": "2026-11-23T12:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-11-23T13:00:00.0000000", "timeZone": "UTC"},
}


def sent(text: str) -> dict[str, Any]:
    """What leaves for that text, as the other end reads it from the bytes."""
    draft = Draft(essence("Lunch", NOON, text, "", private=False))
    body: dict[str, Any] = json.loads(drafts.encode(drafts.change(wire.event(BARE), draft, frozenset({Field.TEXT}))))
    return body


def kept(text: str, kind: str) -> Essence:
    """What is read of the event in which Exchange keeps that text, answered in HTML or as text."""
    document = bodies.from_text(sent(text)["body"]["content"])
    content = document if kind == "html" else bodies.to_text(document)
    answer = json.dumps({**BARE, "body": {"contentType": kind, "content": content}}).encode()
    return wire.event(wire.document(answer)).essence


@pytest.mark.parametrize("kind", ["html", "text"])
@pytest.mark.parametrize(
    "text",
    [
        "one\r\ntwo\rthree\n\n\n\nfour",
        "bell \x07 escape \x1b nul \x00 next line \x85",
        "👩‍👩‍👧‍👦 🇫🇮 ❤️ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "half \ud83d and \ude00",
        "\u200fשלום, Anna!\u200e مرحبا \u2067(1)\u2069",  # noqa: RUF001 - right to left, with its marks and isolates
        "نامه\u200cای",  # noqa: RUF001 - a joiner that belongs to the word
        "A\u030angstro\u0308m, e\u0301",  # decomposed
        "<p>not <b>markup</b> &amp; &lt;none&gt;</p>\n<!-- here --><script>x</script>",
        "a\u00a0b\u2003c\td  e",
        "  indented\n\tby a tab",
    ],
)
def test_text_that_is_no_plain_letters(text: str, kind: str) -> None:
    """P40: it comes back as it was meant, whichever way the answer brings it, so a second run finds no difference."""
    assert kept(text, kind).text == essence("", NOON, text, "", private=False).text


@pytest.mark.parametrize("text", ["", " ", "\r\n\r\n", "\u00a0\n\t", "\u200b\ufeff"])
def test_text_of_white_space_alone(text: str) -> None:
    """It is no text, on the way there and on the way back."""
    assert sent(text) == {"body": {"contentType": "text", "content": ""}}
    for kind, content in (("text", text), ("html", f"<p>{text}</p>"), ("html", text)):
        assert wire.event({**BARE, "body": {"contentType": kind, "content": content}}).essence.text == ""


def test_text_that_looks_like_markup_is_sent_as_text() -> None:
    """Severa's notes go as they stand: whoever wrote `<b>` sees `<b>` (docs/decisions/0007)."""
    assert sent("<b>bold</b>\nnext")["body"] == {"contentType": "text", "content": "<b>bold</b>\nnext"}


@pytest.mark.parametrize("letter", ["x", "ä", "漢", "😀", "&", "word ", "line\n"])
@pytest.mark.parametrize("kind", ["html", "text"])
@pytest.mark.untraced
def test_two_hundred_kilobytes_both_ways(letter: str, kind: str) -> None:
    """Nothing is cut and nothing takes long; the request stays below what Graph takes, escapes and all."""
    text = (letter * 200_000)[:200_000]
    began = time.process_time()
    assert kept(text, kind).text == text.strip()
    assert time.process_time() - began < 5.0
    assert len(drafts.encode(sent(text))) < REQUEST_LIMIT


@pytest.mark.parametrize("name", sorted(set(Field) - {Field.TEXT}))
def test_a_text_that_did_not_change_is_not_sent(name: Field) -> None:
    """R12, R21: the HTML stays as its author made it while any other field is written, and so does a way in."""
    seen = wire.event({**BARE, "isOnlineMeeting": True, "body": {"contentType": "text", "content": "Join\r\n"}})
    draft = Draft(essence("Dinner", NOON, "Join, they said", "Turku", private=True))
    assert "body" not in drafts.change(seen, draft, frozenset({name}))
