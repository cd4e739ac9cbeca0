"""Undo: the losing or removed value of a line of history comes back, as its user's own edit.

It is written on one side only, on what that side holds just now; the next run carries it to the other side like any
edit. What would be a new conflict is refused in words (ItemRefused).
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.errors import ItemRefused, RetryLater, Stop
from core.model.essence import MASKABLE, Essence, Field
from core.model.exceptions import DateChange, DateException, day_of
from core.model.expand import occurrence_on
from core.model.ids import MailboxId, Pair, Side
from core.model.link import Link, LinkState
from core.model.operation import Draft, Note, NoteKind, Picture
from core.model.rows import Commit, Record, Stamp
from core.model.sighting import Activity, Event
from core.model.spelling import essence_of, with_value
from core.model.stretch import Stretch
from core.model.when import Series, around
from core.ports import Ports
from core.sync.eligible import rests
from core.sync.merge import changed_fields
from core.sync.project import known_as, on_microsoft
from core.sync.rejoin import PREFIX
from core.usecases.changing import writing
from core.usecases.hints import note_presence
from core.usecases.history import find_line, obstacle
from core.usecases.pending import changed_row
from core.usecases.recorder import LEASE, WRITE_SECONDS, Recorder
from core.usecases.report import Report
from core.usecases.run import enter
from core.usecases.world import World

BUSY = 30.0
RESTORED = "restored_without_customer"


async def undo(ports: Ports, pair: Pair, name: str) -> Record | None:
    """Take a line of the user's own history back; the line as it is then, None where there is none of that name.

    A line that was taken back already stays so. Raises ItemRefused with why it cannot be, Stop, RetryLater("busy").
    """
    found = await ports.companies.settings(pair.company)
    if found is None or not found[0].enabled:
        raise Stop("company_off")
    record, head, now = await find_line(ports, pair, name), await ports.pairs.head(pair), ports.clock.now()
    if record is None or record.undone is not None:
        return record
    if code := obstacle(record):
        raise ItemRefused(code)
    if not head.switch.on:
        raise Stop("switched_off")
    lease = await ports.pairs.acquire(head, now, now + LEASE)
    if lease is None:
        raise RetryLater("busy", after=BUSY)
    recorder = Recorder(ports, lease, head.state)
    try:
        world, _ = await enter(ports, found[0], head, recorder, Report(), f"{pair.user}:{lease.epoch}", observes=False)
        await world.prepare()
        await (_entry if record.note.kind is NoteKind.DELETED else _field)(world, record)
        record = replace(record, undone=now)
        await ports.history.append(pair, [record])
    finally:
        if recorder.broken is None:
            await recorder.release()
            await note_presence(ports, pair)  # However it ended: the lease took along what others had asked for.
    return record


# --- one value --------------------------------------------------------------------------------------------------------
async def _field(world: World, record: Record) -> None:
    """Write the value that lost where it was lost, if nothing about it has changed since on either side."""
    link = await _living(world, record)
    side = record.note.side
    [(name, value)] = record.note.values.items()
    async with writing(world, side, link.activity):
        activity = cast("Activity | None", await world.read(Side.SEVERA, link.activity))
        event = cast("Event | None", await world.read(Side.MICROSOFT, link.event))
        if activity is None or event is None:
            raise ItemRefused("undo_entry_gone")
        _check(world, Picture(link, activity, event), name)
        end: Activity | Event = activity if side is Side.SEVERA else event
        held = end.essence.value(name)
        if held != value:
            if held != record.note.stayed[name] or _changed_since(world, link, activity, event, name):
                raise ItemRefused("undo_changed_since")
            end = await _write(world, end, name, _restored(end.essence, name, value))
        row = changed_row(world.digester, end, None)
        await world.recorder.commit(Commit(pending=(replace(row, version=""),)))


async def _living(world: World, record: Record) -> Link:
    link = await world.links.of(Side.SEVERA, record.activity) or await world.links.of(Side.MICROSOFT, record.event)
    if link is None or link.state is LinkState.DEAD:
        raise ItemRefused("undo_entry_gone")
    if link.claim:
        raise ItemRefused("undo_meeting")
    return link


def _check(world: World, picture: Picture, name: str) -> None:
    """R10, R16: what is hidden stays so, and nothing is written to a meeting. What rests is not woken by this."""
    link, event = cast("Link", picture.link), cast("Event", picture.event)
    if event.is_meeting:
        raise ItemRefused("undo_meeting")
    if link.masked and (name in MASKABLE or day_of(name)):
        raise ItemRefused("undo_masked")
    if link.state is LinkState.PARKED or rests(picture, world.policy) is not None:
        raise ItemRefused("undo_at_rest")
    if event.is_online and name == Field.TEXT:
        raise ItemRefused("online_meeting_text")
    if name == Field.TIME and (event.essence.exceptions or cast("Activity", picture.activity).essence.exceptions):
        raise ItemRefused("undo_series_time")


def _changed_since(world: World, link: Link, activity: Activity, event: Event, name: str) -> bool:
    """Whether somebody has edited that field since the last agreement: then there would be a conflict once more."""
    return any(name in changed_fields(link, end.side, end.essence, world.digester) for end in (activity, event))


def _restored(essence: Essence, name: str, value: str) -> Essence:
    try:
        return with_value(essence, name, value)
    except ValueError:
        raise ItemRefused("undo_cut") from None


async def _write(world: World, end: Activity | Event, name: str, wanted: Essence) -> Activity | Event:
    await world.recorder.ensure(WRITE_SECONDS)
    day = day_of(name)
    if day is not None:
        when = occurrence_on(wanted.when, day) if isinstance(wanted.when, Series) else None
        date = wanted.on(day)
        if when is None or date is None:
            raise ItemRefused("undo_changed_since")  # The series has no such date any more.
        return await _change_date(world, end, DateChange(when, date))
    if isinstance(end, Activity):
        return await world.severa.update(end, Draft(wanted), frozenset({name}))
    return await world.microsoft.update(end, Draft(wanted), frozenset({name}))


async def _change_date(world: World, end: Activity | Event, change: DateChange) -> Activity | Event:
    made: DateException
    if isinstance(end, Activity):
        made = await world.severa.change_date(end.id, end, change)
    else:
        made = await world.microsoft.change_date(end.id, end, change)
    others = [one for one in end.essence.exceptions if one.day != made.day]
    return replace(end, essence=replace(end.essence, exceptions=(*others, made)))


# --- a whole entry ----------------------------------------------------------------------------------------------------
async def _entry(world: World, record: Record) -> None:
    """Make a removed entry anew: in the mailbox, from where everything reaches Severa (R9), and where nobody is asked.

    The stamp makes a repetition find what an earlier try made; its mark is of no mailbox, so the event is a newcomer.
    """
    await _check_gone(world, record)
    wanted = on_microsoft(_kept(record)).essence
    name = world.digester.of("undo", world.pair.company, world.pair.user, record.id)
    stamp = Stamp(PREFIX + name, world.digester.mark(world.pair.company, MailboxId(""), name, 0))
    await world.view(Side.MICROSOFT, around(wanted.when), series=isinstance(wanted.when, Series))
    alike = [e for e in world.events() if known_as(e.essence) == known_as(wanted) and e.essence.when == wanted.when]
    if any(event.transaction != stamp.transaction and event.mark != stamp.mark for event in alike):
        raise ItemRefused("undo_changed_since")  # A person has made it anew already.
    await world.recorder.ensure(WRITE_SECONDS)
    event = await world.microsoft.create(Draft(wanted, busy="busy"), stamp)
    for one in wanted.exceptions:
        if event.essence.exception(one.day) != one:
            await world.recorder.ensure(WRITE_SECONDS)
            original = occurrence_on(cast("Series", wanted.when), one.day)
            event = cast("Event", await _change_date(world, event, DateChange(cast("Stretch", original), one)))
    note = Note(NoteKind.REMARK, RESTORED, Side.MICROSOFT)
    told = Record(f"{RESTORED}-{record.id}", world.now, note, event=event.id)
    await world.ports.history.append(world.pair, [told])
    await world.recorder.commit(Commit(pending=(replace(changed_row(world.digester, event, None), version=""),)))


async def _check_gone(world: World, record: Record) -> None:
    """What is linked again is there again; a meeting is never made, and of what was masked only the mask was kept."""
    ends = ((Side.SEVERA, record.activity), (Side.MICROSOFT, record.event))
    links = [link for side, entry in ends if (link := await world.links.of(side, entry)) is not None]
    if not links:
        raise ItemRefused("undo_nothing")
    if any(link.claim for link in links):
        raise ItemRefused("undo_meeting")
    if any(link.state is not LinkState.DEAD for link in links):
        raise ItemRefused("undo_changed_since")
    if record.note.side is Side.SEVERA and any(link.masked for link in links):
        raise ItemRefused("undo_masked")


def _kept(record: Record) -> Essence:
    try:
        return essence_of(record.note.values)
    except ValueError:
        raise ItemRefused("undo_cut") from None
