"""The story of one company, of Anna and two colleagues, on the local stage: every part checks what it promises."""

from __future__ import annotations

import time

from infra.local.cast import plant
from infra.local.ics import CalendarFile, fill
from infra.local.screen import Screen
from infra.local.stage import Stage
from infra.local.story_changes import cast_roles, tell_conflict, tell_deletions, tell_edits, tell_lost_cursor
from infra.local.story_end import tell_calendars, tell_cost
from infra.local.story_first import tell_file, tell_first_sync, tell_second_run
from infra.local.story_meeting import tell_meeting
from infra.local.story_people import tell_people
from infra.local.story_series import tell_series
from infra.local.tale import Tale


def prepare(stage: Stage, screen: Screen, file: CalendarFile) -> Tale:
    """Fill both calendars."""
    filled, events = fill(stage.cast.graph.people, stage.cast.mailbox, file)
    planted = plant(stage.cast, list(filled.entries), stage.now())
    return Tale(stage, screen, filled, events, planted)


async def tell(tale: Tale, name: str) -> bool:
    """The whole story; `name` is the file's. True where every promise held. Raises NotInTimeError, StoppedError."""
    began = time.monotonic()
    tell_file(tale, name)
    await tell_first_sync(tale)
    await tell_second_run(tale)
    roles = await cast_roles(tale)
    await tell_edits(tale, roles)
    await tell_conflict(tale, roles)
    await tell_series(tale)
    await tell_deletions(tale, roles)
    await tell_lost_cursor(tale)
    await tell_people(tale)
    await tell_meeting(tale)
    await tell_calendars(tale)
    tell_cost(tale)
    held = len(tale.promises) - len(tale.broken)
    tale.screen.heading(f"{held} of {len(tale.promises)} promises held, in {time.monotonic() - began:.0f} seconds")
    for sentence in tale.broken:
        tale.screen.verdict(sentence, held=False)
    return not tale.broken
