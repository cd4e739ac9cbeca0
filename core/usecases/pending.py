"""Pending rows as they are noticed: by a run, by the feed, by the front end's word. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.model.ids import Side
from core.model.sighting import Activity, Event
from core.model.state import Pending
from core.sync.digest import Digester


def fingerprint(digester: Digester, end: Activity | Event) -> str:
    """One digest of all of an entry's content."""
    return digester.of("fingerprint", *digester.fields(end.side, end.essence).values())


def changed_row(digester: Digester, end: Activity | Event, earlier: Pending | None) -> Pending:
    """The row of an entry that was seen; it keeps when the content became what it is (P43).

    Where its deletion was held, it replaces that row: what shows again waits for nobody any more.
    """
    seal = fingerprint(digester, end)
    changed = earlier.changed if earlier and earlier.fingerprint == seal else end.modified
    held = earlier.tag if earlier and earlier.gone and earlier.hold else ""
    return Pending(end.side, end.id, end.version, fingerprint=seal, changed=changed, tag=held)


def named_row(side: Side, entry: str, earlier: Pending | None, now: datetime) -> Pending:
    """The row of an entry of which only the id was told. What an earlier row knew of its content stays known."""
    return Pending(side, entry, named=True, changed=earlier.changed if earlier and earlier.changed else now)


def gone_row(side: Side, entry: str, earlier: Pending | None, now: datetime, *, named: bool = False) -> Pending:
    """The row of an entry that seems to be gone, unproven."""
    return replace(named_row(side, entry, earlier, now), gone=True, named=named)


def dated(digester: Digester, row: Pending, end: Activity | Event) -> Activity | Event:
    """The entry with the moment when its content became what it is, not when something else about it moved (P43)."""
    if row.changed in {None, end.modified} or row.fingerprint != fingerprint(digester, end):
        return end
    return replace(end, modified=row.changed)


def is_doubted(row: Pending, now: datetime) -> bool:
    """Whether it was named as gone, shows all the same, and reads may lag yet: it is looked at once more later."""
    return row.named and row.not_before is not None and row.not_before > now
