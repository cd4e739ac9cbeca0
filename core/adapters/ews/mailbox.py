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
from core.adapters.ews.soap import NAMES, Element, Person, text
from core.errors import RetryLater, SyncError
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
        place, schema = await self._place(deadline), await self.schema(deadline)
        left = iter(named)
        batches: list[list[Element]] = list(_batches(left, quirks.ITEMS_AT_ONCE))
        found: list[Element | SyncError] = []
        for some in _batches(iter(batches), quirks.CONCURRENT_REQUESTS):
            asked = [self._batch(Request(requests.get_items(ids, schema), place.person), ids, deadline) for ids in some]
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
        place = await self._place()
        answer = await self._api.one(Request(requests.sync(place.folder, state), place.person))
        changes = answer.find("m:Changes", NAMES)
        found = [] if changes is None else list(changes)
        removed = tuple(_id_in(one) for one in found if one.tag.endswith("}Delete"))
        changed = (_id_in(one) for one in found if one.tag.endswith(("}Create", "}Update")))
        last = text(answer, "m:IncludesLastItemInRange") == "true"
        next_state = text(answer, "m:SyncState")
        if not next_state or (not last and next_state == state):
            raise RetryLater("exchange_listing_never_ends")
        return Synced(tuple(dict.fromkeys(changed)), removed, next_state, last)

    async def view(self, window: Window, deadline: float | None = None) -> Listed:
        """What a window shows, which must not be longer than Exchange takes, as far as it fits into one answer."""
        place = await self._place(deadline)
        return await self._find(Request(requests.view(place.folder, window), place.person), deadline)

    async def search(self, condition: Element, offset: int = 0, deadline: float | None = None) -> Listed:
        """A page of the single items and masters for which a condition holds."""
        place = await self._place(deadline)
        return await self._find(Request(requests.search(place.folder, condition, offset), place.person), deadline)

    async def create(self, item: Element, deadline: float) -> tuple[str, str]:
        """Id and version of a new item."""
        place = await self._place(deadline)
        request = Request(requests.create(place.folder, item), place.person, writes=True)
        return _written(await self._api.one(request, deadline))

    async def update(
        self, identity: str, version: str, changes: Sequence[Element], deadline: float, *, announces: bool
    ) -> tuple[str, str]:
        """Id and version after the changes. Raises ItemChanged where it is of another version."""
        place = await self._place(deadline)
        body = requests.update(identity, version, changes, announces=announces)
        return _written(await self._api.one(Request(body, place.person, writes=True), deadline))

    async def delete(self, identity: str, deadline: float, *, announces: bool) -> None:
        """Move it to Deleted Items. Raises ItemMissing."""
        place = await self._place(deadline)
        body = requests.delete(identity, announces=announces)
        await self._api.one(Request(body, place.person, writes=True), deadline)

    async def _place(self, deadline: float | None = None) -> Place:
        return await self._finder(deadline=deadline)

    async def _batch(self, request: Request, ids: list[Element], deadline: float | None) -> list[Element | SyncError]:
        messages = await self._api.ask(request, deadline)
        if len(messages) != len(ids):
            raise RetryLater("exchange_malformed_answer", f"{len(messages)} messages for {len(ids)} items")
        return [_item(message) for message in messages]

    async def _find(self, request: Request, deadline: float | None) -> Listed:
        root = (await self._api.one(request, deadline)).find("m:RootFolder", NAMES)
        if root is None:
            raise RetryLater("exchange_malformed_answer", "no RootFolder")
        shown = tuple(_shown(item) for item in root.iterfind("t:Items/*", NAMES))
        offset = root.get("IndexedPagingOffset", "")
        return Listed(shown, root.get("IncludesLastItemInRange") == "true", int(offset) if offset.isdecimal() else 0)


def _item(message: Message) -> Element | SyncError:
    if message.refusal is not None:
        return message.refusal
    found = message.content.find("m:Items/t:CalendarItem", NAMES)
    return RetryLater("exchange_malformed_answer", "no item") if found is None else found


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
