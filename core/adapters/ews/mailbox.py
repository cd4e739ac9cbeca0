"""What is asked of one mailbox: each call acts for its owner, in the calendar that bears the mailbox's guid."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from core.adapters.ews import quirks, requests, wire
from core.adapters.ews.api import EwsApi
from core.adapters.ews.refusals import ItemMissing
from core.adapters.ews.requests import Request
from core.adapters.ews.service import Message
from core.adapters.ews.soap import NAMES, Element, Person, local, text
from core.errors import ItemRefused, RetryLater, Stop, SyncError
from core.model.ids import MailboxId
from core.model.stretch import Window

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is: whom to act for, and its default calendar's id."""

    mailbox: MailboxId
    person: Person
    folder: str


Finder = Callable[..., Awaitable[Place]]
"""Where the mailbox is: `finder(deadline=..., anew=...)`; anew, it asks even if it knows. Raises Stop, RetryLater."""
Body = Callable[[Place], Element]
"""A request's own element, for a mailbox in that place."""
Asking = Callable[[Request, float | None], Awaitable[T]]
ELSEWHERE = "exchange_mailbox_elsewhere"
"""No mailbox on this server has the address; nothing was done."""
_ASTRAY = frozenset({ELSEWHERE, "exchange_calendar_denied"})
"""What a request meets whose address is nobody's any more, or somebody else's, who may not open this mailbox."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry or date that a view or search shows: `series` tells whether it is of a series, `uid` of which."""

    id: str
    version: str
    is_single: bool
    uid: str

    @property
    def entry(self) -> str:
        """What it is a date of, or itself: dates of one series have one uid, which no two series of a mailbox share."""
        return self.id if self.is_single else self.uid or self.id


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of a listing; without `complete` there is more, from `next` on."""

    shown: tuple[Shown, ...]
    complete: bool
    next: int = 0


@dataclass(frozen=True, slots=True)
class Synced:
    """What changed since a state: ids that came or changed, ids that went, the next state, and whether that is all."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    state: str
    last: bool


class MailboxCalls:
    """The requests for one mailbox."""

    def __init__(self, api: EwsApi, finder: Finder) -> None:
        self._api, self._finder = api, finder

    def deadline(self, *, writes: bool) -> float:
        """See EwsApi.deadline."""
        return self._api.deadline(writes=writes)

    async def schema(self, deadline: float | None = None) -> str:
        """See EwsApi.schema."""
        return await self._api.schema(deadline)

    async def check_place(self) -> None:
        """Ask whether the address still leads to this very mailbox. Raises Stop where it does not."""
        await self._finder(deadline=self.deadline(writes=False), anew=True)

    async def items(self, named: Iterable[Element], deadline: float | None = None) -> list[Element | SyncError]:
        """Whole items, some at a time, in the order of `named`; in place of one that is refused, why."""
        schema = await self.schema(deadline)
        left = iter(named)
        batches: list[list[Element]] = list(_batches(left, quirks.ITEMS_AT_ONCE))
        found: list[Element | SyncError] = []
        for some in _batches(iter(batches), quirks.CONCURRENT_REQUESTS):
            asked = [self._batch(ids, schema, deadline) for ids in some]
            # One that fails ends it all, but not before the others are done: nothing goes on behind the caller's back.
            for answers in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(answers, BaseException):
                    raise answers
                found += answers
        return found

    async def item(self, named: Element, deadline: float | None = None) -> Element | None:
        """One whole item; None where it answers that it is gone. Raises why it is refused otherwise."""
        [found] = await self.items([named], deadline)
        if isinstance(found, ItemMissing):
            return None
        if isinstance(found, SyncError):
            raise found
        return found

    async def sync(self, state: str) -> Synced:
        """What changed since the state. Raises CursorGone."""
        answer = await self._one(lambda place: requests.sync(place.folder, state))
        changes = answer.find("m:Changes", NAMES)
        found = [] if changes is None else list(changes)
        removed = tuple(_id_in(one) for one in found if one.tag.endswith("}Delete"))
        kept = (one for one in found if one.tag.endswith(("}Create", "}Update")))
        changed = (_id_in(one) for one in kept if one.find("t:CalendarItem", NAMES) is not None)
        last = text(answer, "m:IncludesLastItemInRange") == "true"
        next_state = text(answer, "m:SyncState")
        if not next_state or (not last and next_state == state):
            raise RetryLater("exchange_listing_never_ends")
        return Synced(tuple(dict.fromkeys(changed)), removed, next_state, last)

    async def view(self, window: Window, deadline: float | None = None) -> Listed:
        """What a window shows, which must not be longer than Exchange takes, as far as it fits into one answer."""
        return await self._find(lambda place: requests.view(place.folder, window), deadline)

    async def search(self, condition: Element, offset: int = 0, deadline: float | None = None) -> Listed:
        """A page of the single items and masters for which a condition holds."""
        return await self._find(lambda place: requests.search(place.folder, condition, offset), deadline)

    async def create(self, item: Element, deadline: float) -> tuple[str, str]:
        """Id and version of a new item."""
        return _written(await self._one(lambda place: requests.create(place.folder, item), deadline, writes=True))

    async def update(
        self, identity: str, version: str, changes: Sequence[Element], deadline: float, *, announces: bool
    ) -> tuple[str, str]:
        """Id and version after the changes. Raises ItemChanged where it is of another version."""
        body = requests.update(identity, version, changes, announces=announces)
        return _written(await self._one(lambda _: body, deadline, writes=True))

    async def delete(self, identity: str, deadline: float, *, announces: bool) -> None:
        """Move it to Deleted Items. Raises ItemMissing."""
        body = requests.delete(identity, announces=announces)
        await self._one(lambda _: body, deadline, writes=True)

    async def _one(self, body: Body, deadline: float | None = None, *, writes: bool = False) -> Element:
        return await self._asked(self._api.one, body, deadline, writes=writes)

    async def _asked(self, ask: Asking[T], body: Body, deadline: float | None, *, writes: bool = False) -> T:
        """The answer, from wherever the mailbox is by now: its owner may have got another address."""
        place = await self._finder(deadline=deadline)
        try:
            return await ask(Request(body(place), place.person, writes=writes), deadline)
        except Stop as failure:
            if failure.code not in _ASTRAY:
                raise
        place = await self._finder(deadline=deadline, anew=True)
        return await ask(Request(body(place), place.person, writes=writes), deadline)

    async def _batch(self, ids: list[Element], schema: str, deadline: float | None) -> list[Element | SyncError]:
        wanted = requests.get_items(ids, schema)
        messages = await self._asked(self._api.ask, lambda _: wanted, deadline)
        if len(messages) != len(ids):
            raise RetryLater("exchange_malformed_answer", f"{len(messages)} messages for {len(ids)} items")
        return [_item(message) for message in messages]

    async def _find(self, body: Body, deadline: float | None) -> Listed:
        root = (await self._one(body, deadline)).find("m:RootFolder", NAMES)
        if root is None:
            raise RetryLater("exchange_malformed_answer", "no RootFolder")
        shown = tuple(_shown(item) for item in root.iterfind("t:Items/t:CalendarItem", NAMES))
        offset = root.get("IndexedPagingOffset", "")
        return Listed(shown, root.get("IncludesLastItemInRange") == "true", int(offset) if offset.isdecimal() else 0)


def _item(message: Message) -> Element | SyncError:
    if message.refusal is not None:
        return message.refusal
    found = message.content.find("m:Items/*", NAMES)
    if found is None:
        return RetryLater("exchange_malformed_answer", "no item")
    # people can put notes and mails into a calendar, too
    return found if local(found) == "CalendarItem" else ItemRefused("unreadable_event", local(found))


def _shown(item: Element) -> Shown:
    identity, version = wire.item_id(item)
    return Shown(identity, version, text(item, "t:CalendarItemType") in ("", "Single"), text(item, "t:UID"))


def _id_in(change: Element) -> str:
    found = change.find(".//t:ItemId", NAMES)
    if found is None:
        raise RetryLater("exchange_malformed_answer", "a change without an id")
    return str(found.get("Id"))


def _written(answer: Element) -> tuple[str, str]:
    found = answer.find("m:Items/t:CalendarItem", NAMES)
    return ("", "") if found is None else wire.item_id(found)


def _batches(left: Iterator[T], most: int) -> Iterator[list[T]]:
    while some := list(islice(left, most)):
        yield some
