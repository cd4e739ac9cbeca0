"""The switches of the simulated Severa: one for each thing that nobody outside knows for sure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from .model import Author

Rewrite = Callable[[str, str], str]
"""From a field's name (`name`, `notes`, `location`) and the text sent to the text that Severa keeps."""


def as_sent(field: str, text: str) -> str:
    """Keeps every text as it came."""
    del field
    return text


def tidied(field: str, text: str) -> str:
    """Trims trailing white space, and keeps the lines of notes with CRLF: a plausible rewriting."""
    trimmed = text.rstrip()
    return "\r\n".join(trimmed.splitlines()) if field == "notes" else trimmed


@dataclass(slots=True)
class Options:
    """May be changed at any time; a change concerns the requests that follow.

    `patch_values`: which JSON types PATCH takes: `native` (booleans as booleans), `string` (the letter of the
    schema: everything text or null) or `both` (facts/severa.md 1.5). `times`: the zone of the moments in answers
    (1.7 [UNK]). `rate_limit`: requests per second and company, None for no limit (1.3); `retry_after`: seconds sent
    with a 429, None for no header. `visible_after`: how long listings keep showing the state before a change, while
    reads by guid see it at once. `mails_on_api_create`: whether the API's creates mail the owner (1.9 [UNK]).
    `participants_touch`: whether a participant's coming and going moves the activity's lastUpdatedDateTime (1.7
    [UNK]). `api_author`: whose name the API's writes leave in `createdBy` and `lastUpdatedBy` (1.7 [UNK]): one of the
    credential's own, nobody's (null), or some user's (the credential has a contact person, 1.1).
    Series (1.6, 1.7 [UNK]): `listed_exceptions`: which dates `recurrence.exceptions` of a series names.
    `exceptions_touch`: whether a change of one date moves the series' lastUpdatedDateTime.
    `series_edit_keeps_exceptions`: whether a series whose times or recurrence change keeps the exceptions whose dates
    it still has. `exceptions_get_new_guids`: whether an occurrence has another guid once it is an exception.
    `series_window`: what a window means for series: `span`, from the first occurrence to the last one,
    or `first`, the first occurrence alone. `unwindowed_horizon`: how far from now a listing without both bounds
    expands series; None: not at all.
    """

    token_lifetime: timedelta = timedelta(hours=1)
    refresh_token_lifetime: timedelta = timedelta(days=1)
    patch_values: Literal["native", "string", "both"] = "both"
    times: Literal["utc", "owner"] = "utc"
    rate_limit: int | None = None
    retry_after: int | None = None
    visible_after: timedelta = timedelta(0)
    mails_on_api_create: bool = False
    participants_touch: bool = True
    api_author: Author | Literal["credential"] | None = "credential"
    listed_exceptions: Literal["both", "cancelled", "changed"] = "both"
    exceptions_touch: bool = True
    series_edit_keeps_exceptions: bool = False
    exceptions_get_new_guids: bool = False
    series_window: Literal["span", "first"] = "span"
    unwindowed_horizon: timedelta | None = None
    rewrite: Rewrite = as_sent
