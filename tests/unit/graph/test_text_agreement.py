"""Two converters that know nothing of each other: the adapter's, and that of the simulated Exchange (bodies.py)."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from core.adapters.graph.html import text_of
from core.model.essence import plain
from tests.simulators.graph import bodies

LETTERS = "abcXYZäöå.,;:!?'\"()éßжعש漢-+_/@#€💡"
# fmt: off
TAGS = (
    "a", "b", "blockquote", "body", "br", "caption", "center", "div", "dl", "font", "h1", "head", "hr", "html", "i",
    "img", "li", "link", "meta", "o:p", "ol", "option", "p", "pre", "q", "script", "select", "span", "style", "svg",
    "table", "tbody", "td", "textarea", "th", "title", "tr", "ul", "x-y",
)
# fmt: on
WORDS = st.text(LETTERS, min_size=1, max_size=6)
BLANKS = st.sampled_from([" ", "\n", "\r\n ", "&nbsp;", " &#160; ", "<!-- x -->", "<![if !x]>", "<o:p></o:p>"])
ENTITIES = st.sampled_from(["&amp;", "&lt;", "&gt;", "&quot;", "&#233;", "&#x1F600;", "&amp;amp;", "&amp;lt;"])
INLINE = ("b", "span", "font", 'a href="https://example.com/?a=1&amp;b=2"', "i")
BLOCKS = ("p", "p class=MsoNormal", "div", "h1", "blockquote")


def _in(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag.partition(' ')[0]}>"


PHRASES = st.lists(WORDS | BLANKS | ENTITIES | st.builds(_in, st.sampled_from(INLINE), WORDS), max_size=6).map("".join)
CELLS = st.lists(st.builds(_in, st.sampled_from(["td", "th"]), WORDS), min_size=1, max_size=3).map("\n".join)
ROWS = st.lists(st.builds(_in, st.just("tr"), CELLS), min_size=1, max_size=3).map("".join)
LINES = st.one_of(
    st.builds(_in, st.sampled_from(BLOCKS), PHRASES),
    PHRASES.map("<br>{0}<br>".format),
    st.sampled_from(
        ["<div><br></div>", "<p>&nbsp;</p>", "<style>p {x: y}</style>", "<script>a</script>", "<img src=x>"]
    ),
    st.builds(_in, st.just("table"), ROWS),
    st.lists(st.builds(_in, st.just("li"), WORDS), min_size=1, max_size=3).map("".join).map("<ul>{0}</ul>".format),
)
NESTED = st.recursive(
    LINES,
    lambda inner: st.builds(_in, st.sampled_from(BLOCKS[2:]), st.lists(inner, max_size=3).map("".join)),
    max_leaves=8,
)
DOCUMENTS = st.lists(NESTED, max_size=6).map("".join)
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&\ufdd0\ufffe\uffff")


def compared(text: str) -> str:
    """What both converters have to say alike: the bullets are the adapter's alone."""
    return plain(re.sub(r"(?m)^[*+o-] ", "", plain(text)))


@given(DOCUMENTS)
@example("<div>a<p>&nbsp;</p>b</div>")
def test_both_read_the_same(markup: str) -> None:
    """What Graph would have sent as text, and what we make of the HTML that it sent instead, are no edit apart."""
    document = bodies.from_html(markup)
    assert compared(text_of(document)) == compared(bodies.to_text(document))


@given(st.text(CHARACTERS | st.sampled_from("<>&; \n\t\r"), max_size=200))
def test_our_own_text_comes_back_from_its_html(text: str) -> None:
    """R12, P40: what Exchange keeps of a text that we wrote is read as that text, in whichever form it comes."""
    meant, document = plain(text), bodies.from_text(plain(text))
    assert (plain(text_of(document)), plain(bodies.to_text(document))) == (meant, meant)


@given(st.lists(st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]) | st.text(max_size=4)))
def test_tag_soup(pieces: list[str]) -> None:
    """It never raises, and what comes of it can be stored."""
    plain(text_of("".join(pieces))).encode()


@given(st.lists(st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]), max_size=30))
def test_no_word_is_lost(tags: list[str]) -> None:
    """However badly tags are nested: every word outside of what is unseen is read, once and in order."""
    unseen = ("script", "style", "title", "textarea", "svg", "select")
    seen = [tag for tag in tags if not tag.strip("</>").startswith(unseen)]
    markup = "".join(f"w{number}w{tag}" for number, tag in enumerate(seen))
    assert re.findall(r"w(\d+)w", text_of(markup)) == [str(number) for number in range(len(seen))]
