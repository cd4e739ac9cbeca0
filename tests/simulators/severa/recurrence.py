"""ActivityRecurrenceModel: read strictly, kept complete, turned into a rule (facts/severa.md 1.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypedDict

from tests.simulators.common.recurrence import Frequency, Rule

from .errors import SeveraError, invalid

Json = Mapping[str, Any]
FREQUENCIES: Mapping[str, Frequency] = {
    "Daily": "daily",
    "Weekly": "weekly",
    "Monthly": "monthly",
    "Yearly": "yearly",
}
PATTERNS = tuple(FREQUENCIES.values())
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
ORDINALS = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
OPTIONS: Mapping[str, tuple[int, ...]] = {
    **{day.capitalize(): (number,) for number, day in enumerate(DAYS)},
    "WeekDay": (0, 1, 2, 3, 4),
    "WeekendDay": (5, 6),
    "Day": (0, 1, 2, 3, 4, 5, 6),
}
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Ends(TypedDict):
    """Where a rule ends."""

    until: date | None
    count: int | None


def normalized(given: object) -> dict[str, Any]:
    """A recurrence as Severa keeps it: its one pattern, and its range, each with all its fields.

    `exceptions` and `lastOccurrenceDateTime` are Severa's own to tell, and passed over. Booleans that are missing are
    false, as for any of the schema. Raises SeveraError (400) that names the field.
    """
    whole = _object("recurrence", given)
    frequency = _one_of("recurrence/frequency", whole.get("frequency"), FREQUENCIES)
    name = FREQUENCIES[frequency]
    pattern = _object("recurrence", whole.get("pattern"))
    place = f"recurrence/pattern/{name}"
    kept = _READERS[name](place, _object(place, pattern.get(name)))
    limits = _object("recurrence/range", whole.get("range") or {})
    return {
        "frequency": frequency,
        "pattern": {**dict.fromkeys(PATTERNS), name: kept},
        "range": {
            "maxOccurrences": _number("recurrence/range/maxOccurrences", limits.get("maxOccurrences"), optional=True),
            "recursUntilDate": _date("recurrence/range/recursUntilDate", limits.get("recursUntilDate")),
        },
    }


def rule_of(recurrence: Json, first: date) -> Rule:
    """The rule of a recurrence in the form that `normalized` gives; `first` is the series' first date.

    Weeks begin on Monday, which the real one does not say.
    """
    frequency: Frequency = FREQUENCIES[recurrence["frequency"]]
    pattern, limits = recurrence["pattern"][frequency], recurrence["range"]
    until = None if limits["recursUntilDate"] is None else date.fromisoformat(limits["recursUntilDate"])
    count = limits["maxOccurrences"]
    if until is not None and count is not None:  # whichever comes first
        counted = rule_of({**recurrence, "range": {**limits, "recursUntilDate": None}}, first).last()
        until, count = until if counted is None else min(until, counted), None
    ends: Ends = {"until": until, "count": count}
    if frequency == "daily" and pattern["everyWeekday"]:
        return Rule("weekly", first, weekdays=OPTIONS["WeekDay"], **ends)
    weekdays = tuple(number for number, day in enumerate(DAYS) if pattern.get(day))
    return Rule(
        frequency,
        first,
        interval=pattern.get("interval", 1),
        weekdays=OPTIONS.get(pattern.get("dayOrdinalOption"), weekdays),
        day_of_month=pattern.get("dayOfMonth"),
        position=ORDINALS.get(pattern.get("dayOrdinal")),
        month=MONTHS.index(pattern["month"]) + 1 if "month" in pattern else None,
        **ends,
    )


def _daily(place: str, given: Json) -> dict[str, Any]:
    every_weekday = _flag(f"{place}/everyWeekday", given.get("everyWeekday"))
    interval = _number(f"{place}/interval", given.get("interval"), optional=every_weekday)
    return {"interval": interval, "everyWeekday": every_weekday}


def _weekly(place: str, given: Json) -> dict[str, Any]:
    days = {day: _flag(f"{place}/{day}", given.get(day)) for day in DAYS}
    if not any(days.values()):
        raise invalid(place, "At least one day of the week is required.")
    return {"interval": _number(f"{place}/interval", given.get("interval")), **days}


def _monthly(place: str, given: Json) -> dict[str, Any]:
    return {"interval": _number(f"{place}/interval", given.get("interval")), **_day(place, given, 31)}


def _yearly(place: str, given: Json) -> dict[str, Any]:
    month = _one_of(f"{place}/month", given.get("month"), MONTHS)
    return {"month": month, **_day(place, given, LONGEST_MONTHS[MONTHS.index(month)])}


_READERS: Mapping[str, Callable[[str, Json], dict[str, Any]]] = {
    "daily": _daily,
    "weekly": _weekly,
    "monthly": _monthly,
    "yearly": _yearly,
}


def _day(place: str, given: Json, longest: int) -> dict[str, Any]:
    """A day of the month, or the first to fourth or last such day of it."""
    day = _number(f"{place}/dayOfMonth", given.get("dayOfMonth"), longest, optional=True)
    ordinal, option = given.get("dayOrdinal"), given.get("dayOrdinalOption")
    if (day is None) is (ordinal is None and option is None):
        raise invalid(place, "Either dayOfMonth or dayOrdinal with dayOrdinalOption is required.")
    if day is None:
        ordinal = _one_of(f"{place}/dayOrdinal", ordinal, ORDINALS)
        option = _one_of(f"{place}/dayOrdinalOption", option, OPTIONS)
    return {"dayOfMonth": day, "dayOrdinal": ordinal, "dayOrdinalOption": option}


def _object(place: str, value: object) -> Json:
    if not isinstance(value, Mapping):
        raise invalid(place, "An object is required.")
    return value


def _one_of(place: str, value: object, choices: Iterable[str]) -> str:
    if not isinstance(value, str) or value not in tuple(choices):
        raise invalid(place, f"{value!r} is none of the values.")
    return value


def _flag(place: str, value: object) -> bool:
    if not isinstance(value, bool | None):
        raise invalid(place, "A boolean is required.")
    return bool(value)


def _number(place: str, value: object, most: int = 2**31 - 1, *, optional: bool = False) -> int | None:
    if value is None and optional:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise invalid(place, f"A number from 1 to {most} is required.")
    return value


def _date(place: str, value: object) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise invalid(place, f"{value!r} is no date.") from error


# --- PATCH ------------------------------------------------------------------------------------------------------------
def replaced(recurrence: Json | None, path: str, value: object, *, from_text: bool) -> dict[str, Any]:
    """The recurrence with one of its parts replaced, not yet checked.

    `path` is below `recurrence`, e.g. `pattern/weekly/interval`; objects on the way are made where they lack. With
    `from_text`, numbers and booleans may come as text. Raises SeveraError (400) for a part that cannot be written.
    """
    names = path.split("/")
    known = _spelt(names)
    if known is None:
        raise invalid(f"recurrence/{path}", f"recurrence/{path} cannot be written.")
    *way, last = known
    whole: dict[str, Any] = _copy(recurrence or {})
    part = whole
    for name in way:
        part[name] = part.get(name) or {}
        part = part[name]
    part[last] = _native(last, value) if from_text else value
    return whole


_PATTERN_PARTS: Mapping[str, tuple[str, ...]] = {
    "daily": ("interval", "everyWeekday"),
    "weekly": ("interval", *DAYS),
    "monthly": ("interval", "dayOfMonth", "dayOrdinal", "dayOrdinalOption"),
    "yearly": ("month", "dayOfMonth", "dayOrdinal", "dayOrdinalOption"),
}
_PATHS: Mapping[str, tuple[str, ...]] = {
    "/".join(path).lower(): path
    for path in (
        ("frequency",),
        ("pattern",),
        ("range",),
        ("range", "maxOccurrences"),
        ("range", "recursUntilDate"),
        *(("pattern", name) for name in PATTERNS),
        *(("pattern", name, field) for name, fields in _PATTERN_PARTS.items() for field in fields),
    )
}
_NUMBERS = frozenset({"interval", "dayOfMonth", "maxOccurrences"})
_FLAGS = frozenset({"everyWeekday", *DAYS})


def _spelt(names: list[str]) -> tuple[str, ...] | None:
    return _PATHS.get("/".join(names).lower())


def _native(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name in _NUMBERS and value.isdecimal():
        return int(value)
    return {"true": True, "false": False}.get(value.lower(), value) if name in _FLAGS else value


def _copy(node: Any) -> Any:
    return {name: _copy(value) for name, value in node.items()} if isinstance(node, Mapping) else node


def no_date() -> SeveraError:
    """The refusal of a recurrence without any date."""
    return invalid("recurrence", "The recurrence has no date.")
