"""Writing to a calendar (facts/microsoft.md A5 and B)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from . import exchange, meetings, online, series_fields
from .errors import GraphError
from .event import Event
from .gate import CalendarCall
from .inputs import event_fields
from .reads import find
from .render import event_json


def create_event(call: CalendarCall) -> Response:
    """`POST /users/{id}/events`: 201; with a `transactionId` that a living event has, that event."""
    fields = _online(call, series_fields.settled(event_fields(call.body()), None), None)
    event = _same_transaction(call, fields.get("transaction_id"))
    if event is None:
        start, end = fields.pop("start"), fields.pop("end")
        event = meetings.create(call.world, call.mailbox, start, end, fields)
        exchange.mail(call.world, "invitation", event)
        exchange.follow_up(call.world, call.mailbox, event)
    return _written(call, event, 201)


def update_event(call: CalendarCall) -> Response:
    """`PATCH /users/{id}/events/{eid}`: honours If-Match; mails the attendees. An occurrence becomes an exception.

    Whatever the organizer's event is told, even what it holds already, is an update that is mailed (facts/peers.md
    P34); one of the attendees alone is mailed to those who joined or left. An attendee's event changes alone.
    """
    before = find(call)
    if call.headers.get("if-match", "*") not in ("*", before.etag):
        raise GraphError(412)
    body = call.body()
    fields = _online(call, event_fields(body, before), before)
    fields = series_fields.settled(fields, before) if before.slot is None else series_fields.within_series(fields)
    only_attendees = set(body) == {"attendees"}
    event = meetings.update(call.world, call.mailbox, before, fields, only_changed=only_attendees)
    _mail_update(call, before, event, only_attendees=only_attendees)
    exchange.follow_up(call.world, call.mailbox, event)
    return _written(call, event, 200)


def delete_event(call: CalendarCall) -> Response:
    """`DELETE /users/{id}/events/{eid}`: ignores If-Match; the item goes to Deleted Items; the organizer cancels.

    An occurrence is cancelled: gone at once, without a trace there. An attendee's event goes without an answer.
    """
    event = find(call)
    if not event.live:
        raise GraphError(400, "ErrorInvalidRequest", "Your request can't be completed.")
    exchange.mail(call.world, "cancellation", event)
    meetings.remove(call.world, call.mailbox, event, lingering=call.world.options.lingering)
    return call.answer(None, 204)


def _online(call: CalendarCall, fields: dict[str, Any], before: Event | None) -> dict[str, Any]:
    return online.settled(fields, before, call.world.ids, wanted=fields.pop("online", False))


def _same_transaction(call: CalendarCall, transaction_id: str | None) -> Event | None:
    if transaction_id is None:
        return None
    living = (event for event in call.mailbox.items().values() if event.live and event.slot is None)
    return next((event for event in living if event.transaction_id == transaction_id), None)


def _mail_update(call: CalendarCall, before: Event, event: Event, *, only_attendees: bool) -> None:
    was, now = exchange.attendee_addresses(before), exchange.attendee_addresses(event)
    joined, left = exchange.not_among(now, was), exchange.not_among(was, now)
    exchange.mail(call.world, "invitation", event, joined)
    exchange.mail(call.world, "cancellation", event, left)
    if not only_attendees:
        stayed = exchange.not_among(now, joined)
        for changed in [event, *exchange.exceptions(call.world, call.mailbox, event)]:
            exchange.mail(call.world, "update", changed, stayed)


def _written(call: CalendarCall, event: Event, status: int) -> Response:
    context = call.context(f"users('{call.arguments['user']}')/events/$entity")
    return call.answer({"@odata.context": context, **event_json(event, call.prefer)}, status)
