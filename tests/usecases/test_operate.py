"""An operator's commands, on the memory stage."""

from __future__ import annotations

import argparse

import pytest

from core import wiring
from core.adapters.memory.subscriptions import MemorySubscriptionStore
from core.model.ids import UserId
from core.model.rows import Hold
from core.model.subscription import Subscription
from core.ports_live import LivePorts
from infra.operate.__main__ import _run, main
from infra.operate.commands import COMMANDS, status, table
from tests.support.live_stage import live_stage
from tests.support.stage import ANNA, BERT, MONDAY, Stage, at, entry, make_stage


async def said(stage: Stage, command: str, *users: UserId) -> list[str]:
    """What a command writes."""
    return [line async for line in COMMANDS[command](stage.ports, stage.pair.company, users)]


async def test_status() -> None:
    """A line for each pair, and words for every state that is not well."""
    stage = await make_stage()
    await stage.linked("Lunch")
    company, heading, *pairs = await said(stage, "status")
    assert company.startswith("company on, feed ")
    assert heading.split()[:2] == ["user", "state"]
    assert any(line.split()[:2] == [ANNA, "ok"] for line in pairs)


async def test_status_of_somebody_unknown() -> None:
    """It says so, instead of an empty table."""
    stage = await make_stage()
    assert (await said(stage, "status", UserId("nobody")))[
        -1
    ] == "nobody  no user of this company that the service knows"


async def test_status_of_notifications() -> None:
    """What is wrong with a pair's notifications stands in its line, and in words below."""
    stage = await make_stage()
    store = MemorySubscriptionStore()
    await store.put(stage.pair.company, Subscription(ANNA, code="subscription_quota"))
    lines = [line async for line in status(stage.ports, stage.pair.company, [ANNA], store)]
    assert lines[2].split()[-1] == "subscription_quota"
    assert lines[-1].startswith("subscription_quota: ")


@pytest.mark.parametrize("command", sorted(COMMANDS))
async def test_a_company_of_which_nothing_is_stored(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped guid is not taken for a company that is off."""
    async with live_stage() as stage:

        async def live() -> LivePorts:
            return stage.live

        monkeypatch.setattr(wiring, "live", live)
        monkeypatch.setattr(wiring, "close", stage.keep)
        assert await _run(argparse.Namespace(command=command, company="mistyped", users=[])) == 1
        assert capsys.readouterr().err == "Nothing is stored of a company mistyped.\n"
        company = stage.stage.pair("anna").company
        assert await _run(argparse.Namespace(command=command, company=company, users=[])) == 0


async def test_verify_where_nothing_changed() -> None:
    """In agreement, and nothing is written."""
    stage = await make_stage()
    await stage.linked("Lunch")
    before = (await stage.ports.pairs.head(stage.pair), await stage.ports.pairs.links(stage.pair))
    assert await said(stage, "verify", ANNA) == [f"1/1  {ANNA}  in agreement"]
    assert (await stage.ports.pairs.head(stage.pair), await stage.ports.pairs.links(stage.pair)) == before


async def test_verify_sees_what_no_change_told_of() -> None:
    """A full comparison: an edit that every round has passed over is found, and not carried over."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "moved on"))
    assert await said(stage, "verify", ANNA) == [f"1/1  {ANNA}  updated in severa: 1"]
    assert stage.activity("Lunch").essence.text != "moved on"


async def test_rejoin_after_lost_tables() -> None:
    """Whoever was on is on again; the next run finds the links and writes nothing."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await stage.ports.pairs.forget(stage.pair.company)
    assert f"1/1  {ANNA}  switched on" in await said(stage, "rejoin", ANNA)
    reports = await stage.settle()
    assert not any(report.written for report in reports)
    assert [link.event for link in await stage.ports.pairs.links(stage.pair)] == [stage.event("Lunch").id]


async def test_resync_and_hint() -> None:
    """Each says what came of it; one that cannot be done does not end the others."""
    stage = await make_stage()
    await stage.linked("Lunch")
    first, second = await said(stage, "resync", UserId("nobody"), ANNA)
    assert "switched_off: " in first
    assert second.startswith(f"2/2  {ANNA}  ")
    [line] = await said(stage, "hint", ANNA)
    assert line.startswith(f"1/1  {ANNA}  ")


async def test_what_a_repair_found() -> None:
    """Asked for, over, and what it mended, in words."""
    stage = await make_stage()
    await stage.linked("Lunch")
    link = await stage.link("Lunch")
    stage.anna.remove(link.event)
    stage.severa.remove(link.activity)
    await said(stage, "resync", ANNA)
    assert any("repair asked" in line and "not over yet" in line for line in await said(stage, "status", ANNA))
    await stage.settle()
    assert any("(1) Entries that are gone from both calendars" in line for line in await said(stage, "status", ANNA))


async def test_holds() -> None:
    """Oldest first, without content."""
    stage = await make_stage()
    hold = Hold("h1", stage.pair.company, BERT, "delete", "many_deletions", MONDAY, ())
    await stage.ports.holds.put(hold)
    _, line = await said(stage, "holds")
    assert line.split()[:4] == ["h1", BERT, "delete", "many_deletions"]
    assert len(await said(stage, "holds", ANNA)) == 1


def test_a_table() -> None:
    """Columns are as wide as their widest cell."""
    assert table([("a", "bb"), ("ccc", "d")]) == ["a    bb", "ccc  d"]
    assert table([]) == []


def test_without_settings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is missing."""
    for name in ("AzureWebJobsStorage", "SYNC_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["status", "company"]) == 1
    assert "SYNC_MASTER_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["export", "erase"])
def test_one_user_without_settings(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands about one user say the same."""
    for name in ("AzureWebJobsStorage", "SYNC_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main([command, "--company", "company", "--user", "user"]) == 1
    assert "SYNC_MASTER_KEY" in capsys.readouterr().err
