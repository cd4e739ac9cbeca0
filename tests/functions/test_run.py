"""The stage that is left running to play with."""

import asyncio
import json
import re
import shlex
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from infra.local import run
from infra.local.demo import SAMPLE
from infra.local.ending import CannotBeginError

pytestmark = [pytest.mark.usefixtures("azurite", "own_folder"), pytest.mark.timeout(120)]


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the stage writes goes to a folder of the test, not to the developer's."""
    monkeypatch.setattr(run, "LOCAL", tmp_path / ".local")
    monkeypatch.setattr(run, "SETTINGS", tmp_path / "local.settings.json")
    monkeypatch.setattr(run, "NAVIGATES", 0.5)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return everything that was printed so far."""
    shown: list[str] = []

    def everything() -> str:
        shown.append(capsys.readouterr().out)
        return "".join(shown)

    return everything


@asynccontextmanager
async def running(said: Callable[[], str], exchange: str = "") -> AsyncIterator[str]:
    """A stage that runs until the body is done; what it said when it was ready."""
    task = asyncio.create_task(run._serve(SAMPLE, 0, exchange))
    try:
        while "Ctrl-C ends it" not in said():
            assert not task.done(), task
            await asyncio.sleep(0.1)
        yield said()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def variables(path: Path) -> dict[str, str]:
    """What a shell that reads the file exports."""
    lines = [line.removeprefix("export ").partition("=") for line in path.read_text().splitlines()]
    return {name: "".join(shlex.split(value)) for name, _, value in lines}


async def until(condition: Callable[[], object]) -> None:
    """Wait for it, for half a minute at most."""
    for _ in range(300):
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not happen within 30 seconds")


@pytest.mark.usefixtures("unhurried")
async def test_a_person_plays_with_it(own_folder: Path, said: Callable[[], str]) -> None:
    """The printed addresses and the handed out tokens work, the settings are complete, and an edit shows up."""
    async with running(said) as guide, httpx.AsyncClient(trust_env=False) as client:
        health = re.search(r"http://\S+/health", guide)
        assert health is not None
        assert (await client.get(health[0])).json()["status"] == "ok"
        given = variables(own_folder / ".local" / "people.sh")
        graph = {"Authorization": f"Bearer {given['GRAPH_TOKEN']}"}
        severa = {"Authorization": f"Bearer {given['SEVERA_TOKEN']}", "Client_Id": given["SEVERA_CLIENT"]}
        await until(lambda: "POST" in said())
        edit = await client.patch(
            f"{given['GRAPH']}/events/{given['EVENT']}", headers=graph, json={"subject": "By hand"}
        )
        assert edit.status_code == 200
        await arrived(client, given, "By hand")
        made = await client.post(
            f"{given['SEVERA']}/activities", headers=severa, json=json.loads(given["NEW_ACTIVITY"])
        )
        assert made.status_code == 201
    settings = json.loads((own_folder / "local.settings.json").read_text())
    assert settings["IsEncrypted"] is False
    assert {"AzureWebJobsStorage", "SYNC_GRAPH_URL", "SYNC_MASTER_KEY"} <= settings["Values"].keys()
    assert (own_folder / ".local" / "people.sh").stat().st_mode & 0o077 == 0
    assert (own_folder / ".local" / "azurite").is_dir()


@pytest.mark.usefixtures("unhurried")
async def test_a_person_plays_with_an_exchange_server(own_folder: Path, said: Callable[[], str]) -> None:
    """The printed requests work as they are, and an edit shows up in Severa."""
    async with running(said, "2010") as guide:
        given = variables(own_folder / ".local" / "people.sh")
        assert '-u "$EWS_USER" "$EWS"' in guide
        await until(lambda: "POST" in said())
        name, _, password = given["EWS_USER"].partition(":")
        trusted = ssl.create_default_context(cafile=given["EWS_AUTHORITY"])
        async with httpx.AsyncClient(trust_env=False, verify=trusted, auth=(name, password)) as client:
            xml = {"Content-Type": "text/xml"}
            shown = await client.post(given["EWS"], headers=xml, content=given["EWS_EVENTS"])
            assert "Monday morning meeting" in shown.text
            changed = await client.post(given["EWS"], headers=xml, content=given["EWS_CHANGE"])
            assert "NoError" in changed.text
        async with httpx.AsyncClient(trust_env=False) as client:
            await arrived(client, given, "Changed by curl")
        await asyncio.sleep(0.02)  # the server's ends of TLS connections close in a few turns of the loop


async def arrived(client: httpx.AsyncClient, given: dict[str, str], name: str) -> None:
    """Wait until Anna has an activity of that name."""
    severa = {"Authorization": f"Bearer {given['SEVERA_TOKEN']}", "Client_Id": given["SEVERA_CLIENT"]}
    mine = {"userGuids": given["ANNA"]}
    for _ in range(200):
        found = (await client.get(f"{given['SEVERA']}/activities", headers=severa, params=mine)).json()
        if name in [activity["name"] for activity in found]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the edit did not arrive")


async def test_a_second_stage(said: Callable[[], str]) -> None:
    """It would take away the first one's storage: it is refused in a sentence."""
    async with running(said):
        with pytest.raises(CannotBeginError, match="running here already"):
            await run._serve(SAMPLE, 0)


def test_a_port_in_use(capfd: pytest.CaptureFixture[str]) -> None:
    """One sentence, and exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run.main(["--port", str(port)]) == 2
    err = capfd.readouterr().err
    assert str(port) in err
    assert "Traceback" not in err


def test_settings_of_somebody_else(own_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """They are not written over."""
    (own_folder / "local.settings.json").write_text("{}")
    assert run.main(["--port", "0"]) == 2
    assert "move it away" in capfd.readouterr().err
    assert (own_folder / "local.settings.json").read_text() == "{}"


def test_a_port_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line says what a port is."""
    with pytest.raises(SystemExit, match="2"):
        run.main(["--port", "70000"])
    assert "0 to 65535" in capsys.readouterr().err
