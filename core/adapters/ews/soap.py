"""XML as EWS speaks it: elements made and read, the envelope around a request (facts/microsoft.md G1, G2). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
NAMES = {"s": SOAP, "m": MESSAGES, "t": TYPES}
Element = Any
"""lxml has no types."""
_REFERENCES = re.compile(rb"&#([xX][0-9a-fA-F]{1,6}|[0-9]{1,7});")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a request acts for: an SMTP address, and by which kind of address Exchange is to know it."""

    address: str
    by: str


def t(name: str, *content: Any, **attributes: str) -> Element:
    """An element of types.xsd: text or elements in it, `None` left out. Raises ValueError for text that is no XML's."""
    return _made(TYPES, name, content, attributes)


def m(name: str, *content: Any, **attributes: str) -> Element:
    """An element of messages.xsd, as `t`."""
    return _made(MESSAGES, name, content, attributes)


def text(element: Element, path: str) -> str:
    """The text at a path (`t:Subject`), empty where there is none."""
    return str(element.findtext(path, "", NAMES))


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)


def document(content: bytes) -> Element | None:
    """The root of an answer, None where it is no whole XML.

    Exchange writes control characters of people's texts as references (`&#xB;`), which no XML may hold: they go.
    Nothing else is mended, since an answer that was cut short would look like a shorter one.
    """
    for tried in (content, _REFERENCES.sub(_kept, content)):
        try:
            return etree.fromstring(tried, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            continue
    return None


def _kept(found: re.Match[bytes]) -> bytes:
    digits = found[1].decode("ascii")
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    legal = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or number > 0xFFFF
    return found[0] if legal else b""


def envelope(body: Element, schema: str, person: Person | None) -> bytes:
    """The whole request. No TimeZoneContext: every time that we write says its offset, and answers come in UTC."""
    header = _made(SOAP, "Header", [t("RequestServerVersion", Version=schema)], {})
    if person is not None:
        header.append(t("ExchangeImpersonation", t("ConnectingSID", t(person.by, person.address))))
    whole = etree.Element(f"{{{SOAP}}}Envelope", nsmap=NAMES)
    whole.extend([header, _made(SOAP, "Body", [body], {})])
    return bytes(etree.tostring(whole, encoding="utf-8", xml_declaration=True))


def _made(namespace: str, name: str, content: Any, attributes: dict[str, str]) -> Element:
    made = etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=NAMES)
    for part in content:
        if isinstance(part, str):
            made.text = (made.text or "") + part
        elif part is not None:
            made.append(part)
    return made
