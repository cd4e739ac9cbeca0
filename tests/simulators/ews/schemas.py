"""Microsoft's own schemas of EWS, with which requests and answers are checked."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from pathlib import Path

from lxml import etree

from .releases import schema_file
from .soap import MESSAGES, SOAP, TYPES

_XML = "http://www.w3.org/XML/1998/namespace"
_XS = "http://www.w3.org/2001/XMLSchema"
_ATTRIBUTES = (
    f'<xs:schema targetNamespace="{_XML}" xmlns:xs="{_XS}"><xs:attribute name="lang" type="xs:language"/>'
    '<xs:attribute name="space" type="xs:NCName"/><xs:attribute name="base" type="xs:anyURI"/></xs:schema>'
)
_MANY = ' minOccurs="0" maxOccurs="unbounded"'
_ANY = (
    '<xs:complexType><xs:sequence><xs:any namespace="##other" processContents="{0}"{1}/></xs:sequence></xs:complexType>'
)
_ENVELOPE = (
    f'<xs:schema xmlns:xs="{_XS}" targetNamespace="{SOAP}" elementFormDefault="qualified">'
    f'<xs:import namespace="{MESSAGES}" schemaLocation="messages.xsd"/>'
    f'<xs:import namespace="{TYPES}" schemaLocation="types.xsd"/>'
    '<xs:element name="Envelope"><xs:complexType><xs:sequence>'
    f'<xs:element name="Header" minOccurs="0">{_ANY.format("lax", _MANY)}</xs:element>'
    f'<xs:element name="Body">{_ANY.format("strict", "")}</xs:element>'
    "</xs:sequence></xs:complexType></xs:element></xs:schema>"
)
"""A SOAP envelope: what is in its body must be known, what is in its header need not be (as in .NET)."""

_REFERENCES = re.compile(rb"&#x(?:[0-8BCEF]|1[0-9A-F]);")
"""To control characters: Exchange sends them (soap.py)."""


class Schemas:
    """The schemas in a folder, one sub-folder per release (`Exchange2016/types.xsd`, ...)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def problems(self, schema: str, content: bytes) -> list[str]:
        """What is wrong with an envelope by the schema of a version; faults have no schema and are always right."""
        found = etree.fromstring(_REFERENCES.sub(b"", content))
        if found.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault") is not None:
            return []
        version = found.find(f"{{{SOAP}}}Header/{{{TYPES}}}RequestServerVersion")
        if version is not None:
            version.set("Version", schema_file(schema))  # each file fixes its own, and serves others
        with self._lock:  # lxml keeps the errors in the schema itself
            compiled = _compiled(self._folder / schema_file(schema))
            if compiled.validate(found):
                return []
            return [f"line {error.line}: {error.message}" for error in compiled.error_log]


class _Local(etree.Resolver):  # type: ignore[misc]  # lxml has no types
    """Gives the `xml:` namespace's schema, which Microsoft's import without saying where it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def resolve(self, system_url: str | None, public_id: object, context: object) -> object:
        name = Path(system_url or "").name
        if name == "xml.xsd":
            return self.resolve_string(_ATTRIBUTES, context)
        text = (self._folder / name).read_text(encoding="utf-8-sig")
        bare = f'<xs:import namespace="{_XML}"'
        return self.resolve_string(text.replace(f"{bare}/>", f'{bare} schemaLocation="xml.xsd"/>'), context)


@lru_cache(maxsize=8)
def _compiled(folder: Path) -> etree.XMLSchema:
    parser = etree.XMLParser()
    parser.resolvers.add(_Local(folder))
    return etree.XMLSchema(etree.fromstring(_ENVELOPE, parser, base_url=str(folder / "envelope.xsd")))
