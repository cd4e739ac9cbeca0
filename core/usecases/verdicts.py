"""What a person decided about an entry that was held (R20), as it is carried out: past the guard, or left as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.model.ids import Side
from core.model.link import UNKNOWN, Link, ParkReason
from core.model.operation import Create, Decision, Note, NoteKind, Park, Picture, Planned
from core.model.sighting import GONE, Activity, Event
from core.model.state import Verdict
from core.model.when import Series, ends_at
from core.sync.record import remembered
from core.usecases.world import World


def as_decided(world: World, planned: Planned) -> Planned | None:
    """A create or deletion as a person decided it; None where nobody has."""
    verdicts = {row.verdict for row in world.rows_of(planned.picture)}
    if Verdict.DISCARD in verdicts:
        return _left_as_it_is(world, planned)
    return planned if Verdict.RELEASE in verdicts else None


def _left_as_it_is(world: World, planned: Planned) -> Planned | None:
    """Its link is parked. A newcomer gets one that leads nowhere, which an edit wakes like any other."""
    picture, operation = planned.picture, planned.decision.operations[0]
    if isinstance(operation, Create) and picture.link is not None:
        return None  # It is a deletion no more: an edit outlived it (R18).
    missing = operation.side if isinstance(operation, Create) else _gone_from(picture)
    if picture.link is None:
        source = cast("Activity | Event", picture.end(missing.other))
        picture = replace(picture, link=_to_nothing(world, source))
    note = Note(NoteKind.REMARK, "discarded", missing)
    return Planned(picture, Decision((Park(ParkReason.DISCARDED, missing),), "a person left it as it is", (note,)))


def _gone_from(picture: Picture) -> Side:
    """Where it is gone. Who is in an activity no more has none either."""
    return Side.MICROSOFT if picture.event is GONE else Side.SEVERA


def _to_nothing(world: World, source: Activity | Event) -> Link:
    nothing = f"none-{world.digester.of('nothing', source.side, source.id)}"
    activity, event = (source.id, nothing) if isinstance(source, Activity) else (nothing, source.id)
    uid = source.uid if isinstance(source, Event) else ""
    when = source.essence.when
    ends, recurs = ends_at(when), isinstance(when, Series)
    link = Link(activity, event, source.side, uid=uid, ends=ends, recurs=recurs, agreed=world.now)
    return link.with_end(source.side, remembered(UNKNOWN, source, world.digester))
