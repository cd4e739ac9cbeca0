"""Azurite as a child process: answers, keeps its data, and says in words why it cannot start."""

import asyncio
import json
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from azure.storage.queue import QueueServiceClient

from infra.local import azurite as module
from infra.local.azurite import Azurite, AzuriteError, AzuriteMissingError, connection_string


@pytest.fixture
def installed(azurite: str) -> None:
    """Skip where the session's Azurite could not be started for want of Node.js or the npm package."""


@pytest.mark.usefixtures("installed")
async def test_data_survives_a_restart_in_a_directory(tmp_path: Path) -> None:
    """SIGTERM loses no write; the log lies beside the data."""
    async with Azurite(tmp_path) as first:
        with QueueServiceClient.from_connection_string(first.connection_string) as service:
            await asyncio.to_thread(service.create_queue, "kept")
    async with Azurite(tmp_path) as second:
        with QueueServiceClient.from_connection_string(second.connection_string) as service:
            names = await asyncio.to_thread(lambda: [queue.name for queue in service.list_queues()])
    assert names == ["kept"]
    assert (tmp_path / "azurite.log").exists()


@pytest.mark.usefixtures("installed")
def test_a_port_in_use_is_told() -> None:
    """The message names the ports, and no process is left behind."""
    with socket.create_server(("127.0.0.1", 0)) as busy, socket.create_server(("127.0.0.1", 0)) as spare:
        port, other = busy.getsockname()[1], spare.getsockname()[1]
        server = Azurite(ports=(port, other, other))
        with pytest.raises(AzuriteError, match=f"port for Azurite is in use: one of {port}"):
            server.start()
    server.stop()


def test_a_missing_package_leads_to_make_setup(tmp_path: Path) -> None:
    """`make setup` installs it."""
    with pytest.raises(AzuriteMissingError, match="make setup"):
        Azurite(home=tmp_path).start()


def test_missing_node_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `node` on the PATH there is no Azurite."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AzuriteMissingError, match=r"Node\.js is missing"):
        Azurite(home=tmp_path).start()


def a_package(home: Path, script: str) -> Path:
    """Put a package under `home` that looks like Azurite and runs `script`; return `home`."""
    package = home / "node_modules" / "azurite"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"bin": {"azurite": "main.js"}}))
    (package / "main.js").write_text(script)
    return home


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("console.error('no such option'); process.exit(1)", "Azurite ended at once: no such option"),
        ("setInterval(() => {}, 1000)", "did not answer within"),
    ],
)
def test_an_azurite_that_does_not_come_up_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    """What it said last is in the message, and where its log is; it is not waited for without end."""
    monkeypatch.setattr(module, "START_SECONDS", 1.0)
    started: list[subprocess.Popen[bytes]] = []
    launch = Azurite._launch

    def remember(self: Azurite, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        started.append(launch(self, command, log))
        return started[-1]

    monkeypatch.setattr(Azurite, "_launch", remember)
    with pytest.raises(AzuriteError, match=reason):
        Azurite(tmp_path / "data", home=a_package(tmp_path, script)).start()
    assert [process.poll() is not None for process in started] == [True]


def test_the_connection_string_is_that_of_the_development_account() -> None:
    """All three services, over plain http on the loopback interface."""
    text = connection_string((1, 2, 3))
    assert "AccountName=devstoreaccount1;" in text
    assert "BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;" in text
    assert "QueueEndpoint=http://127.0.0.1:2/devstoreaccount1;" in text
    assert text.endswith("TableEndpoint=http://127.0.0.1:3/devstoreaccount1;")
