"""Requests read, answers written: SOAP 1.1 as EWS speaks it (facts/microsoft.md G)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from .errors import EwsError
from .releases import Release

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
_ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
NAMES = {"s": SOAP, "m": MESSAGES, "t": TYPES}
Element = Any
"""lxml has no types."""
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STAND_IN = 0xF0000
_STAND_INS = re.compile(f"[{chr(_STAND_IN)}-{chr(_STAND_IN + 0x1F)}]")
"""Control characters of a text travel as references, as from Exchange, though no XML has them; till then as others."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its operation, its schema, whom it acts for and by what kind of address, its zone, its body."""

    operation: str
    schema: str
    acts_by: str
    acts_for: str
    zone: str
    headers: tuple[str, ...]
    body: Element


class NotSoapError(ValueError):
    """The request is no SOAP envelope with one operation in it."""


def read(content: bytes) -> Asked:
    """The request. Raises NotSoapError."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise NotSoapError from error
    bodies = root.findall("s:Body/*", NAMES)
    if root.tag != f"{{{SOAP}}}Envelope" or len(bodies) != 1:
        raise NotSoapError
    version = root.find("s:Header/t:RequestServerVersion", NAMES)
    person = root.find("s:Header/t:ExchangeImpersonation/t:ConnectingSID/*", NAMES)
    zone = root.find("s:Header/t:TimeZoneContext/t:TimeZoneDefinition", NAMES)
    return Asked(
        local(bodies[0]),
        "" if version is None else version.get("Version", ""),
        "" if person is None else local(person),
        "" if person is None else (person.text or "").strip(),
        "" if zone is None else zone.get("Id", ""),
        tuple(local(header) for header in root.findall("s:Header/*", NAMES)),
        bodies[0],
    )


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)


def t(name: str, *content: Any, **attributes: str) -> Element:
    """An element of types.xsd: text or elements in it, `None` among them left out."""
    return _made(TYPES, name, content, attributes)


def m(name: str, *content: Any, **attributes: str) -> Element:
    """An element of messages.xsd."""
    return _made(MESSAGES, name, content, attributes)


def text_of(element: Element, path: str, default: str = "") -> str:
    """The text at a path (`t:Subject`), `default` where there is none."""
    return str(element.findtext(path, default, NAMES)).strip()


def boolean(value: bool) -> str:  # noqa: FBT001 - it is the value
    """As XML has it."""
    return "true" if value else "false"


def success(operation: str, *content: Any) -> Element:
    """A response message that says that all is well."""
    return m(f"{operation}ResponseMessage", m("ResponseCode", "NoError"), *content, ResponseClass="Success")


def failure(operation: str, error: EwsError, *content: Any, kind: str = "Error") -> Element:
    """A response message that refuses one thing; `content` is what the schema wants all the same."""
    return m(
        f"{operation}ResponseMessage",
        m("MessageText", error.text),
        m("ResponseCode", error.code),
        m("DescriptiveLinkKey", "0"),
        None if error.back_off is None else m("MessageXml", _back_off(error.back_off)),
        *content,
        ResponseClass=kind,
    )


def answer(release: Release, operation: str, messages: Iterable[Element]) -> bytes:
    """The whole answer to a request."""
    return _envelope(release, m(f"{operation}Response", m("ResponseMessages", *messages)))


def fault(release: Release, error: EwsError) -> bytes:
    """A SOAP fault, which Exchange sends with HTTP 500."""
    code = etree.Element("faultcode", nsmap={"a": TYPES})
    code.text = f"a:{error.code}"
    said = etree.Element("faultstring")
    said.text = error.text
    detail = etree.Element("detail")
    detail.append(_made(_ERRORS, "ResponseCode", (error.code,), {}))
    detail.append(_made(_ERRORS, "Message", (error.text,), {}))
    if error.back_off is not None:
        detail.append(t("MessageXml", _back_off(error.back_off)))
    return _envelope(release, _made(SOAP, "Fault", (code, said, detail), {}))


def _back_off(milliseconds: int) -> Element:
    return t("Value", str(milliseconds), Name="BackOffMilliseconds")


def _envelope(release: Release, body: Element) -> bytes:
    names = ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber")
    numbers = {name: str(number) for name, number in zip(names, release.build, strict=True)}
    version = t("ServerVersionInfo", **numbers, **({"Version": release.schema} if release.tells else {}))
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap=NAMES)
    root.append(_made(SOAP, "Header", (version,), {}))
    root.append(_made(SOAP, "Body", (body,), {}))
    text = etree.tostring(root, encoding="unicode")
    referred = _STAND_INS.sub(lambda found: f"&#x{ord(found[0]) - _STAND_IN:X};", text)
    return b'<?xml version="1.0" encoding="utf-8"?>' + referred.encode()


def _made(space: str, name: str, content: Iterable[Any], attributes: dict[str, str]) -> Element:
    element = etree.Element(f"{{{space}}}{name}", attributes, nsmap=NAMES)
    for part in content:
        if isinstance(part, str):
            element.text = _CONTROLS.sub(lambda found: chr(_STAND_IN + ord(found[0])), part)
        elif part is not None:
            element.append(part)
    return element
