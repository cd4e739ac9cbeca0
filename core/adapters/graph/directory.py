"""A company's mailboxes through Graph's directory: the port `MicrosoftCompany`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.adapters.graph import wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.calendar import GraphCalendar
from core.errors import Stop
from core.model.company import Mailbox
from core.model.ids import MailboxId

FIELDS = ("id", "mail", "userPrincipalName", "proxyAddresses")
"""`proxyAddresses` needs the permission User.Read.All (facts/microsoft.md F2)."""
MAX_FOUND = 5


class GraphCompany:
    """The mailboxes of one Microsoft organization."""

    def __init__(self, api: GraphApi) -> None:
        self._api = api

    async def find_mailbox(self, addresses: Sequence[str]) -> Mailbox | None:
        """The one user whose mail, user principal name or SMTP address is among these, compared without case (R1).

        None where nobody has one of them, or only somebody without any mail address: that is no mailbox. Raises Stop
        (`mailbox_ambiguous`) where they lead to several.
        """
        wanted = list(dict.fromkeys(address.strip().lower() for address in addresses if address.strip()))
        found: dict[str, Mailbox] = {}
        for address in wanted:
            call = self._api.requests.users(_condition(address), FIELDS, MAX_FOUND)
            for user in await self._api.fetch(call, _users):
                mailbox = _mailbox(user)
                if mailbox is not None and address in mailbox.addresses:
                    found[mailbox.id] = mailbox
        if len(found) > 1:
            raise Stop("mailbox_ambiguous", f"{len(found)} mailboxes")
        return next(iter(found.values()), None)

    def calendar(self, mailbox: MailboxId, zone: str = "") -> GraphCalendar:
        """That mailbox's default calendar. Graph's whole days are dates, so the zone does not matter."""
        del zone
        return GraphCalendar(self._api, mailbox)


def _condition(address: str) -> str:
    """The `$filter`. `eq` works by default for all three properties, also joined by `or`: no advanced query is needed.

    (Graph, "Advanced query capabilities on directory objects".) The primary address has the prefix in capitals.
    """
    text = address.replace("'", "''")
    own = [f"proxyAddresses/any(p:p eq '{prefix}:{text}')" for prefix in ("smtp", "SMTP")]
    return " or ".join([*own, f"mail eq '{text}'", f"userPrincipalName eq '{text}'"])


def _users(body: bytes) -> list[dict[str, Any]]:
    users = wire.document(body).get("value")
    if not isinstance(users, list) or not all(isinstance(user, dict) for user in users):
        raise wire.Malformed("no users")
    return users


def _mailbox(user: dict[str, Any]) -> Mailbox | None:
    """The user's mailbox with every address in lower case, the primary one first; None for a user without any."""
    proxies = [a for a in user.get("proxyAddresses") or () if isinstance(a, str) and a.lower().startswith("smtp:")]
    primary = [a[5:] for a in proxies if a.startswith("SMTP:")]
    mail, principal, identity = (user.get(name) or "" for name in ("mail", "userPrincipalName", "id"))
    if not identity or not (mail or proxies):
        return None
    known = [*primary, mail, *(a[5:] for a in proxies), principal]
    return Mailbox(MailboxId(identity), tuple(dict.fromkeys(address.lower() for address in known if address)))
