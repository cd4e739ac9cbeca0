"""Who may take something back, and when."""

from datetime import timedelta

import pytest

from core.errors import RetryLater, Stop
from core.model.ids import Pair
from core.usecases.history import name_of
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.undo import undo
from tests.support.stage import BERT, COMPANY, at, entry
from tests.usecases.test_undo import conflict, line, refused, take_back


async def test_somebody_else_s_line() -> None:
    """There is no such line, to them."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    name = name_of((await line(stage, "conflict_text")).key)
    assert await undo(stage.ports, Pair(COMPANY, BERT), name) is None
    assert await undo(stage.ports, stage.pair, "20261124T100000000000Z-none") is None


async def test_while_a_switch_is_off() -> None:
    """Nobody would carry it to the other side."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    await set_user_switch(stage.ports, stage.pair, on=False)
    with pytest.raises(Stop, match="switched_off"):
        await take_back(stage, "conflict_text")
    await set_company_switch(stage.ports, COMPANY, on=False)
    with pytest.raises(Stop, match="company_off"):
        await take_back(stage, "conflict_text")


async def test_while_a_run_is_under_way() -> None:
    """It is not disturbed; later it works."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    now = stage.clock.now()
    assert await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    with pytest.raises(RetryLater, match="busy"):
        await take_back(stage, "conflict_text")
    stage.clock.advance(timedelta(minutes=4))
    assert await take_back(stage, "conflict_text") is not None


async def test_a_refusal_gives_the_lease_back() -> None:
    """The next run does not wait for it."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "c"))
    assert await refused(stage, "conflict_text") == "undo_changed_since"
    assert (await stage.head()).lease_until is None
