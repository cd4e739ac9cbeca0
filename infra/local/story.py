"""The story of one company, of Anna and two colleagues, on the local stage: every part checks what it promises."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from infra.local.ics import CalendarFile, fill
from infra.local.outlook_ews import ExchangeOutlook
from infra.local.planting import plant
from infra.local.screen import Screen
from infra.local.stage import Stage
from infra.local.story_changes import cast_roles, tell_conflict, tell_deletions, tell_edits, tell_lost_cursor
from infra.local.story_end import tell_calendars, tell_cost
from infra.local.story_exchange import tell_connecting
from infra.local.story_first import tell_file, tell_first_sync, tell_second_run
from infra.local.story_meeting import tell_meeting
from infra.local.story_other import tell_other_company
from infra.local.story_people import tell_people
from infra.local.story_series import tell_series
from infra.local.tale import Tale

Part = Callable[[Tale], Awaitable[None]]


async def tell_changes(tale: Tale) -> None:
    """People change Anna's entries on both sides, each entry once."""
    roles = await cast_roles(tale)
    await tell_edits(tale, roles)
    await tell_conflict(tale, roles)
    await tell_series(tale)
    await tell_deletions(tale, roles)
    await tell_lost_cursor(tale)


PARTS: Final[tuple[Part, ...]] = (
    tell_first_sync,
    tell_second_run,
    tell_changes,
    tell_people,
    tell_meeting,
    tell_calendars,
    tell_other_company,
    tell_cost,
)


def prepare(stage: Stage, screen: Screen, file: CalendarFile) -> Tale:
    """Fill both calendars."""
    filled, events = fill(stage.cast.outlook, stage.cast.anna.mailbox, file)
    planted = plant(stage.cast, list(filled.entries), stage.now())
    return Tale(stage, screen, filled, events, planted)


async def tell(tale: Tale, name: str, parts: Sequence[Part] = PARTS) -> bool:
    """The whole story; `name` is the file's. True where every promise held. Raises NotInTimeError, StoppedError."""
    began = time.monotonic()
    tell_file(tale, name)
    outlook = tale.stage.cast.outlook
    if isinstance(outlook, ExchangeOutlook):
        tale.screen.chapter(f"Connecting {outlook.name}: the administrator, the delegate user and the script")
        await tell_connecting(tale)
    for part in parts:
        await part(tale)
    held = len(tale.promises) - len(tale.broken)
    tale.screen.heading(f"{held} of {len(tale.promises)} promises held, in {time.monotonic() - began:.0f} seconds")
    for sentence in tale.broken:
        tale.screen.verdict(sentence, held=False)
    return not tale.broken
