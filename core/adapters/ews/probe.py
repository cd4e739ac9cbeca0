"""An Exchange Server, tried: the port MicrosoftCheck (facts/microsoft.md G, H)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from exchangelib import IMPERSONATION, UTC, Account, Configuration, Credentials
from exchangelib.properties import DistinguishedFolderId, Mailbox
from exchangelib.protocol import Protocol
from exchangelib.services import GetFolder
from exchangelib.transport import NOAUTH

from core.adapters.addresses import AddressGuard
from core.adapters.ews.detection import Build, build_of
from core.adapters.ews.failures import understood
from core.adapters.ews.pinned import PinnedProtocol, Target, endpoint_of, full_name, offered_login
from core.adapters.ews.releases import SCHEMAS, release_of
from core.adapters.ews.security import tls_of
from core.adapters.ews.tls import tls_version
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.company import ExchangeRelease as Release
from core.model.connection import Check, Finding, Outcome
from core.model.ids import CompanyId
from core.ports import Executor

Password = Callable[[CompanyId], Awaitable[str]]
"""A company's password, empty where there is none."""
_CANNOT_ACT = ("exchange_mailbox_not_found", "exchange_impersonation_denied")
"""What is true of one mailbox and may be otherwise for the next one."""
_NOT_PRIMARY = "ErrorNonPrimarySmtpAddress"


class ExchangeConnection:
    """See MicrosoftCheck. exchangelib blocks: it runs on the executor, with connections of its own for each test."""

    def __init__(self, guard: AddressGuard, executor: Executor, password: Password, ca_file: str = "") -> None:
        self._guard, self._executor, self._password, self._ca_file = guard, executor, password, ca_file

    async def check(
        self, company: CompanyId, settings: CompanySettings, addresses: Sequence[str]
    ) -> AsyncGenerator[Finding, None]:
        """See MicrosoftCheck.check. The password is sent only to a server whose certificate is trusted, and once."""
        endpoint = await endpoint_of(Target(settings.ews_url, self._ca_file, tls_of(settings)), self._guard)
        yield Finding(Check.ADDRESS)
        yield Finding(Check.TLS, detail=await self._executor.run(tls_version, endpoint))
        password = await self._password(company)
        if not settings.user_name or not password:
            raise Stop("exchange_credentials_missing", whole_company=True)
        method = await self._executor.run(offered_login, endpoint)
        credentials = Credentials(full_name(settings), password)
        protocol = PinnedProtocol(endpoint, credentials, method)
        try:
            build = await self._executor.run(build_of, protocol, SCHEMAS.get(settings.release, ""))
            yield Finding(Check.LOGIN, detail=method)
            yield _version(settings.release, build)
            if not addresses:
                raise Stop("exchange_no_address", whole_company=True)
            folder = await self._executor.run(_act_for_one, protocol, tuple(addresses))
            yield Finding(Check.IMPERSONATION)
            if isinstance(folder, Stop):
                raise folder
            yield Finding(Check.CALENDAR)
        finally:
            protocol.close()


class _OwnCalendar(GetFolder):  # type: ignore[misc]  # exchangelib has no types
    """Whether the default calendar is there; nothing of it is read but its id."""

    _timezone = None  # a header that Exchange 2007 does not know (facts/microsoft.md G1)

    def _elems_to_objs(self, elems: Any) -> Any:
        yield from (elem if isinstance(elem, Exception) else True for elem in elems)


def _version(wanted: Release, build: Build) -> Finding:
    found = release_of(*build[:3])
    detail = f"{found.value} ({'.'.join(map(str, build))})"
    if wanted not in (Release.DETECT, found):
        return Finding(Check.VERSION, Outcome.WARNED, "exchange_other_release", detail)
    return Finding(Check.VERSION, detail=detail)


def _act_for_one(protocol: PinnedProtocol, addresses: tuple[str, ...]) -> Stop | None:
    """Act for the first mailbox that lets us: None where its calendar opens, else what keeps it shut. Blocks."""
    last = Stop("exchange_mailbox_not_found")
    for address in dict.fromkeys(address for address in addresses if "@" in address):
        try:
            _open_calendar(protocol, address)
            return None
        except Stop as failure:
            if failure.code == "exchange_calendar_denied":
                return failure
            if failure.code not in _CANNOT_ACT:
                raise
            # a mailbox that may not be opened says more than one that is not there
            last = failure if last.code == "exchange_mailbox_not_found" else last
    raise last


def _open_calendar(protocol: PinnedProtocol, address: str) -> None:
    try:
        _open_calendar_of(protocol, address)
    except Stop as failure:
        primary = _primary(protocol, address) if failure.detail == _NOT_PRIMARY else ""
        if not primary:
            raise
        _open_calendar_of(protocol, primary)


def _primary(protocol: PinnedProtocol, address: str) -> str:
    """The primary address of whoever has this secondary one, empty where nobody has (facts/microsoft.md G2)."""
    with understood():
        found = [one for one in protocol.resolve_names([f"smtp:{address}"]) if isinstance(one, Mailbox)]
    return str(found[0].email_address or "") if len(found) == 1 else ""


def _open_calendar_of(protocol: PinnedProtocol, address: str) -> None:
    with understood():
        _OwnCalendar(account=_account(protocol, address)).get(
            folders=[DistinguishedFolderId(id="calendar", mailbox=Mailbox(email_address=address))],
            additional_fields=[],
            shape="IdOnly",
        )


def _account(protocol: PinnedProtocol, address: str) -> Account:
    """An account on our protocol. Making one makes another protocol, which is kept for ever: ours takes its place."""
    bare = Configuration(service_endpoint=protocol.service_endpoint, auth_type=NOAUTH)
    account = Account(address, access_type=IMPERSONATION, config=bare, default_timezone=UTC, locale="en_US")
    with suppress(KeyError):
        del Protocol[bare]
    account.protocol = protocol
    return account
