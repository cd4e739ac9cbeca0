"""Whether an app-only token opens a mailbox: MailboxProbe and MicrosoftCheck (facts/microsoft.md F1, F2)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import httpx

from core.adapters.graph import wire
from core.adapters.graph.api import GraphApi, Tokens
from core.adapters.graph.directory import GraphCompany
from core.adapters.graph.failures import Target
from core.adapters.graph.requests import Call
from core.adapters.graph.sdk import Method, RequestInformation
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.connection import Check, Finding
from core.model.consent import Mailboxes, Probe
from core.model.ids import CompanyId

STRANGERS = 10
"""Mailboxes of the directory that are tried after those that were named."""


class GraphProbe:
    """MailboxProbe (core/ports_consent.py).

    `tokens` makes the tokens for a tenant anew: those that are kept elsewhere may date from before the consent, and
    keep their old roles as long as they live.
    """

    def __init__(self, base_url: str, tokens: Callable[[str], Tokens], http: httpx.AsyncClient) -> None:
        self._base_url, self._tokens, self._http = base_url, tokens, http

    async def probe(self, tenant: str, references: Sequence[str]) -> Probe:
        """See MailboxProbe.probe.

        What the token says of its roles decides nothing: it has none where RBAC for Applications limits the
        application to some mailboxes.
        """
        tokens = self._tokens(tenant)
        await tokens.token()
        api = GraphApi(self._base_url, tokens, self._http)
        strangers = await _users(api)
        denied = False
        for reference in dict.fromkeys([*references, *(strangers or ())]):
            try:
                await api.fetch(_calendar(reference), wire.document)
            except Stop as failure:
                denied = denied or failure.code == "mailbox_access_denied"
            else:
                return Probe(Mailboxes.ANSWER, strangers is not None)
        return Probe(Mailboxes.DENIED if denied else Mailboxes.NONE, strangers is not None)


async def _users(api: GraphApi) -> list[str] | None:
    """Object ids of some users; None where the directory cannot be read."""
    query = {"%24select": "id,mail", "%24top": str(STRANGERS)}
    info = RequestInformation(Method.GET, "{+baseurl}/users{?%24select,%24top}", query)
    try:
        found = await api.fetch(Call(info, Target.DIRECTORY), wire.document)
    except Stop:
        return None
    rows: Any = found.get("value")
    users = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [str(row["id"]) for row in users if row.get("id") and row.get("mail")]


def _calendar(reference: str) -> Call:
    """The default calendar's own resource: it exists wherever there is a mailbox, and tells nothing of its content."""
    template = "{+baseurl}/users/{user%2Did}/calendar{?%24select}"
    info = RequestInformation(Method.GET, template, {"user%2Did": reference, "%24select": "id"})
    return Call(info, Target.CALENDAR, reference)


class GraphConnection:
    """MicrosoftCheck (core/ports_connection.py) for Office 365, with a token of its own."""

    def __init__(self, base_url: str, tokens: Callable[[str], Tokens], http: httpx.AsyncClient) -> None:
        self._base_url, self._tokens, self._http = base_url, tokens, http

    async def check(
        self,
        company: CompanyId,  # noqa: ARG002 - port
        settings: CompanySettings,
        addresses: Sequence[str],
    ) -> AsyncGenerator[Finding, None]:
        """See MicrosoftCheck.check. Where no user's address leads to a mailbox, those of the directory are tried."""
        if not settings.tenant:
            raise Stop("tenant_missing", whole_company=True)
        yield Finding(Check.TENANT)
        tokens = self._tokens(settings.tenant)
        await tokens.token()
        yield Finding(Check.APP_TOKEN)
        api = GraphApi(self._base_url, tokens, self._http)
        strangers = await _users(api)
        if strangers is None:
            raise Stop("directory_denied", whole_company=True)
        yield Finding(Check.DIRECTORY)
        found = await GraphCompany(api).find_mailbox(addresses) if addresses else None
        mailbox = await _first_open(api, [*([found.id] if found else []), *strangers])
        yield Finding(Check.MAILBOX)
        await api.fetch(_some_events(mailbox), wire.document)
        yield Finding(Check.CALENDAR)


async def _first_open(api: GraphApi, references: Sequence[str]) -> str:
    """The first mailbox that answers. Raises Stop where none does."""
    denied = False
    for reference in dict.fromkeys(references):
        try:
            await api.fetch(_calendar(reference), wire.document)
        except Stop as failure:
            denied = denied or failure.code == "mailbox_access_denied"
        else:
            return reference
    raise Stop("mailboxes_denied" if denied else "no_mailbox_answers", whole_company=True)


def _some_events(reference: str) -> Call:
    """One event's id of the default calendar: it tells that events can be read, and nothing of what they are."""
    template = "{+baseurl}/users/{user%2Did}/events{?%24select,%24top}"
    info = RequestInformation(Method.GET, template, {"user%2Did": reference, "%24select": "id", "%24top": "1"})
    return Call(info, Target.CALENDAR, reference)
