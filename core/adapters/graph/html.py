"""Plain text of an HTML body, for answers that bring HTML although text was preferred (docs/decisions/0007).

lxml parses, inscriptis lays out. In between stands what strangers' markup makes necessary: anybody can send an
invitation, so no markup may raise, take long, or make text disappear that a reader would see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display, WhiteSpace
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from lxml import etree

_UNSEEN = frozenset({"head", "script", "style", "title"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Shown by nobody; most of them raise in a tree of lxml's."""
_CELLS = frozenset({"td", "th"})
# fmt: off
_LINES = (
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "main", "menu", "nav",
    "option", "p", "section", "table", "tr",
)
# fmt: on
_KEPT = {tag: tag for tag in ("br", "div", "li", "ol", "pre", "ul")} | dict.fromkeys(_LINES, "div")
_GAP = " "
_DEEPEST = 100
"""Levels of blocks that are laid out, since inscriptis recurses; what is deeper is read on, on the last of them."""

_NBSP, _STAND_IN = "\u00a0", "\ufdd0"
"""A paragraph of nothing but this space is Outlook's empty line, and nothing to inscriptis. Unicode reserves the other
character for uses like this one."""
_BLOCK = HtmlElement(display=Display.block)
_CSS = {
    "pre": HtmlElement(display=Display.block, whitespace=WhiteSpace.pre),
    **dict.fromkeys(("div", "li", "ol", "ul"), _BLOCK),
}
"""No margins, as Outlook's own paragraphs have none, and no indentation, as normal forms have none."""


def text_of(markup: str) -> str:
    """The text that a reader of the document sees: a line per block or <br>, list items with their bullet or number.

    The cells of a table's row share a line until one of them has several; links and images leave nothing but their
    text. Never raises; takes time and memory in proportion to the markup.
    """
    # fed to a target, since a tree of libxml2's own has no more than 2,048 levels and lacks what is deeper
    parser = etree.HTMLParser(target=_Reader(), encoding="utf-8")
    tree = etree.fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser)
    text: str = Inscriptis(tree, ParserConfig(css=_CSS | {"body": HtmlElement()})).get_text()
    return text.replace(_STAND_IN, _NBSP)


class _Reader:
    """What lxml calls while it parses: keeps what makes lines, and the text that is seen. Everything else goes."""

    def __init__(self) -> None:
        self._tree: Any = etree.TreeBuilder()
        self._tree.start("div", {})
        self._open: list[str] = []
        self._depth = 0
        self._unseen = 0
        self._begins_cell = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unseen or tag in _UNSEEN or _HIDDEN.search(attributes.get("style", "")):
            self._unseen += 1
            return
        kept = self._kept(tag)
        self._open.append(kept)
        if kept == _GAP:
            self._tree.data(_GAP)
        elif kept:
            self._depth += 1
            self._tree.start(kept, {})

    def end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        if tag in _CELLS:
            self._begins_cell = False
        kept = self._open.pop()
        if kept == _GAP:
            self._tree.data(_GAP)
        elif kept:
            self._depth -= 1
            self._tree.end(kept)

    def data(self, text: str) -> None:
        if not self._unseen:
            self._begins_cell = self._begins_cell and text.isspace()
            shown = _CONTROL.sub("", text.replace("\f", " "))
            # inscriptis resolves entities, which lxml has done already
            self._tree.data(shown.replace("&", "&amp;").replace(_NBSP, _STAND_IN))

    def close(self) -> Any:
        self._tree.end("div")
        return self._tree.close()

    def _kept(self, tag: str) -> str:
        """What becomes of an element: a block, nothing, or a gap between words."""
        if tag in _CELLS:
            self._begins_cell = True
            return _GAP
        kept = _KEPT.get(tag, "")
        return _GAP if kept and (self._depth == _DEEPEST or (self._begins_cell and kept == "div")) else kept
