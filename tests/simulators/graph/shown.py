"""What a request wants to see of each event: `$select` and `$expand` (facts/microsoft.md A3, A4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import odata
from .errors import bad_query
from .event import Event
from .gate import CalendarCall
from .inputs import canonical_property_id
from .render import by_name_json, event_json, extended_json, original_start_json
from .series import SeriesView

EXTENDED, EXCEPTIONS = "singleValueExtendedProperties", "exceptionOccurrences"
_EXTENDED = re.compile(rf"{EXTENDED}\(\$filter=(.+)\)")
_EXCEPTIONS = re.compile(rf"{EXCEPTIONS}(?:\(\$select=([\w,\s]+)\))?")
Show = Callable[[Event], dict[str, Any]]


def shower(call: CalendarCall, *, one: bool = False) -> Show:
    """How the events of this answer are shown; `one`: it is a GET of one event.

    Only there `cancelledOccurrences` can be selected and `exceptionOccurrences` expanded. An expanded exception shows
    what the expansion selects, else what the whole request does, as in the example of Graph's page "Get event".
    """
    wanted, exceptions = _expansions(call.query.get("$expand"), one=one)
    names = _names(call.query.get("$select"))

    def shown(event: Event, names: frozenset[str] | None) -> dict[str, Any]:
        every = event_json(event, call.prefer)
        if names is None:
            return every
        every |= original_start_json(event) | (by_name_json(event, call.prefer) if one else {})
        return {name: value for name, value in every.items() if name in names}

    def show(event: Event) -> dict[str, Any]:
        body = shown(event, names)
        found = [] if wanted is None else [entry for entry in extended_json(event) if wanted(entry)]
        if found:
            body[EXTENDED] = found
        if exceptions is not None and event.recurrence is not None:
            view = SeriesView(call.mailbox, call.mailbox.items(call.position), call.world.options)
            body[EXCEPTIONS] = [shown(e, exceptions or names) for _, e in sorted(view.exceptions(event).items())]
        return body

    return show


def _names(text: str | None) -> frozenset[str] | None:
    return None if not text else frozenset({"@odata.etag", "id", *(name.strip() for name in text.split(","))})


def _expansions(text: str | None, *, one: bool) -> tuple[odata.Test | None, frozenset[str] | None]:
    """The test of the extended properties, and the names to select of exceptions (none: as the request does)."""
    wanted: odata.Test | None = None
    exceptions: frozenset[str] | None = None
    for part in [] if text is None else _parts(text):
        if found := _EXTENDED.fullmatch(part):
            wanted = _filter(found.group(1))
        elif (found := _EXCEPTIONS.fullmatch(part)) and one:
            exceptions = _names(found.group(1)) or frozenset()
        else:
            raise bad_query(f"$expand needs the form {EXTENDED}($filter=id eq '...'), or, of one event, {EXCEPTIONS}.")
    return wanted, exceptions


def _parts(text: str) -> list[str]:
    """The expansions, at the commas that stand outside brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _filter(text: str) -> odata.Test:
    try:
        return odata.compile_filter(canonical_property_id(text), frozenset({"id"}))
    except odata.FilterError as error:
        raise bad_query(f"The filter within $expand is invalid: {error}.") from error
