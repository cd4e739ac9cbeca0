"""A company's mailboxes on its own Exchange Server: the port `MicrosoftCompany` (R1; facts/microsoft.md G2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from core.adapters.ews import quirks, requests, wire
from core.adapters.ews.api import EwsApi
from core.adapters.ews.calendar import EwsCalendar
from core.adapters.ews.mailbox import ELSEWHERE, MailboxCalls, Place
from core.adapters.ews.requests import Request
from core.adapters.ews.soap import NAMES, Person, text
from core.errors import RetryLater, Stop, SyncError
from core.model.company import Mailbox
from core.model.ids import MailboxId

Addresses = Callable[[MailboxId], Awaitable[Sequence[str]]]
"""The addresses of whoever a mailbox is bound to, as Severa knows them now; none where nobody is known to have it."""
_ANY_ADDRESS = "SmtpAddress"
_NOT_PRIMARY = "ErrorNonPrimarySmtpAddress"
_NOBODY = frozenset({"ErrorNameResolutionNoResults", "ErrorNameResolutionNoMailbox"})


class EwsCompany:
    """The mailboxes of one company. `zone` (IANA) is where whole days begin whose owner's zone is not known.

    Exchange lets nobody act for a mailbox by its guid, so each is reached by an address of its owner's, and it is the
    guid in its calendar's id that tells whether that is still the same mailbox. What was found is remembered for as
    long as this object lives.
    """

    def __init__(self, api: EwsApi, addresses: Addresses, zone: str) -> None:
        self._api, self._addresses, self._zone = api, addresses, zone
        self._places: dict[MailboxId, Place] = {}

    async def find_mailbox(self, addresses: Sequence[str]) -> Mailbox | None:
        """The one mailbox that answers to one of these addresses, primary or secondary, compared without case (R1).

        Raises Stop (`mailbox_ambiguous`) where they lead to several, and what keeps the service out of one.
        """
        found: dict[MailboxId, list[str]] = {}
        for address in dict.fromkeys(one.strip().lower() for one in addresses if "@" in one):
            place = await self._place_of(address)
            if place is not None:
                self._places[place.mailbox] = place
                # By a secondary address Severa may not know the user whom it knows by the primary one.
                primary = await self._primary(address) if place.person.by == _ANY_ADDRESS else ""
                known = found.setdefault(place.mailbox, [])
                known += dict.fromkeys(one for one in (primary, place.person.address, address) if one)
        if len(found) > 1:
            raise Stop("mailbox_ambiguous", f"{len(found)} mailboxes")
        return next((Mailbox(name, tuple(dict.fromkeys(known))) for name, known in found.items()), None)

    def calendar(self, mailbox: MailboxId, zone: str = "") -> EwsCalendar:
        """That mailbox's default calendar.

        Exchange's whole days are midnights of a zone, and Outlook shows those of another zone as parts of two days
        (facts/microsoft.md G4): they begin where the owner is.
        """

        async def where(*, deadline: float | None = None, anew: bool = False) -> Place:
            return await self._where(mailbox, deadline, anew=anew)

        return EwsCalendar(MailboxCalls(self._api, where), mailbox, zone or self._zone)

    def close(self) -> None:
        """Close every connection."""
        self._api.close()

    async def _where(self, mailbox: MailboxId, deadline: float | None, *, anew: bool) -> Place:
        """Where the mailbox is. Raises Stop where its owner's addresses lead to none, or to another one."""
        known = self._places.get(mailbox)
        if known is not None and not anew:
            return known
        tried = [known.person.address] if known else []
        elsewhere = False
        for address in dict.fromkeys([*tried, *await self._addresses(mailbox)]):
            place = await self._place_of(address.strip().lower(), deadline)
            if place is not None and place.mailbox == mailbox:
                self._places[mailbox] = place
                return place
            elsewhere = elsewhere or place is not None
        self._places.pop(mailbox, None)
        raise Stop("mailbox_changed" if elsewhere else ELSEWHERE)

    async def _place_of(self, address: str, deadline: float | None = None) -> Place | None:
        """The mailbox with that address, None where there is none on this server."""
        primary_only = await self._api.schema(deadline) in quirks.PRIMARY_ONLY
        by = "PrimarySmtpAddress" if primary_only else _ANY_ADDRESS
        try:
            return await self._open(Person(address, by), deadline)
        except Stop as failure:
            if failure.code != ELSEWHERE:
                raise
            if failure.detail != _NOT_PRIMARY:
                return None
        primary = await self._primary(address, deadline)
        return await self._open(Person(primary, by), deadline) if primary else None

    async def _open(self, person: Person, deadline: float | None) -> Place:
        answer = await self._api.one(Request(requests.own_calendar(), person), deadline)
        found = answer.find("m:Folders/t:CalendarFolder/t:FolderId", NAMES)
        folder = "" if found is None else str(found.get("Id"))
        mailbox = wire.mailbox_of(folder)
        if mailbox is None:
            raise RetryLater("exchange_malformed_answer", "no calendar")
        return Place(mailbox, person, folder)

    async def _primary(self, address: str, deadline: float | None = None) -> str:
        """The primary address of whoever has this secondary one, empty where nobody has."""
        [message] = await self._api.ask(Request(requests.resolve(address)), deadline)
        refusal: SyncError | None = message.refusal
        if refusal is not None and refusal.detail not in _NOBODY:
            raise refusal
        found = message.content.findall("m:ResolutionSet/t:Resolution/t:Mailbox", NAMES)
        named = [text(one, "t:EmailAddress").strip().lower() for one in found]
        return named[0] if len(named) == 1 and "@" in named[0] else ""
