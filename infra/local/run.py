"""`make run`: the local stage, left running to play with. `python -m infra.local.run --help` has its options.

It writes `local.settings.json`, which `func start` and `python -m infra.local.host` read, too. The simulated services
forget everything when it ends, so the storage, kept in `.local` to be looked into, begins anew with them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx

from core.usecases.switches import set_company_switch, set_user_switch
from infra.local.azurite import PROJECT
from infra.local.demo import SAMPLE, release_of
from infra.local.ending import LOCAL, CannotBeginError, ended
from infra.local.guide import people, print_guide, write_people
from infra.local.ics import load
from infra.local.outlook import ZONE
from infra.local.outlook_ews import WRITES as OPERATIONS
from infra.local.outlook_ews import ExchangeOutlook
from infra.local.screen import Screen
from infra.local.stage import Stage, Wishes, open_stage
from infra.local.story import prepare
from infra.local.story_first import tell_file
from infra.local.tale import WRITES
from tests.simulators.common.counters import Recorded

SETTINGS: Final = PROJECT / "local.settings.json"
MARK: Final = "Written by `make run`, anew each time."
NAVIGATES: Final = 15.0
"""Seconds between two signs of life of Anna, who keeps navigating in Severa."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code: 0, or 2 where it could not begin."""
    options = _parser().parse_args(arguments)
    return ended(lambda: _serve(options.ics, options.port, options.exchange or ""), LOCAL / "run.log", stopped=0)


async def _serve(path: Path, port: int, exchange: str = "") -> int:
    file = load(path, datetime.now(UTC), ZONE)
    _refuse_foreign(SETTINGS)
    with _alone(LOCAL / "lock"):
        storage = LOCAL / "azurite"
        shutil.rmtree(storage, ignore_errors=True)
        screen = Screen()
        async with open_stage(Wishes(http_port=port, storage=storage, exchange=exchange)) as stage:
            if isinstance(stage.cast.outlook, ExchangeOutlook):
                stage.cast.outlook.let_in()
            tell_file(prepare(stage, screen, file), path.name)
            _write_settings(SETTINGS, stage)
            write_people(LOCAL / "people.sh", await people(stage))
            await set_company_switch(stage.ports, stage.pair.company, on=True)
            await set_user_switch(stage.ports, stage.pair, on=True)
            print_guide(stage, SETTINGS, LOCAL / "people.sh", storage)
            await asyncio.gather(_navigate(stage, screen), _show_writes(stage))
    return 0


async def _navigate(stage: Stage, screen: Screen) -> None:
    while True:
        await asyncio.sleep(NAVIGATES)
        try:
            await stage.front_end(stage.cast.anna).navigate()
        except httpx.HTTPError as failure:
            screen.say(f"Anna's sign of life was not noted: {type(failure).__name__}")


async def _show_writes(stage: Stage) -> None:
    """Every request that wrote something, as it happens."""
    logs = {"Severa": stage.cast.severa.requests, "Microsoft": stage.cast.outlook.simulator.requests}
    shown = dict.fromkeys(logs, 0)
    while True:
        for name, log in logs.items():
            new, shown[name] = log.entries[shown[name] :], len(log.entries)
            for one in new:
                if _writes(one):
                    print(
                        f"{datetime.now(ZONE):%H:%M:%S}  {name:<10} {one.method:<7} {one.path}  {one.status}",
                        flush=True,
                    )
        await asyncio.sleep(0.5)


def _writes(one: Recorded) -> bool:
    operation = one.path.rpartition("/EWS/Exchange.asmx/")[2]
    if operation != one.path:
        return operation in OPERATIONS and one.status == HTTPStatus.OK  # the log-in's own steps are none
    return one.method in WRITES and "token" not in one.path


def _write_settings(path: Path, stage: Stage) -> None:
    document = {"//": MARK, "IsEncrypted": False, "Values": dict(stage.environment)}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _refuse_foreign(path: Path) -> None:
    """Somebody's own settings are not written over."""
    if path.exists() and MARK not in path.read_text(encoding="utf-8", errors="replace"):
        raise CannotBeginError(f"{path} was written by somebody else: move it away, then `make run` can write its own.")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock; one stage at a time keeps its storage here."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotBeginError(f"A stage is running here already: it holds {path}.") from None
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local.run", description="The local stage, left running.")
    parser.add_argument("--ics", type=Path, default=SAMPLE, help="calendar file for Anna's mailbox; default: a sample")
    parser.add_argument(
        "--exchange", type=release_of, metavar="RELEASE", help="mailboxes on an Exchange Server: 2007 to SE"
    )
    parser.add_argument("--port", type=_port, default=7071, help="the host's HTTP port on 127.0.0.1; 0: a free one")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
