"""`GET /users/{id}/calendarView/delta`, which real Graph serves as `delta()` too (facts/microsoft.md A1, A2)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from .delta import Round, Stream
from .errors import bad_query
from .event import Event
from .gate import CalendarCall
from .reads import window_of
from .render import event_json, listed_id, stub_json

_UNSUPPORTED = ("$orderby", "$filter", "$select", "$expand", "$search")


def get_delta(call: CalendarCall) -> Response:
    """One page. The window counts in the first request only; dates beside a token are ignored."""
    if any(name in call.query for name in _UNSUPPORTED):
        message = (
            "The following parameters are not supported with change tracking over the 'CalendarView' resource: "
            f"'{', '.join(_UNSUPPORTED)}'."
        )
        raise bad_query(message)
    world = call.world
    size = call.prefer.page_size or world.options.delta_page_size
    page = world.streams.turn(_round(call), size, world.ids, world.options)
    body: dict[str, Any] = {"@odata.context": call.context("Collection(event)")}
    link, token = ("@odata.deltaLink", "$deltatoken") if page.complete else ("@odata.nextLink", "$skiptoken")
    body[link] = call.link({token: page.token})
    body["value"] = [_item(call, event, in_view=in_view) for event, in_view in page.items]
    return call.answer(body)


def _round(call: CalendarCall) -> Round:
    world, mailbox = call.world, call.mailbox
    if "$skiptoken" in call.query:
        return world.streams.redeem(call.query["$skiptoken"], mailbox, complete=False).round
    if "$deltatoken" in call.query:
        last = world.streams.redeem(call.query["$deltatoken"], mailbox, complete=True).round
        stream, since = last.stream, last.position
    else:
        stream, since = Stream(mailbox, window_of(call)), None
    position = mailbox.position_at(world.now() - world.options.delta_lag) if call.position is None else call.position
    return world.streams.begin(stream, since, position, world.ids, world.options)


def _item(call: CalendarCall, event: Event, *, in_view: bool) -> dict[str, Any]:
    if in_view and event.kind == "occurrence":
        return {"@odata.type": "#microsoft.graph.event", **stub_json(event, call.prefer)}
    if in_view:
        return {"@odata.type": "#microsoft.graph.event", **event_json(event, call.prefer)}
    return {
        "@odata.type": "#microsoft.graph.event",
        "id": listed_id(event, call.prefer),
        "@removed": {"reason": "deleted"},
    }
