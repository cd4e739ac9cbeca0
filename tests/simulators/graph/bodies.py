"""What Exchange makes of an event's text: it keeps HTML and converts at the door (facts/peers.md P40)."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
_PLAIN = (
    f'<html><head>\r\n{_META}<meta name="Generator" content="Microsoft Exchange Server">\r\n'
    "<!-- converted from text -->\r\n"
    "<style><!-- .EmailQuote { margin-left: 1pt; padding-left: 4pt; border-left: #800000 2px solid; } --></style>"
    "</head>\r\n<body>\r\n"
    '<font size="2"><span style="font-size:11pt;"><div class="PlainText">{0}</div></span></font>\r\n</body>\r\n</html>'
)
_BLOCKS = frozenset({"p", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_UNSEEN = frozenset({"head", "style", "script", "title"})
_NBSP = "\u00a0"
PREVIEW_LENGTH = 255


def from_text(text: str) -> str:
    """The HTML document kept for a plain text; an empty text stays empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inner = "<br>\r\n".join(_escaped(line) for line in lines)
    return _PLAIN.replace("{0}", inner) if text else ""


def from_html(markup: str) -> str:
    """The HTML document kept for a fragment or a document; what is no body's content is replaced."""
    if not markup:
        return ""
    found = re.search(r"<body[^>]*>(.*)</body>", markup, re.IGNORECASE | re.DOTALL)
    inner = (found.group(1) if found else markup).strip()
    return f"<html><head>\r\n{_META}</head>\r\n<body>\r\n{inner}\r\n</body>\r\n</html>"


def to_text(document: str) -> str:
    """The text of a kept document: CRLF between lines and at the end; empty for an empty one."""
    if not document:
        return ""
    reader = _TextReader()
    reader.feed(document)
    reader.close()
    lines = "".join(reader.pieces).replace(_NBSP, " ").rstrip().split("\n")
    return "\r\n".join(line.rstrip() for line in lines) + "\r\n"


def preview(document: str) -> str:
    """`bodyPreview`: the beginning of the text."""
    return to_text(document).strip()[:PREVIEW_LENGTH]


def _escaped(line: str) -> str:
    escaped = html.escape(line, quote=False).replace("  ", "&nbsp; ")
    return "&nbsp;" + escaped[1:] if escaped.startswith(" ") else escaped


class _TextReader(HTMLParser):
    """Collects text; white space collapses as in a browser, block elements and <br> end lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in _BLOCKS:
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if not self.pieces or self.pieces[-1].endswith("\n"):
            text = text.lstrip(" ")
        if text:
            self.pieces.append(text)

    def _end_line(self) -> None:
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append("\n")
