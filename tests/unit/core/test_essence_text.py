"""Texts that no keyboard makes, long ones, and when a text travels at all (R12, R21)."""

import time
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.essence import Field, essence, line, plain
from core.model.ids import Side
from core.model.operation import Agree
from core.sync.project import on_microsoft, on_severa
from tests.support.pictures import LUNCH, POLICY, activity, at, decided, entry, event, linked, told, written

ANYTHING = st.text(
    st.characters() | st.sampled_from("\x00\x07\x1f\x7f\x85\ud83d\ude00\u00a0\u200b\u200d\u0301\u0344\n\r\t ")
)
JOINED = "👩‍👩‍👧‍👦"
GREETING = "\u200fשלום, Anna!\u200e مرحبا \u2067(1)\u2069"  # noqa: RUF001 - right to left, with marks and isolates
HTML = '<p class="x">Agenda</p>\n<ul><li>one &amp; two</li></ul>'


# --- the normal form --------------------------------------------------------------------------------------------------
@given(ANYTHING)
def test_a_normal_form_is_its_own(text: str) -> None:
    """Whatever a provider answers: what was normal once is normal for ever, or it would be fought over."""
    assert plain(plain(text)) == plain(text)
    assert line(line(text)) == line(text) == line(plain(text))


@given(ANYTHING)
def test_a_normal_form_can_be_stored(text: str) -> None:
    """It has no control character but its line ends, and no half of a character."""
    plain(text).encode()
    assert {c for c in plain(text) if unicodedata.category(c) in {"Cc", "Cs"}} <= {"\n"}
    assert "\n" not in line(text)


@given(ANYTHING, st.sampled_from(["\r\n", "\r", "\n"]), st.sampled_from(["NFC", "NFD"]))
def test_what_a_provider_does_to_a_text(text: str, line_end: str, form: str) -> None:
    """P40: other line ends, another composition and blanks around it are no edit."""
    held = plain(text)
    assert plain(f" {unicodedata.normalize(form, held)}\n".replace("\n", line_end)) == held


@pytest.mark.parametrize(
    "text", [JOINED, "🇫🇮 ❤️ 👍🏽", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", GREETING]
)
def test_characters_of_several_parts(text: str) -> None:
    """Emoji stay joined, coloured and flagged; right to left stays so."""
    assert plain(text) == line(text) == text


@pytest.mark.parametrize("text", ["\x00\r\n\t", " \u00a0\u2003\u3000", "\u200b\u2060\ufeff\u00ad", "\n" * 9])
def test_a_text_of_nothing_that_is_seen(text: str) -> None:
    """It is no text, so putting it in or taking it out is no edit."""
    assert essence(text, LUNCH, text, text, private=False) == entry("")


@pytest.mark.parametrize("unit", ["x", "word ", "line\r\n", "😀", "e\u0301", " \n", "\u00a0x", "<b>&amp;</b>"])
def test_two_hundred_kilobytes(unit: str) -> None:
    """Nothing is cut, and it takes no time that anybody notices."""
    text, began = unit * (200_000 // len(unit)), time.process_time()
    held = plain(text)
    assert time.process_time() - began < 2.0
    assert on_severa(entry(text=held), POLICY).essence.text == on_microsoft(entry(text=held)).essence.text == held
    assert len(held.split()) == len(text.split())


# --- what each side can hold ------------------------------------------------------------------------------------------
def test_a_place_of_a_thousand_characters() -> None:
    """As much as Severa holds, in whatever script; what is longer is cut there, and history says so."""
    for letter in ("x", "ä", "ש"):
        assert not on_severa(entry(location=letter * 1000), POLICY).narrowed
        cut = on_severa(entry(location=letter * 1001), POLICY)
        assert (cut.essence.location, cut.narrowed) == (letter * 1000, ("location_too_long",))


@given(ANYTHING.map(lambda text: line(text * 90)))
def test_what_is_cut_is_in_normal_form(text: str) -> None:
    """Or the other side's answer would differ from what we remember of it."""
    subject, place = on_microsoft(entry(text)).essence.subject, on_severa(entry(location=text), POLICY).essence.location
    assert (line(subject), line(place)) == (subject, place)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("x" * 255, "x" * 255),
        ("😀" * 127 + "x", "😀" * 127 + "x"),
        ("😀" * 128, "😀" * 127),
        ("x" + "😀" * 200, "x" + "😀" * 127),
    ],
)
def test_subject_and_place_in_a_mailbox(text: str, held: str) -> None:
    """255 UTF-16 units, as Exchange counts, and no half of a character ([MS-OXCICAL] 2.1.3.1.1.20.24)."""
    projection = on_microsoft(entry(text, location=text))
    assert (projection.essence.subject, projection.essence.location) == (held, held)
    assert projection.narrowed == (("subject_too_long", "location_beyond_mailbox") if text != held else ())


def test_a_place_as_long_as_severa_allows() -> None:
    """The mailbox gets its beginning, history is told once, and a second look finds nothing to do."""
    long = entry(location="x" * 1000)
    assert written(decided(linked(), activity(long), event())) == {Side.MICROSOFT: {Field.LOCATION: "x" * 255}}
    assert decided(
        linked(long, entry(location="x" * 255)), activity(long), event(entry(location="x" * 255))
    ).operations == (Agree(),)


def test_marks_piled_up() -> None:
    """A stranger's text is not sorted for minutes: P40 holds for it, the composed form does not."""
    text, began = "a" + "\u0300\u0316" * 100_000, time.process_time()
    assert plain(text) == text
    assert time.process_time() - began < 2.0
    assert plain("e\u0301" + "\u0316" * 29) == unicodedata.normalize("NFC", "e\u0301" + "\u0316" * 29)


def test_what_is_no_character() -> None:
    """XML cannot carry it, so neither does a normal form."""
    assert plain("a\ufffeb\uffffc") == "abc"


# --- when it travels --------------------------------------------------------------------------------------------------
EDITS = {
    Field.SUBJECT: entry("Dinner", text="Menu"),
    Field.LOCATION: entry(text="Menu", location="Turku"),
    Field.TIME: entry(when=at(18), text="Menu"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_text_that_did_not_change(name: Field) -> None:
    """It is not written again with what did change, on either side: its HTML stays as its author made it."""
    was = linked(entry(text="Menu"))
    assert set(written(decided(was, activity(EDITS[name]), event(entry(text="Menu"))))[Side.MICROSOFT]) == {name}
    assert set(written(decided(was, activity(entry(text="Menu")), event(EDITS[name])))[Side.SEVERA]) == {name}


@pytest.mark.parametrize("echo", ["Menu:\n\n* soup", "Menu: soup<https://example.com>", "", "Menu"])
def test_an_echo_that_is_another_text(echo: str) -> None:
    """P40: what the mailbox made of our text is what the link remembers; it is no edit, today or next week."""
    was = linked(entry(text="<b>Menu</b>"), entry(text=echo))
    assert decided(was, activity(entry(text="<b>Menu</b>")), event(entry(text=echo))).operations == (Agree(),)
    moved = decided(was, activity(entry("Dinner", text="<b>Menu</b>")), event(entry(text=echo)))
    assert set(written(moved)[Side.MICROSOFT]) == {Field.SUBJECT}


@pytest.mark.parametrize("name", EDITS)
def test_an_online_meeting_is_edited_in_severa(name: Field) -> None:
    """R12: every other field travels; its text, the way in, is neither written nor complained about."""
    was = linked(entry(text="Join here"))
    held = replace(EDITS[name], text="Join here")
    decision = decided(was, activity(held), replace(event(entry(text="Join here")), is_online=True))
    assert (set(written(decision)[Side.MICROSOFT]), told(decision)) == ({name}, {})


@pytest.mark.parametrize("text", ["", "Join here\n\nMenu", "<p>Join here</p>"])
def test_the_text_of_an_online_meeting_is_emptied_or_extended_in_severa(text: str) -> None:
    """R12: it is kept in Severa and in history, and nothing is written."""
    online = replace(event(entry(text="Join here")), is_online=True)
    decision = decided(linked(entry(text="Join here")), activity(entry(text=text)), online)
    assert written(decision) == {}
    assert told(decision) == {"online_meeting_text": {"text": text}}


def test_notes_that_look_like_markup() -> None:
    """Severa's notes go to the mailbox as they stand, and come back so: nobody guesses what they are (decision 7)."""
    decision = decided(linked(), activity(entry(text=HTML)), event())
    assert written(decision) == {Side.MICROSOFT: {Field.TEXT: HTML}}
    back = decided(linked(), activity(), event(entry(text=HTML)))
    assert written(back) == {Side.SEVERA: {Field.TEXT: HTML}}
