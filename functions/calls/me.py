"""The user's calls about their own pair. Nobody else's pair can be named: it comes from the bearer token (R2)."""

from __future__ import annotations

from core.model.ids import UserId
from core.model.state import Repair
from core.usecases.hints import note_activity_changed, note_presence
from core.usecases.resync import resync
from core.usecases.status import OwnStatus, own_status
from core.usecases.switches import set_user_switch
from core.usecases.words import words
from functions.calls.models import ActivityPath, ChangedQuery, FoundOut, OwnSwitchIn, OwnSync, RepairOut
from functions.calls.operation import Answer, Call, etag
from functions.calls.states import state


async def read_sync(call: Call) -> Answer:
    """The user's own switch and state."""
    return _answer(await own_status(call.ports, call.caller.pair, call.subscriptions))


async def switch_sync(call: Call) -> Answer:
    """Move the user's own switch; turning it on starts the first sync at once (R2)."""
    wanted: OwnSwitchIn = call.body
    if call.if_match:
        call.check_version(_tag(await own_status(call.ports, call.caller.pair)))
    await set_user_switch(call.ports, call.caller.pair, on=wanted.on)
    return await read_sync(call)


async def presence(call: Call) -> Answer:
    """The user navigated in Severa (R3)."""
    await note_presence(call.ports, call.caller.pair)
    return Answer()


async def changed(call: Call) -> Answer:
    """An activity was changed or removed in Severa."""
    where: ActivityPath = call.path
    asked: ChangedQuery = call.query
    people = [UserId(guid.lower()) for guid in asked.people.split(",") if guid]
    await note_activity_changed(call.ports, call.caller.company, call.caller.user, str(where.guid), people)
    return Answer()


async def compare(call: Call) -> Answer:
    """A full comparison now, and a look at what is remembered."""
    await resync(call.ports, call.caller.pair)
    return await read_sync(call)


def _answer(found: OwnStatus) -> Answer:
    pair = found.pair
    shown = OwnSync(
        on=found.switch.on,
        since=found.switch.since,
        company_on=found.company_on,
        first_sync_done=pair.matched,
        waiting=pair.waiting,
        held=pair.held,
        state=state(pair.code, pair.since),
        notifications=state(pair.notifications, None) if pair.notifications else None,
        repair=_repair(pair.repair) if pair.repair else None,
    )
    return Answer(shown, etag(_tag(found)))


def _repair(repair: Repair) -> RepairOut:
    found = [
        FoundOut(code=code, number=number, sentence=words(code).sentence, remedy=words(code).remedy)
        for code, number in repair.found
    ]
    return RepairOut(asked=repair.asked, done=repair.done, found=found)


def _tag(found: OwnStatus) -> str:
    """The switch's version; only the user themself moves it, so reading it before writing is enough."""
    return f"{found.switch.on}|{found.switch.since}"
