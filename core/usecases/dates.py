"""The dates of a series, written one by one after the series itself, each recorded right after its effect (R17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

from core.errors import ItemChanged, ItemRefused
from core.model.essence import PLAIN, Essence, with_exception
from core.model.exceptions import DateChange, DateException, day_of
from core.model.expand import occurrence_on
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Note, NoteKind, Picture, Update
from core.model.rows import Commit
from core.model.sighting import UNSEEN, Activity, Event
from core.model.state import Pending
from core.model.when import Series
from core.sync.record import date_agreed
from core.sync.series import differing
from core.usecases.own_dates import leave_or_return
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.setbacks import NotYet
from core.usecases.world import World

AT_A_TIME = timedelta(seconds=30)
"""How long dates are written under one lock of their activity, which lasts a minute (changing.py)."""
PATIENCE = 5
"""How often a date that is not as it was seen is looked for again, in half an hour; then it is given up, in words."""


def needs_no_look(picture: Picture, operation: Update) -> bool:
    """Whether dates of an activity can be changed without reading all of it first.

    So it is where the link knows of no exception on those dates: `change_date` then insists on ordinary occurrences,
    and looks at those alone.
    """
    remembered = cast("Link", picture.link).severa.digests
    dates_only = not operation.fields & PLAIN and not operation.draft.type_id
    return (
        operation.side is Side.SEVERA
        and picture.activity is UNSEEN
        and dates_only
        and not operation.fields & set(remembered)
    )


def due_dates(operation: Update, held: Activity | Event | None) -> list[str]:
    """The dates to be written: those that were decided, and those that the series' own change took along (R17)."""
    decided = operation.fields - PLAIN
    lost = differing(held.essence, operation.draft.essence) if held is not None and operation.fields & PLAIN else ()
    return sorted(decided | set(lost))


async def change_dates(
    world: World, link: Link, operation: Update, picture: Picture, names: list[str]
) -> tuple[Link, Picture]:
    """The link and the picture after every date was written or refused in words.

    Raises NotYet where they take longer than the activity's lock is sure to last: the next round writes the others.
    """
    target, began = operation.draft.essence, world.ports.clock.now()
    for name in names:
        if world.ports.clock.now() - began > AT_A_TIME:
            raise NotYet("dates_left", after=0.0)
        day = cast("date", day_of(name))
        wanted, original = target.on(day), occurrence_on(target.when, day) if isinstance(target.when, Series) else None
        if wanted is None or original is None:
            continue  # The series has no such date any more.
        seen = picture.end(operation.side)
        if isinstance(seen, Activity | Event) and seen.essence.on(day) == wanted:
            echo: DateException | None = wanted  # It is so already.
        else:
            change = DateChange(original, wanted)
            echo = await _change(world, operation.side, picture, change, announces=operation.draft.announces)
        picture, held = _held(picture, operation, day, echo)
        if name not in operation.fields:  # Taken along: what the other side has to say of it is not settled by that.
            held.pop(operation.side.other, None)
        link = date_agreed(link, name, held, world.policy, world.digester)
        await world.recorder.settle(link, ())
        world.links.put(link)
    return link, picture


async def _change(
    world: World, side: Side, picture: Picture, change: DateChange, *, announces: bool
) -> DateException | None:
    """What takes place then now; what it was where the side refuses the change: that is told, and not fought over."""
    await world.recorder.ensure(WRITE_SECONDS)
    seen = picture.end(side)
    try:
        if side is Side.SEVERA:
            if (echo := await leave_or_return(world, picture, change)) is not None:
                world.report.written[f"dates_{side.value}"] += 1
                return echo
            activity = seen if isinstance(seen, Activity) else None
            echo = await world.severa.change_date(picture.id_on(side), activity, change)
        else:
            event = cast("Event", seen)
            echo = await world.microsoft.change_date(picture.id_on(side), event, change, announces=announces)
    except ItemChanged:
        if not isinstance(seen, Activity | Event):  # Next time all of it is read.
            await world.recorder.commit(Commit(pending=(Pending(side, picture.id_on(side)),)))
            raise
        if max((row.attempts for row in world.rows_of(picture)), default=0) < PATIENCE:
            raise
        return await _refused(world, side, picture, change, "date_never_found")
    except ItemRefused as refusal:
        return await _refused(world, side, picture, change, refusal.code)
    world.report.written[f"dates_{side.value}"] += 1
    return echo


async def _refused(world: World, side: Side, picture: Picture, change: DateChange, code: str) -> DateException | None:
    """What takes place then as far as is known, after history was told what was to."""
    await world.tell(picture, (Note(NoteKind.REFUSAL, code, side, {change.wanted.name: change.wanted.spelling}),))
    world.report.refused[code] += 1
    seen = picture.end(side)
    return seen.essence.on(change.day) if isinstance(seen, Activity | Event) else None


def _held(
    picture: Picture, operation: Update, day: date, echo: DateException | None
) -> tuple[Picture, dict[Side, Essence]]:
    """The picture, and what each side now holds of that date."""
    side, seen = operation.side, picture.end(operation.side)
    held = {}
    if isinstance(source := picture.end(side.other), Activity | Event):
        held[side.other] = source.essence
    if isinstance(seen, Activity):
        seen = replace(seen, essence=with_exception(seen.essence, day, echo))
        picture, held[side] = replace(picture, activity=seen), seen.essence
    elif isinstance(seen, Event):
        seen = replace(seen, essence=with_exception(seen.essence, day, echo))
        picture, held[side] = replace(picture, event=seen), seen.essence
    else:
        held[side] = with_exception(operation.draft.essence, day, echo)
    return picture, held
