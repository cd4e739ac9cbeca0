"""Which build a server is of, from the smallest request that needs a login (facts/microsoft.md G1)."""

from __future__ import annotations

from exchangelib.errors import ResponseMessageError
from exchangelib.properties import ENTRY_ID, EWS_ID, AlternateId
from exchangelib.services import ConvertId
from exchangelib.version import Version

from core.adapters.ews.failures import understood
from core.adapters.ews.pinned import PinnedProtocol
from core.adapters.ews.releases import SCHEMAS
from core.errors import Stop
from core.model.company import ExchangeRelease as Release

Build = tuple[int, int, int, int]


def build_of(protocol: PinnedProtocol, schema: str) -> Build:
    """The server's build; `schema` is tried first, empty for the newest. Blocks.

    exchangelib's own guessing takes a server that does not answer for one that says no version.
    """
    protocol.config.version = Version(build=None, api_version=schema or SCHEMAS[Release.SE])
    with understood():
        service = ConvertId(protocol=protocol)
        try:
            list(service.call([AlternateId(id="DUMMY", format=EWS_ID, mailbox="DUMMY")], ENTRY_ID))
        except ResponseMessageError:
            if protocol.config.version.build is None:
                raise
    build = protocol.config.version.build
    if build is None:
        raise Stop("exchange_not_ews", "no version", whole_company=True)
    return build.major_version, build.minor_version, build.major_build, build.minor_build
