"""`make demo`: the whole story on this machine. `python -m infra.local.demo [--ics FILE]`.

Exit code 0 where every promise that the story shows held; 1 where one did not, or the sync did not run; 2 where the
story could not begin.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from infra.local.cast import ZONE
from infra.local.ending import FAILED, LOCAL, ended
from infra.local.ics import load
from infra.local.screen import Screen
from infra.local.stage import Wishes, open_stage
from infra.local.story import prepare, tell

SAMPLE: Final = Path(__file__).with_name("sample.ics")
WRONG: Final = {
    "mailbox": Wishes(address="nobody@example.com"),
    "severa-secret": Wishes(severa_secret="wrong"),  # noqa: S106 - that is the point
    "microsoft-secret": Wishes(app_secret="wrong"),  # noqa: S106 - that is the point
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell the story; the exit code."""
    options = _parser().parse_args(arguments)
    wishes = WRONG.get(options.wrong, Wishes())
    return ended(lambda: _tell(options.ics, wishes), LOCAL / "demo.log")


async def _tell(path: Path, wishes: Wishes) -> int:
    file = load(path, datetime.now(UTC), ZONE)
    screen = Screen()
    screen.title("Severa calendar sync, on this machine: a company, Anna's two calendars, and the service between them")
    async with open_stage(wishes) as stage:
        screen.say(
            "Running: Azurite (storage), simulations of Severa, Graph and Entra (https), and the Functions host at"
            f" {stage.host.base_url}."
        )
        return 0 if await tell(prepare(stage, screen, file), path.name) else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local.demo", description="The whole story on this machine.")
    parser.add_argument("--ics", type=Path, default=SAMPLE, help="calendar file for Anna's mailbox; default: a sample")
    parser.add_argument("--wrong", choices=sorted(WRONG), help="begin with this mistake, to see what is said then")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
