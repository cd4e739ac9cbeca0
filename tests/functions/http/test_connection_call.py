"""The test of the connection as an administrator reads it."""

from __future__ import annotations

from dataclasses import replace

from core.model.company import Version
from core.model.connection import EXCHANGE_SERVER, OFFICE365, SEVERA, Check, Finding, Outcome
from tests.functions.http.desk import Desk, Tried


async def test_every_step_in_words(desk: Desk) -> None:
    """A sentence for each step, a remedy for what failed or may be wrong; what came after a failure was not tried."""
    severa = Tried(Finding(Check.SEVERA_TOKEN), Finding(Check.SEVERA_SCOPES))
    office = Tried(
        Finding(Check.TENANT),
        Finding(Check.APP_TOKEN),
        Finding(Check.DIRECTORY, Outcome.FAILED, "directory_denied"),
    )
    desk.connection = replace(desk.connection, severa=severa, office365=office)
    answer = await desk.call("POST", "settings/test", desk.token(admin=True))
    assert answer.status_code == 200
    shown = answer.json()
    assert not shown["passed"]
    assert [step["step"] for step in shown["steps"]] == [*SEVERA, *OFFICE365]
    outcomes = [step["outcome"] for step in shown["steps"]]
    assert outcomes == ["passed", "passed", "passed", "warned", "passed", "passed", "failed", "skipped", "skipped"]
    assert all(step["sentence"].endswith(".") for step in shown["steps"])
    assert all(bool(step["remedy"]) == (step["outcome"] in ("warned", "failed")) for step in shown["steps"])
    assert shown["steps"][3]["detail"] == "2 of 2 users"
    assert "User.Read.All" in shown["steps"][6]["remedy"]


async def test_an_exchange_server(desk: Desk) -> None:
    """Its own steps; whatever Severa says, it is tried."""
    found = [Finding(check) for check in EXCHANGE_SERVER]
    found[3] = Finding(Check.VERSION, detail="se (15.2.2562.17)")
    desk.connection = replace(desk.connection, exchange_server=Tried(*found))
    await desk.stage.change_settings(version=Version.EXCHANGE_SERVER)
    shown = (await desk.call("POST", "settings/test", desk.token(admin=True))).json()
    assert [step["outcome"] for step in shown["steps"]] == ["failed", *["skipped"] * 3, *["passed"] * 6]
    assert shown["steps"][0]["code"] == "severa_unreachable"
    assert shown["steps"][7]["detail"] == "se (15.2.2562.17)"
    assert not shown["passed"]
