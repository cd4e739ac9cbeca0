"""Requests read, answers written: SOAP 1.1 as EWS speaks it (facts/microsoft.md G)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
_ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
_NAMES = {"s": SOAP, "m": MESSAGES, "t": TYPES}
SCHEMAS = (
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2016",
)
"""From the oldest to the newest: a server knows its own and every one before."""


@dataclass(frozen=True, slots=True)
class Release:
    """A server's build, its newest schema, and whether it names that schema in its answers."""

    build: tuple[int, int, int, int]
    schema: str
    tells: bool = True

    def knows(self, schema: str) -> bool:
        """Whether a request of that schema is understood."""
        return schema in SCHEMAS and SCHEMAS.index(schema) <= SCHEMAS.index(self.schema)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its operation, its schema, whom it acts for, and its body."""

    operation: str
    schema: str
    acts_for: str
    body: etree._Element


class NotSoapError(ValueError):
    """The request is no SOAP envelope with one operation in it."""


def read(content: bytes) -> Asked:
    """The request. Raises NotSoapError."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise NotSoapError from error
    bodies = root.findall("s:Body/*", _NAMES)
    if root.tag != f"{{{SOAP}}}Envelope" or len(bodies) != 1:
        raise NotSoapError
    version = root.find("s:Header/t:RequestServerVersion", _NAMES)
    address = root.findtext("s:Header/t:ExchangeImpersonation/t:ConnectingSID/t:PrimarySmtpAddress", "", _NAMES)
    schema = "" if version is None else version.get("Version", "")
    return Asked(etree.QName(bodies[0]).localname, schema, address, bodies[0])


def answer(release: Release, operation: str, code: str = "NoError", content: str = "", text: str = "") -> bytes:
    """One response message; `content` is what a successful one holds."""
    kind = "Success" if code == "NoError" else "Error"
    said = "" if code == "NoError" else f"<m:MessageText>{escape(text or code)}</m:MessageText>"
    linked = "" if code == "NoError" else "<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
    message = (
        f'<m:{operation}ResponseMessage ResponseClass="{kind}">{said}<m:ResponseCode>{code}</m:ResponseCode>'
        f"{linked}{content}</m:{operation}ResponseMessage>"
    )
    body = f"<m:{operation}Response><m:ResponseMessages>{message}</m:ResponseMessages></m:{operation}Response>"
    return _envelope(_version(release), body)


def fault(release: Release, code: str, text: str = "") -> bytes:
    """A SOAP fault, which Exchange sends with HTTP 500."""
    detail = (
        f'<e:ResponseCode xmlns:e="{_ERRORS}">{code}</e:ResponseCode>'
        f'<e:Message xmlns:e="{_ERRORS}">{escape(text or code)}</e:Message>'
    )
    body = (
        f'<s:Fault><faultcode xmlns:a="{TYPES}">a:{code}</faultcode><faultstring>{escape(text or code)}</faultstring>'
        f"<detail>{detail}</detail></s:Fault>"
    )
    return _envelope(_version(release), body)


def _version(release: Release) -> str:
    major, minor, build, revision = release.build
    named = f" Version={quoteattr(release.schema)}" if release.tells else ""
    return (
        f'<t:ServerVersionInfo MajorVersion="{major}" MinorVersion="{minor}" MajorBuildNumber="{build}" '
        f'MinorBuildNumber="{revision}"{named}/>'
    )


def _envelope(header: str, body: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}"><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
