"""Texts and subjects in the form that is compared (R12): what providers do to white space is not an edit. P40."""

import unicodedata

import pytest

from core.model.essence import Field, essence, line, plain
from core.model.ids import Side
from tests.support.pictures import DIGESTER, LUNCH, entry


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u00a0b\u2007c\u202fd\u3000e", "a b c d e"),  # spaces that do not break, and wide ones
        ("a \t  b", "a b"),
        ("  a  \n  b  ", "a\nb"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n\nb", "a\n\nb"),
        ("\n\na\n\n", "a"),
        ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),  # of no width
        ("a\x00b\x07c\x1bd\x7fe\x85f", "abcdef"),  # control characters
        ("a\u2028b\u2029c", "a b c"),
        ("e\u0301", "é"),  # NFD and NFC
        ("e\x01\u0301", "é"),  # kept apart by what goes
        ("\ud83d", ""),  # half a character, which no service stores
        ("👩‍👩‍👧‍👦 🇫🇮 ❤️", "👩‍👩‍👧‍👦 🇫🇮 ❤️"),
        ("\u200fשלום עולם\u200e مرحبا", "\u200fשלום עולם\u200e مرحبا"),  # noqa: RUF001 - right to left, its marks kept
        ("نامه\u200cای", "نامه\u200cای"),  # noqa: RUF001 - a joiner that belongs to the word
        ("", ""),
        (None, ""),
        ("   ", ""),
    ],
)
def test_text(written: str | None, held: str) -> None:
    """Its normal form, which is its own normal form."""
    assert plain(written) == held
    assert plain(held) == held


@pytest.mark.parametrize(
    ("written", "held"),
    [("  Lunch \r\n with\t Anna ", "Lunch with Anna"), ("a\n\nb", "a b"), (None, ""), ("Lunch", "Lunch")],
)
def test_subject(written: str | None, held: str) -> None:
    """One line."""
    assert line(written) == held


def test_essence_of_what_a_provider_answers() -> None:
    """Subject and place are one line, the text keeps its lines."""
    found = essence(" Lunch\r\n", LUNCH, "Menu:\r\n\r\n\r\n\r\nSoup ", "Café\u00a0 West", private=True)
    assert found == entry("Lunch", LUNCH, "Menu:\n\nSoup", "Café West", private=True)


def test_providers_that_decompose() -> None:
    """The same text in NFC and NFD has the same digest."""
    text = "Åänekoski, crème brûlée"
    one, other = (essence("x", LUNCH, unicodedata.normalize(f, text), "", private=False) for f in ("NFC", "NFD"))
    assert DIGESTER.field(Side.SEVERA, Field.TEXT, one) == DIGESTER.field(Side.SEVERA, Field.TEXT, other)
