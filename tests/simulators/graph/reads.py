"""Reading a calendar: the calendar, one event, the list of events, the view of a window, a series' occurrences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from . import odata, series, zones
from .errors import GraphError, bad_parameter, bad_query
from .event import Event, Window
from .gate import CalendarCall
from .ids import IMMUTABLE_PREFIX, OID_PREFIX, REST_PREFIX, oid_named
from .inputs import canonical_property_id
from .prefer import Preferences
from .render import event_json, extended_json
from .series import SeriesView
from .shown import EXTENDED, shower

DEFAULT_PAGE, MAX_PAGE = 10, 1000
MAX_WINDOW = timedelta(days=1825)
# iCalUId, but not uid, which Graph refuses to filter by (microsoft-graph-docs issues 6247, 8640, 16038)
_FILTERABLE = frozenset(
    {
        "id", "subject", "iCalUId", "type", "start/dateTime", "end/dateTime", "createdDateTime", "isAllDay",
        "lastModifiedDateTime", "isCancelled", "sensitivity", "showAs", "organizer/emailAddress/address", EXTENDED,
    }
)  # fmt: skip


def get_calendar(call: CalendarCall) -> Response:
    """`GET /users/{id}/calendar`: the default calendar."""
    mailbox = call.mailbox
    owner = {"name": mailbox.display_name, "address": mailbox.address}
    body = {"id": f"AAMkC{mailbox.object_id}", "name": "Calendar", "isDefaultCalendar": True, "canEdit": True}
    context = call.context(f"users('{call.arguments['user']}')/calendar/$entity")
    return call.answer({"@odata.context": context, **body, "owner": owner})


def get_event(call: CalendarCall) -> Response:
    """`GET /users/{id}/events/{eid}`: an event in the calendar, or one that lingers in Deleted Items.

    An occurrence or an exception answers by its id and by its `occurrenceId`.
    """
    event = find(call)
    context = call.context(f"users('{call.arguments['user']}')/events/$entity")
    return call.answer({"@odata.context": context, **shower(call, one=True)(event)})


def list_events(call: CalendarCall) -> Response:
    """`GET /users/{id}/events`: single events and series masters of the calendar."""
    items = call.mailbox.items(call.position).values()
    return _listing(call, [event for event in items if event.live and event.slot is None], "events")


def view_calendar(call: CalendarCall) -> Response:
    """`GET /users/{id}/calendarView`: what the window shows, series only as occurrences (facts/microsoft.md A3)."""
    window, zone, items = window_of(call), call.mailbox.zone, call.mailbox.items(call.position)
    view = SeriesView(call.mailbox, items, call.world.options)
    shown: list[Event] = []
    for event in items.values():
        if event.live and event.recurrence is not None:
            shown += view.instances(event, window)
        elif event.live and event.slot is None and event.overlaps(window, zone):
            shown.append(event)
    return _listing(call, shown, "calendarView")


def list_instances(call: CalendarCall) -> Response:
    """`GET /users/{id}/events/{eid}/instances`: the occurrences and exceptions of a series in a window."""
    master, window = find(call), window_of(call)
    if master.recurrence is None:
        raise GraphError(400, "ErrorInvalidRequest", "Instances can only be listed of a series master.")
    view = SeriesView(call.mailbox, call.mailbox.items(call.position), call.world.options)
    shown = view.instances(master, window) if master.live else []
    return _listing(call, shown, f"events('{call.arguments['event']}')/instances")


def find(call: CalendarCall) -> Event:
    """The event that the path names. Raises GraphError: 404, or 400 for what is no id."""
    event_id = call.arguments["event"]
    if not event_id.startswith((REST_PREFIX, IMMUTABLE_PREFIX, OID_PREFIX)) or (
        event_id.startswith(OID_PREFIX) and oid_named(event_id) is None
    ):
        raise GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")
    event = series.find(call.mailbox, event_id, call.world.options, call.position)
    if event is None:
        raise GraphError(404)
    return event


def window_of(call: CalendarCall) -> Window:
    """The window that a view's parameters name. Raises GraphError."""
    bounds = []
    for name in ("StartDateTime", "EndDateTime"):
        text = call.query.get(name.lower())
        if text is None:
            needed = "a time window specified by the query string parameters StartDateTime and EndDateTime"
            raise GraphError(400, "ErrorInvalidParameter", f"This request requires {needed}.")
        try:
            bounds.append(zones.parse_instant(text))
        except ValueError as error:
            raise bad_parameter(name, text) from error
    start, end = bounds
    if end < start:
        raise bad_parameter("EndDateTime", call.query["enddatetime"])
    if end - start > MAX_WINDOW:
        message = f"The requested range of the calendar view is too big; at most {MAX_WINDOW.days} days are allowed."
        raise GraphError(400, "ErrorInvalidParameter", message)
    return Window(start, end)


def _listing(call: CalendarCall, events: list[Event], name: str) -> Response:
    show, test = shower(call), _test(call)
    events = _ordered(call, [event for event in events if test(event)])
    top, skip = _count(call, "$top", DEFAULT_PAGE), _count(call, "$skip", 0)
    if not 1 <= top <= MAX_PAGE:
        raise bad_query(f"The value of $top must be between 1 and {MAX_PAGE} inclusive.")
    body: dict[str, Any] = {"@odata.context": call.context(f"users('{call.arguments['user']}')/{name}")}
    body["value"] = [show(event) for event in events[skip : skip + top]]
    if skip + top < len(events):
        # counted from the beginning, so a change in between moves entries over the edge of a page
        body["@odata.nextLink"] = call.link({**call.query, "$top": str(top), "$skip": str(skip + top)})
    return call.answer(body)


def _test(call: CalendarCall) -> Callable[[Event], bool]:
    text = call.query.get("$filter")
    if not text:
        return lambda _: True
    try:
        test = odata.compile_filter(canonical_property_id(text), _FILTERABLE)
    except odata.FilterError as error:
        raise GraphError(400, "ErrorInvalidUrlQueryFilter", f"The query filter is invalid: {error}.") from error
    return lambda event: test(
        {
            **event_json(event, Preferences()),
            EXTENDED: extended_json(event),
        }
    )


def _ordered(call: CalendarCall, events: list[Event]) -> list[Event]:
    path, _, direction = call.query.get("$orderby", "start/dateTime").partition(" ")
    if path not in _FILTERABLE - {EXTENDED}:
        raise bad_query(f"The property '{path}' cannot be ordered by.")

    def place(event: Event) -> str:
        value: Any = event_json(event, Preferences())
        for part in path.split("/"):
            value = value.get(part)
        return str(value)

    return sorted(events, key=place, reverse=direction == "desc")


def _count(call: CalendarCall, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit():
        raise bad_query(f"Invalid value '{text}' for '{name}'.")
    return int(text)
