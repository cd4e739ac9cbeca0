"""Query strings and pages of the simulated Severa (facts/severa.md 1.4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, Response

from .errors import bad_parameter
from .wire import Json, read_moment

T = TypeVar("T")
DEFAULT_ROWS, MAX_ROWS = 20, 100
PAGING = frozenset({"pageToken", "rowCount"})


class Query:
    """The query parameters of one request, read with their documented types; all are optional.

    The real API ignores a parameter that it does not know. Here one that is not in `served` is refused with 400, so
    that a mistyped or unsimulated filter cannot silently list everything.
    """

    def __init__(self, parameters: QueryParams, served: Collection[str]) -> None:
        self._parameters = parameters
        for name in parameters:
            if name not in served and name not in PAGING:
                raise bad_parameter(name, f"The parameter {name} is unknown or not simulated.")

    def text(self, name: str) -> str | None:
        """A text; empty counts as absent."""
        return self._parameters.get(name) or None

    def texts(self, name: str) -> frozenset[str] | None:
        """The values of a repeated parameter."""
        return frozenset(self._parameters.getlist(name)) or None

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise bad_parameter(name, f"{value!r} is no boolean.")
        return value.lower() == "true"

    def moment(self, name: str) -> datetime | None:
        """A date-time, as UTC."""
        value = self.text(name)
        try:
            return None if value is None else read_moment(value)
        except ValueError as error:
            raise bad_parameter(name, str(error)) from error

    def one_of(self, name: str, allowed: Collection[str]) -> None:
        """Refuse values that are not among the allowed ones."""
        for value in self.texts(name) or ():
            if value not in allowed:
                raise bad_parameter(name, f"{value!r} is not one of {', '.join(allowed)}.")

    def page(self, rows: Sequence[T]) -> tuple[Sequence[T], str | None]:
        """This request's page of the rows, and the token of the next page.

        A token is a position in the list as it is when the next page is asked for: what is deleted between two pages
        lets another row slip through unseen. What the real one does then is unknown; this is the bad case. It is
        refused when the other filters have changed.
        """
        count, start = self._row_count(), self._position()
        following = start + count
        return rows[start:following], self._token(following) if following < len(rows) else None

    def _row_count(self) -> int:
        value = self.text("rowCount") or str(DEFAULT_ROWS)
        if not value.isdecimal() or not 1 <= int(value) <= MAX_ROWS:
            raise bad_parameter("rowCount", f"{value!r} is not between 1 and {MAX_ROWS}.")
        return int(value)

    def _filters(self) -> str:
        kept = sorted((name, value) for name, value in self._parameters.multi_items() if name not in PAGING)
        return hashlib.sha256(repr(kept).encode()).hexdigest()[:12]

    def _token(self, position: int) -> str:
        return base64.urlsafe_b64encode(f"{position}:{self._filters()}".encode()).decode()

    def _position(self) -> int:
        token = self.text("pageToken")
        if token is None:
            return 0
        try:
            position, _, filters = base64.urlsafe_b64decode(token).decode().partition(":")
            if filters == self._filters():
                return int(position)
        except (ValueError, binascii.Error) as error:
            raise bad_parameter("pageToken", "The page token is not valid.") from error
        raise bad_parameter("pageToken", "The page token belongs to other filters.")


def page_response(rows: list[Json], token: str | None) -> Response:
    """A bare array, with the header NextPageToken unless this is the last page."""
    return JSONResponse(rows, headers={} if token is None else {"NextPageToken": token})
