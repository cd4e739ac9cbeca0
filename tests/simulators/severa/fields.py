"""The writable fields of ActivityModel, as POST bodies and PATCH paths name them (facts/severa.md 1.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .errors import invalid
from .model import Activity, Reference
from .options import Options
from .state import CompanyState
from .wire import read_moment

MAX_LOCATION = 1000
NESTED = ("activityType", "ownerUser", "customer", "phase")
UNSIMULATED = ("recurrenceParentActivityGuid", "projectTaskStatus")


@dataclass(frozen=True, slots=True)
class Field:
    """One writable field: its API name (`/` for nested ones), its attribute in `Activity`, how its value is read.

    `read` takes the company and the JSON value; it raises ValueError for one that cannot be.
    """

    name: str
    attribute: str
    read: Callable[[CompanyState, object], object]


def _text(state: CompanyState, value: object) -> str:
    del state
    if not isinstance(value, str) or not value:
        raise ValueError("A text of at least one character is required.")
    return value


def _optional_text(state: CompanyState, value: object) -> str | None:
    del state
    if value is not None and not isinstance(value, str):
        raise ValueError("A text is required.")
    return value


def _location(state: CompanyState, value: object) -> str | None:
    text = _optional_text(state, value)
    if text is not None and len(text) > MAX_LOCATION:
        raise ValueError(f"At most {MAX_LOCATION} characters.")
    return text


def _moment(state: CompanyState, value: object) -> datetime:
    del state
    return read_moment(value)


def _optional_moment(state: CompanyState, value: object) -> datetime | None:
    return None if value is None else _moment(state, value)


def _flag(state: CompanyState, value: object) -> bool:
    del state
    if not isinstance(value, bool):
        raise ValueError("A boolean is required.")  # noqa: TRY004 - one kind of error for every reader
    return value


def _type(state: CompanyState, value: object) -> str:
    guid = _text(state, value)
    if guid not in state.types or not state.types[guid].is_active:
        raise ValueError("There is no such active activity type.")
    return guid


def _user(state: CompanyState, value: object) -> str:
    guid = _text(state, value)
    if guid not in state.users:
        raise ValueError("There is no such user.")
    return guid


def _recurrence(state: CompanyState, value: object) -> object:
    """As sent: it is read together with the activity's start (series.py)."""
    del state
    if value is not None and not isinstance(value, Mapping):
        raise ValueError("An object is required.")
    return value


def _reference(state: CompanyState, value: object) -> Reference | None:
    guid = _optional_text(state, value)
    return None if guid is None else Reference(guid)


FIELDS: Mapping[str, Field] = {
    name.lower(): Field(name, attribute, read)
    for name, attribute, read in (
        ("name", "name", _text),
        ("startDateTime", "start", _moment),
        ("endDateTime", "end", _optional_moment),
        ("isAllDay", "all_day", _flag),
        ("hasDuration", "has_duration", _flag),
        ("isClosed", "closed", _flag),
        ("isUnassigned", "unassigned", _flag),
        ("notes", "notes", _optional_text),
        ("location", "location", _location),
        ("activityType/guid", "type", _type),
        ("ownerUser/guid", "owner", _user),
        ("customer/guid", "customer", _reference),
        ("phase/guid", "phase", _reference),
        ("recurrence", "recurrence", _recurrence),
    )
}
"""By lower-case name: the API reads paths without case."""
REWRITTEN = frozenset({"name", "notes", "location"})


def read_field(state: CompanyState, name: str, value: object) -> tuple[str, Any]:
    """The attribute of `Activity` and its value. Raises SeveraError (400) for an unknown, read-only or bad field."""
    field = FIELDS.get(name.lower())
    if field is None:
        raise invalid(name, f"{name} cannot be written.")
    try:
        read = field.read(state, value)
    except ValueError as error:
        raise invalid(field.name, str(error)) from error
    return field.attribute, rewritten(state.context.options, field.attribute, read)


def rewritten(options: Options, attribute: str, value: object) -> object:
    """The value as Severa keeps it (`Options.rewrite`)."""
    return options.rewrite(attribute, value) if attribute in REWRITTEN and isinstance(value, str) else value


def flattened(body: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The writable fields of a POST body under their PATCH names; read-only and unknown ones are passed over.

    Raises SeveraError (400) for fields that this simulator cannot keep yet.
    """
    for name, value in body.items():
        if name in UNSIMULATED and value is not None:
            raise invalid(name, f"{name} is not simulated.")
        if name in NESTED:
            yield f"{name}/guid", value.get("guid") if isinstance(value, dict) else None
        elif name.lower() in FIELDS:
            yield name, value


def checked_times(state: CompanyState, activity: Activity) -> Activity:
    """The activity, with the end of an all-day one filled in.

    Raises SeveraError (400) for an end before the start, and for an all-day activity without duration or whose bounds
    are not midnight in its owner's zone (facts/severa.md 1.7, from the SOAP documentation).
    """
    if activity.ends < activity.start:
        raise invalid("endDateTime", "The end is before the start.")
    if not activity.all_day:
        return activity
    if not activity.has_duration:
        raise invalid("hasDuration", "An all-day activity has a duration.")
    zone = state.users[activity.owner].zone
    start = activity.start.astimezone(zone)
    end = start + timedelta(days=1) if activity.end is None else activity.end.astimezone(zone)
    if any((bound.hour, bound.minute, bound.second, bound.microsecond) != (0, 0, 0, 0) for bound in (start, end)):
        raise invalid("startDateTime", "An all-day activity starts and ends at midnight of its owner's zone.")
    if end <= start:
        raise invalid("endDateTime", "An all-day activity has at least one day; its end is exclusive.")
    return replace(activity, end=end.astimezone(UTC))
