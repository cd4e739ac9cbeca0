"""The script that asks a live tenant, asked of the simulators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from infra.live.check import ask, checks, main
from infra.live.found import SUBJECT, Found
from infra.live.severa import SeveraCheck
from tests.simulators.common.inprocess import transport
from tests.support.remote_stage import GRAPH, SEVERA, RemoteStage, remote_stage


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator's clock does not go on by itself."""
    monkeypatch.setattr(SeveraCheck, "pause", 0.0)


@dataclass(slots=True)
class Live:
    """Both services as the script finds them."""

    stage: RemoteStage
    environment: dict[str, str]
    client: httpx.AsyncClient

    async def asked(self, *, write: bool) -> dict[str, Found]:
        """What it found, by fact."""
        found = []
        for _, check in checks(self.environment, self.client, self.stage.clock.now()):
            found += [one async for one in ask(check, write=write)]
        assert len({one.fact for one in found}) == len(found)
        return {one.fact: one for one in found}


@asynccontextmanager
async def live() -> AsyncIterator[Live]:
    """A company with a user and a mailbox."""
    async with remote_stage() as stage:
        environment = {
            "LIVE_GRAPH_TOKEN": await stage.token(),
            "LIVE_MAILBOX": "anna@example.org",
            "LIVE_SEVERA_CLIENT_ID": stage.severa_company.client_id,
            "LIVE_SEVERA_CLIENT_SECRET": "s3",
            "LIVE_SEVERA_USER": stage.users["anna"].guid,
            "SYNC_GRAPH_URL": GRAPH,
            "SYNC_SEVERA_URL": SEVERA,
        }
        apps = {httpx.URL(GRAPH).host: stage.graph.app, httpx.URL(SEVERA).host: stage.severa.app}
        async with httpx.AsyncClient(mounts={f"all://{host}": transport(app) for host, app in apps.items()}) as client:
            yield Live(stage, environment, client)


def writes(stage: RemoteStage) -> list[Any]:
    """Requests that change something, but for tokens."""
    logs = (stage.severa.requests, stage.graph.requests)
    return [one for log in logs for one in log.entries if one.method != "GET" and "token" not in one.path]


async def test_reading_only() -> None:
    """Nothing is written; what cannot be seen is said to be so."""
    async with live() as tenant:
        found = await tenant.asked(write=False)
        assert len(found) == 5
        assert writes(tenant.stage) == []
        assert found["Which uids events tell"].as_built is None


async def test_with_entries_of_its_own() -> None:
    """Every fact is as the service takes it to be, as the simulators are; nothing is left, nobody is mailed."""
    async with live() as tenant:
        tenant.stage.graph.people.add_event(
            tenant.stage.mailboxes["anna"], "Lunch", tenant.stage.clock.now(), tenant.stage.clock.now()
        )
        found = await tenant.asked(write=True)
        assert {fact: one.seen for fact, one in found.items() if one.as_built is False} == {}
        assert len(found) > 15
        people = tenant.stage.graph.people
        assert [event.subject for event in people.events_of(tenant.stage.mailboxes["anna"])] == ["Lunch"]
        assert tenant.stage.severa.people.activities_of(tenant.stage.users["anna"]) == []
        assert tenant.stage.graph.mails == []


@pytest.mark.parametrize(
    ("where", "option", "value", "fact"),
    [
        ("graph", "delta_master_missing", True, "Later rounds of delta show the master of a series that began"),
        ("severa", "patch_values", "string", "PATCH takes a boolean for a boolean"),
        ("severa", "rewrite", lambda field, text: text.strip(), "Notes stay as they were sent"),
    ],
)
async def test_a_service_that_is_otherwise(where: str, option: str, value: Any, fact: str) -> None:
    """It is noticed."""
    async with live() as tenant:
        setattr(getattr(tenant.stage, where).options, option, value)
        found = await tenant.asked(write=True)
        assert [one.as_built for name, one in found.items() if name.startswith(fact)] == [False]
        assert all(
            SUBJECT not in one.subject for one in tenant.stage.graph.people.events_of(tenant.stage.mailboxes["anna"])
        )


def test_nothing_to_ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without variables it says so and ends with 2."""
    for name in ("LIVE_GRAPH_TOKEN", "LIVE_SEVERA_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 2
    assert "LIVE_" in capsys.readouterr().err


async def test_a_colleague_becomes_a_participant() -> None:
    """Only where one is named; whether the activity's stamp moves is noted."""
    async with live() as tenant:
        bert = tenant.stage.severa.people.add_user(tenant.stage.severa_company, "bert", "bert@example.org")
        tenant.environment["LIVE_SEVERA_COLLEAGUE"] = bert.guid
        found = (await tenant.asked(write=True))["A participant who comes shows in the activity's stamp"]
        assert (found.as_built, found.seen.partition(",")[0]) == (None, "HTTP 201")
        assert tenant.stage.severa.people.activities_of(bert) == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"LIVE_GRAPH_TOKEN": "t"}, "LIVE_MAILBOX is missing"),
        ({"LIVE_SEVERA_CLIENT_ID": "c"}, "LIVE_SEVERA_CLIENT_SECRET is missing"),
        (
            {
                "LIVE_SEVERA_CLIENT_ID": "c",
                "LIVE_SEVERA_CLIENT_SECRET": "s",
                "LIVE_SEVERA_USER": "u",
                "LIVE_ZONE": "Mars/Olympus",
            },
            "LIVE_ZONE is no time zone: Mars/Olympus",
        ),
    ],
    ids=["mailbox", "secret", "zone"],
)
def test_a_variable_is_missing_or_no_good(
    environment: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the variable, and ends with 2."""
    for name in ("LIVE_GRAPH_TOKEN", "LIVE_SEVERA_CLIENT_ID", "LIVE_MAILBOX", "LIVE_ZONE"):
        monkeypatch.delenv(name, raising=False)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert main([]) == 2
    assert said in capsys.readouterr().err


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so, names what only a person can look at, and ends with 1."""
    monkeypatch.delenv("LIVE_SEVERA_CLIENT_ID", raising=False)
    for name, text in {
        "LIVE_GRAPH_TOKEN": "t",
        "LIVE_MAILBOX": "m",
        "SYNC_GRAPH_URL": "http://127.0.0.1:9/v1.0",
    }.items():
        monkeypatch.setenv(name, text)
    assert main([]) == 1
    shown = capsys.readouterr()
    assert "It ended early: ConnectError" in shown.err
    assert "--- By hand" in shown.out
