"""`make demo`: the whole story on this machine. `python -m infra.local.demo [--ics FILE] [--exchange RELEASE]`.

Exit code 0 where every promise that the story shows held; 1 where one did not, or the sync did not run; 2 where the
story could not begin.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from infra.local.ending import FAILED, LOCAL, ended
from infra.local.ics import load
from infra.local.outlook import ZONE
from infra.local.outlook_ews import NAMES, ExchangeOutlook
from infra.local.outlook_graph import GraphOutlook
from infra.local.screen import Screen
from infra.local.stage import Stage, Wishes, open_stage
from infra.local.story import prepare, tell

SAMPLE: Final = Path(__file__).with_name("sample.ics")
WRONG: Final = {
    "mailbox": Wishes(address="nobody@example.com"),
    "severa-secret": Wishes(severa_secret="wrong"),  # noqa: S106 - that is the point
    "microsoft-secret": Wishes(microsoft_secret="wrong"),  # noqa: S106 - that is the point
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell the story; the exit code."""
    options = _parser().parse_args(arguments)
    wishes = replace(WRONG.get(options.wrong, Wishes()), exchange=options.exchange or "", beside=not options.exchange)
    return ended(lambda: _tell(options.ics, wishes), LOCAL / "demo.log")


async def _tell(path: Path, wishes: Wishes) -> int:
    file = load(path, datetime.now(UTC), ZONE)
    screen = Screen()
    screen.title("Severa calendar sync, on this machine: a company, Anna's two calendars, and the service between them")
    async with open_stage(wishes) as stage:
        screen.say(f"Running: Azurite (storage), {simulated(stage)}, and the Functions host at {stage.host.base_url}.")
        return 0 if await tell(prepare(stage, screen, file), path.name) else FAILED


def simulated(stage: Stage) -> str:
    """The services that are simulations here."""
    named = ["Severa", "Graph", "Entra (https)"] if isinstance(stage.cast.outlook, GraphOutlook) else ["Severa"]
    casts = [stage.cast, stage.other] if stage.other else [stage.cast]
    named += [f"{cast.outlook.name} (https)" for cast in casts if isinstance(cast.outlook, ExchangeOutlook)]
    return f"simulations of {', '.join(named[:-1])} and {named[-1]}"


def release_of(text: str) -> str:
    """The simulator's name of a release that somebody typed, such as `2010`, `2010 SP1`, `se`; of 2007 it has SP1."""
    name = "_".join(text.lower().replace("_", " ").replace("-", " ").split())
    name = "2007_sp1" if name == "2007" else name
    if name not in NAMES:
        known = ", ".join(known.replace("_", " ").upper() for known in NAMES)
        raise argparse.ArgumentTypeError(f"{text!r} is no release of Exchange Server that is simulated: {known}")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local.demo", description="The whole story on this machine.")
    parser.add_argument("--ics", type=Path, default=SAMPLE, help="calendar file for Anna's mailbox; default: a sample")
    parser.add_argument(
        "--exchange", type=release_of, metavar="RELEASE", help="mailboxes on an Exchange Server: 2007 to SE"
    )
    parser.add_argument("--wrong", choices=sorted(WRONG), help="begin with this mistake, to see what is said then")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
