"""Azurite, Microsoft's local Azure Storage, as a child process: blobs, queues and tables on free loopback ports.

How it behaves and where it differs from Azure: facts/microsoft.md L. It comes from npm, pinned in `package.json`.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final, Self

ACCOUNT: Final = "devstoreaccount1"
# The account key that Microsoft publishes for every emulator; it protects nothing.
KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
LOOPBACK: Final = "127.0.0.1"
SERVICES: Final = ("blob", "queue", "table")
PROJECT: Final = Path(__file__).resolve().parents[2]

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
ATTEMPTS: Final = 3

Ports = tuple[int, int, int]


class AzuriteError(Exception):
    """Azurite could not be started; the message says why and what to do."""


class AzuriteMissingError(AzuriteError):
    """Node.js or Azurite's npm package is not there."""


def connection_string(ports: Ports) -> str:
    """Return the connection string of the well-known development account on the blob, queue and table ports."""
    endpoints = (
        f"{service.capitalize()}Endpoint=http://{LOOPBACK}:{port}/{ACCOUNT};"
        for service, port in zip(SERVICES, ports, strict=True)
    )
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};" + "".join(endpoints)


# What `UseDevelopmentStorage=true` means.
DEVELOPMENT_STORAGE: Final = connection_string((10000, 10001, 10002))


class Azurite:
    """One Azurite; use as `async with`, or start() and stop(), which block.

    `directory` keeps the data over a restart and holds the log `azurite.log`; without it everything is in memory and
    the log is a temporary file, removed at the end. `ports` are those of blobs, queues and tables; by default free
    ones are taken. `home` is the folder that holds `node_modules`: by default the variable AZURITE_HOME, else the
    project. Raises AzuriteError.
    """

    def __init__(self, directory: Path | None = None, *, ports: Ports | None = None, home: Path | None = None) -> None:
        self._directory = directory
        self._fixed_ports = ports
        self._home = home or Path(os.environ.get("AZURITE_HOME") or PROJECT)
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: Ports = ports or (0, 0, 0)
        self.log: Path | None = None

    @property
    def connection_string(self) -> str:
        """The connection string; the ports are known after start()."""
        return connection_string(self._ports)

    def start(self) -> None:
        """Start Azurite and return when all three services answer."""
        command = [_node(), str(_script(self._home))]
        self.log = self._open_log()
        for attempt in range(1, ATTEMPTS + 1):
            self._ports = self._fixed_ports or _free_ports()
            self._process = self._launch(command, self.log)
            problem = self._wait(self._process, self.log)
            if problem is None:
                return
            self.stop(keep_log=True)
            # Somebody may take a free port between our look and Azurite's bind.
            if not (problem.startswith("A port") and self._fixed_ports is None and attempt < ATTEMPTS):
                raise AzuriteError(problem)

    def stop(self, *, keep_log: bool = False) -> None:
        """End Azurite by SIGTERM, which loses no write; harmless when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._directory is None and self.log is not None and not keep_log:
            self.log.unlink(missing_ok=True)

    async def __aenter__(self) -> Self:
        """Start, without blocking the event loop. Cancelled meanwhile, it is stopped as soon as it has started."""
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            starting.exception()
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await asyncio.to_thread(self.stop)

    def _open_log(self) -> Path:
        if self._directory is None:
            handle, name = tempfile.mkstemp(prefix="azurite-", suffix=".log")
            os.close(handle)
            return Path(name)
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._directory / "azurite.log"

    def _launch(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        where = ["--inMemoryPersistence"] if self._directory is None else ["--location", str(self._directory)]
        bind = [
            argument
            for service, port in zip(SERVICES, self._ports, strict=True)
            for argument in (f"--{service}Host", LOOPBACK, f"--{service}Port", str(port))
        ]
        with log.open("wb") as output:
            # A session of its own: Ctrl-C at the terminal must reach Azurite last, through stop().
            return subprocess.Popen(
                [*command, "--silent", "--skipApiVersionCheck", "--disableTelemetry", *where, *bind],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> str | None:
        """Wait until every port answers HTTP. Return what went wrong, in words, or None."""
        deadline = time.monotonic() + START_SECONDS
        waiting = set(self._ports)
        while waiting:
            if process.poll() is not None:
                return self._why_it_ended(log)
            if time.monotonic() > deadline:
                return f"Azurite did not answer within {START_SECONDS:.0f} seconds. Its log: {log}."
            waiting = {port for port in waiting if not _answers(port)}
            if waiting:
                time.sleep(0.1)
        return None

    def _why_it_ended(self, log: Path) -> str:
        text = log.read_text(encoding="utf-8", errors="replace").strip()
        if "EADDRINUSE" in text or "already in use" in text:
            return f"A port for Azurite is in use: one of {', '.join(map(str, self._ports))}."
        last = text.splitlines()[-1] if text else "it said nothing"
        return f"Azurite ended at once: {last}. Its log: {log}."


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise AzuriteMissingError("Node.js is missing: install Node.js 20 or newer so that `node` is on the PATH.")
    return node


def _script(home: Path) -> Path:
    package = home / "node_modules" / "azurite"
    try:
        program = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]["azurite"]
    except (OSError, ValueError, KeyError):
        raise AzuriteMissingError(f"Azurite is not installed in {home}: run `make setup`.") from None
    return package / str(program)


def _free_ports() -> Ports:
    """Return three ports that are free now; held open together, so that they differ."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in SERVICES]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        first, second, third = (int(one.getsockname()[1]) for one in sockets)
    finally:
        for one in sockets:
            one.close()
    return first, second, third


def _answers(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{LOOPBACK}:{port}/{ACCOUNT}?comp=list", timeout=2):
            return True
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return True  # unsigned, so it is refused: but by Azurite
    except OSError:
        return False
