"""Pages of listings and of delta rounds, with the dates of series folded into them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.adapters.graph import wire
from core.adapters.graph.answers import text
from core.errors import ItemRefused
from core.model.sighting import Event, Shape

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing or of a delta round.

    `events` stand alone. `series` are the ids of those of which the page shows anything, master, occurrence or
    exception: a page never brings all of them, so they are read by id (facts/microsoft.md A3). `removed` are ids that
    delta calls removed, which proves nothing (facts/microsoft.md A2). `refused` are the digests of entries that could
    not be read, with why. `fingerprint` tells pages apart: id and version of each entry.
    """

    events: tuple[Event, ...]
    series: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[ItemRefused, ...]
    fingerprint: frozenset[tuple[str, str]]
    next_link: str | None
    delta_link: str | None
    changed: Mapping[str, datetime] = field(default_factory=dict)

    def shows(self, entry: str) -> bool:
        """Whether the page has that single event, or anything of that series."""
        return entry in self.series or any(identity == entry for identity, _ in self.fingerprint)


def listing(body: bytes, *, mark_asked: bool = False) -> Listing:
    """One page. One entry that cannot be read never fails the others. Raises Malformed where the whole is no page.

    Of an entry that comes twice the last time counts, so a series that is removed at last is not among `series`.
    """
    page = wire.document(body)
    events: list[Event] = []
    series: dict[str, None] = {}
    removed: list[str] = []
    refused: list[ItemRefused] = []
    seen: set[tuple[str, str]] = set()
    changed: dict[str, datetime] = {}
    for item in _values(page):
        identity = text(item.get("id"))
        seen.add((identity, wire.version_of(item)))
        try:
            if identity and "@removed" in item:
                removed.append(identity)
                series.pop(identity, None)
            elif of := _series_of(item, identity):
                series[of] = None
                if of == identity and (moment := wire.changed_at(item)) is not None:
                    changed[of] = moment
            else:
                events.append(wire.event(item, mark_asked=mark_asked))
        except ItemRefused as refusal:
            refused.append(refusal)
    links = (text(page.get("@odata.nextLink")) or None, text(page.get("@odata.deltaLink")) or None)
    return Listing(tuple(events), tuple(series), tuple(removed), tuple(refused), frozenset(seen), *links, changed)


def exceptions(body: bytes) -> tuple[list[Json], str]:
    """More of a series' exceptions, and the link to the rest, empty at the end. Raises Malformed."""
    page = wire.document(body)
    return _values(page), text(page.get("@odata.nextLink"))


def _values(page: Json) -> list[Json]:
    values = page.get("value")
    if not isinstance(values, list):
        raise wire.Malformed("no page")
    if not all(isinstance(item, dict) for item in values):
        raise wire.Malformed("an entry that is no object")
    return values


def _series_of(item: Mapping[str, Any], identity: str) -> str:
    """The id of the series that it is or is of; empty for what stands alone. Raises ItemRefused."""
    match wire.shape_of(item):
        case Shape.SERIES:
            found = identity
        case Shape.OCCURRENCE | Shape.EXCEPTION:
            found = text(item.get("seriesMasterId"))
        case _:
            return ""
    if not found:
        raise ItemRefused("unreadable_event", wire.digest(identity))
    return found
