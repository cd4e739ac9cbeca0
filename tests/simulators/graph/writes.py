"""Writing to a calendar (facts/microsoft.md A5 and B)."""

from __future__ import annotations

from starlette.responses import Response

from . import exchange, series_fields
from .errors import GraphError
from .event import Event
from .gate import CalendarCall
from .inputs import event_fields
from .reads import find
from .render import event_json


def create_event(call: CalendarCall) -> Response:
    """`POST /users/{id}/events`: 201; with a `transactionId` that a living event has, that event."""
    fields = series_fields.settled(event_fields(call.body()), None)
    event = _same_transaction(call, fields.get("transaction_id"))
    if event is None:
        start, end = fields.pop("start"), fields.pop("end")
        event = exchange.create(call.world, call.mailbox, start, end, fields)
        exchange.mail(call.world, "invitation", event)
        exchange.follow_up(call.world, call.mailbox, event)
    return _written(call, event, 201)


def update_event(call: CalendarCall) -> Response:
    """`PATCH /users/{id}/events/{eid}`: honours If-Match; mails the attendees. An occurrence becomes an exception."""
    before = find(call)
    if call.headers.get("if-match", "*") not in ("*", before.etag):
        raise GraphError(412)
    body = call.body()
    fields = event_fields(body, before)
    fields = series_fields.settled(fields, before) if before.slot is None else series_fields.within_series(fields)
    event = exchange.update(call.world, call.mailbox, before, fields)
    _mail_update(call, before, event, only_attendees=set(body) == {"attendees"})
    exchange.follow_up(call.world, call.mailbox, event)
    return _written(call, event, 200)


def delete_event(call: CalendarCall) -> Response:
    """`DELETE /users/{id}/events/{eid}`: ignores If-Match; the item goes to Deleted Items; the organizer cancels.

    An occurrence is cancelled: gone at once, without a trace there.
    """
    event = find(call)
    if not event.live:
        raise GraphError(400, "ErrorInvalidRequest", "Your request can't be completed.")
    exchange.mail(call.world, "cancellation", event)
    exchange.remove(call.world, call.mailbox, event, lingering=call.world.options.lingering)
    return call.answer(None, 204)


def _same_transaction(call: CalendarCall, transaction_id: str | None) -> Event | None:
    if transaction_id is None:
        return None
    living = (event for event in call.mailbox.items().values() if event.live and event.slot is None)
    return next((event for event in living if event.transaction_id == transaction_id), None)


def _mail_update(call: CalendarCall, before: Event, event: Event, *, only_attendees: bool) -> None:
    was, now = exchange.attendee_addresses(before), exchange.attendee_addresses(event)
    joined, left = [a for a in now if a not in was], [a for a in was if a not in now]
    exchange.mail(call.world, "invitation", event, joined)
    exchange.mail(call.world, "cancellation", event, left)
    if not only_attendees:
        stayed = [a for a in now if a in was]
        for changed in [event, *exchange.exceptions(call.world, call.mailbox, event)]:
            exchange.mail(call.world, "update", changed, stayed)


def _written(call: CalendarCall, event: Event, status: int) -> Response:
    context = call.context(f"users('{call.arguments['user']}')/events/$entity")
    return call.answer({"@odata.context": context, **event_json(event, call.prefer)}, status)
