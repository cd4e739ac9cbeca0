"""HTTP route templates, as ASP.NET routing matches them in Azure's host: without case, the most literal one first.

Served: whole-segment parameters `{name}` and `{name:constraint}` with the constraints below. Anything else in braces
is refused at the start rather than matched wrongly.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from infra.local.host_errors import IndexingError
from infra.local.indexing import FunctionInfo

CONSTRAINTS: Final = {
    "alpha": re.compile(r"[a-z]+", re.IGNORECASE),
    "int": re.compile(r"-?[0-9]+"),
    "guid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE),
}
PARAMETER: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True, slots=True)
class _Segment:
    """One part of a template: literal text, or a parameter with or without a pattern."""

    text: str
    is_parameter: bool = False
    pattern: re.Pattern[str] | None = None

    @property
    def rank(self) -> int:
        if not self.is_parameter:
            return 0
        return 1 if self.pattern else 2

    def matches(self, value: str) -> bool:
        if not self.is_parameter:
            return value.lower() == self.text.lower()
        return bool(value) and (self.pattern is None or self.pattern.fullmatch(value) is not None)


@dataclass(frozen=True, slots=True)
class Match:
    """A function and the values of its route's parameters."""

    info: FunctionInfo
    parameters: dict[str, str]


class Routes:
    """The routes of the app's HTTP functions under the route prefix of `host.json`."""

    def __init__(self, functions: Iterable[FunctionInfo], prefix: str) -> None:
        routes = [(_segments(info, prefix), info) for info in functions if info.kind == "http"]
        self._routes = sorted(routes, key=lambda route: [segment.rank for segment in route[0]])

    def find(self, raw_path: str) -> list[Match]:
        """Return the matches of a still percent-encoded path, the most literal first, whatever their methods."""
        values = [unquote(part) for part in raw_path.strip("/").split("/")]
        return [
            Match(info, {segment.text: value for segment, value in zip(segments, values, strict=True) if segment.rank})
            for segments, info in self._routes
            if len(segments) == len(values)
            and all(segment.matches(value) for segment, value in zip(segments, values, strict=True))
        ]


def _segments(info: FunctionInfo, prefix: str) -> list[_Segment]:
    template = "/".join(part for part in (prefix, info.route.strip("/")) if part)
    return [_segment(info, text) for text in template.split("/")]


def _segment(info: FunctionInfo, text: str) -> _Segment:
    if not set(text) & {"{", "}"}:
        return _Segment(text)
    parameter = PARAMETER.fullmatch(text)
    if parameter is None or (parameter[2] and parameter[2] not in CONSTRAINTS):
        known = ", ".join(CONSTRAINTS)
        raise IndexingError(
            f"Function {info.name}: the local host does not serve {text!r} in its route; it takes a parameter that"
            f" fills a segment, alone or with one of the constraints {known}."
        )
    return _Segment(parameter[1], is_parameter=True, pattern=CONSTRAINTS[parameter[2]] if parameter[2] else None)
