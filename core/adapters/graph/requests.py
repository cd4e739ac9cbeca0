"""The requests to Graph, built with the SDK's request builders; nothing is sent here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.adapters.graph import drafts, quirks
from core.adapters.graph.failures import Target
from core.adapters.graph.sdk import (
    CalendarViewRequestBuilder,
    DeltaRequestBuilder,
    EventItemRequestBuilder,
    EventsRequestBuilder,
    GraphRequestAdapter,
    Method,
    RequestConfiguration,
    RequestInformation,
    UsersRequestBuilder,
)
from core.adapters.graph.wire import Json
from core.model.when import Window


@dataclass(frozen=True, slots=True)
class Call:
    """One request and what its failures depend on. `mailbox` is empty for the directory.

    `conditional`: it has a precondition, so 412 tells that the item was changed.
    """

    info: RequestInformation
    target: Target
    mailbox: str = ""
    writes: bool = False
    conditional: bool = False


class Requests:
    """Every request that this adapter makes. Ids are percent-encoded by the SDK's URL templates."""

    def __init__(self, adapter: GraphRequestAdapter) -> None:
        self._adapter = adapter

    def delta(self, mailbox: str, window: Window, page_size: int) -> Call:
        """The first page of a full round over a window, which stays the stream's for ever (facts/microsoft.md A2)."""
        query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
            start_date_time=drafts.query_time(window.start), end_date_time=drafts.query_time(window.end)
        )
        builder = DeltaRequestBuilder(self._adapter, {"user%2Did": mailbox})
        info = builder.to_get_request_information(RequestConfiguration(query_parameters=query))
        return Call(_preferring(info, page_size), Target.DELTA, mailbox)

    def follow_delta(self, mailbox: str, link: str, page_size: int) -> Call:
        """The page or the round that a link leads to."""
        info = DeltaRequestBuilder(self._adapter, link).to_get_request_information()
        return Call(_preferring(info, page_size), Target.DELTA, mailbox)

    def view(self, mailbox: str, window: Window, page_size: int) -> Call:
        """The first page of what a window shows, marks included."""
        query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
            start_date_time=drafts.query_time(window.start),
            end_date_time=drafts.query_time(window.end),
            top=page_size,
            select=list(quirks.EVENT_FIELDS),
            expand=[quirks.MARK_EXPAND],
        )
        builder = CalendarViewRequestBuilder(self._adapter, {"user%2Did": mailbox})
        info = builder.to_get_request_information(RequestConfiguration(query_parameters=query))
        return Call(_preferring(info), Target.CALENDAR, mailbox)

    def events(self, mailbox: str, condition: str, page_size: int) -> Call:
        """The first page of the single events and series masters for which a `$filter` holds, marks included."""
        query = EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(
            filter=condition,
            orderby=["start/dateTime"],
            top=page_size,
            select=list(quirks.EVENT_FIELDS),
            expand=[quirks.MARK_EXPAND],
        )
        builder = EventsRequestBuilder(self._adapter, {"user%2Did": mailbox})
        info = builder.to_get_request_information(RequestConfiguration(query_parameters=query))
        return Call(_preferring(info), Target.CALENDAR, mailbox)

    def follow(self, mailbox: str, link: str) -> Call:
        """The next page of any listing."""
        info = EventsRequestBuilder(self._adapter, link).to_get_request_information()
        return Call(_preferring(info), Target.CALENDAR, mailbox)

    def event(self, mailbox: str, event: str) -> Call:
        """One event with its mark, and a series with its exceptions."""
        query = EventItemRequestBuilder.EventItemRequestBuilderGetQueryParameters(
            select=list(quirks.WHOLE_FIELDS), expand=list(quirks.WHOLE_EXPAND)
        )
        info = self._item(mailbox, event).to_get_request_information(RequestConfiguration(query_parameters=query))
        return Call(_preferring(info), Target.ITEM, mailbox)

    def create(self, mailbox: str, body: Json) -> Call:
        """A new event in the default calendar."""
        builder = EventsRequestBuilder(self._adapter, {"user%2Did": mailbox})
        info = RequestInformation(Method.POST, builder.url_template, builder.path_parameters)
        return Call(_carrying(info, body), Target.CALENDAR, mailbox, writes=True)

    def update(self, mailbox: str, event: str, version: str, body: Json) -> Call:
        """Some fields of an event, if it is still of that version: PATCH honours If-Match (facts/microsoft.md B)."""
        builder = self._item(mailbox, event)
        info = RequestInformation(Method.PATCH, builder.url_template, builder.path_parameters)
        info.headers.add("If-Match", version)
        return Call(_carrying(info, body), Target.ITEM, mailbox, writes=True, conditional=True)

    def delete(self, mailbox: str, event: str) -> Call:
        """An event's deletion; DELETE ignores If-Match (facts/microsoft.md B), so none is sent."""
        info = self._item(mailbox, event).to_delete_request_information()
        return Call(_preferring(info), Target.ITEM, mailbox, writes=True)

    def users(self, condition: str, fields: Sequence[str], top: int) -> Call:
        """The directory's users for whom the `$filter` holds."""
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
            filter=condition, select=list(fields), top=top
        )
        builder = UsersRequestBuilder(self._adapter, {})
        info = builder.to_get_request_information(RequestConfiguration(query_parameters=query))
        return Call(info, Target.DIRECTORY)

    def _item(self, mailbox: str, event: str) -> EventItemRequestBuilder:
        return EventItemRequestBuilder(self._adapter, {"user%2Did": mailbox, "event%2Did": event})


def _preferring(info: RequestInformation, page_size: int = 0) -> RequestInformation:
    pages = f", odata.maxpagesize={page_size}" if page_size else ""
    info.headers.add("Prefer", quirks.PREFER + pages)
    return info


def _carrying(info: RequestInformation, body: Json) -> RequestInformation:
    info.headers.add("Accept", "application/json")
    info.set_stream_content(drafts.encode(body), "application/json")
    return _preferring(info)
