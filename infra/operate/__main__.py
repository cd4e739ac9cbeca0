"""An operator's commands, over the storage and the services that the environment names (docs/settings.md).

    python -m infra.operate status COMPANY [USER ...]
    python -m infra.operate live-check [--write]

Without users: everybody of the company whose switch is on. Ends with 1 and a sentence where it cannot be done.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from core import wiring
from core.errors import SyncError
from core.model.ids import CompanyId, UserId
from core.settings import SettingsError
from core.usecases.words import words
from infra.live import check
from infra.operate.commands import COMMANDS, Command


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 with a sentence on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["live-check"]:
        return check.main(given[1:])
    parser = argparse.ArgumentParser(
        prog="python -m infra.operate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=(command.__doc__ or "").splitlines()[0])
        one.add_argument("company", help="guid of the company in Severa")
        one.add_argument("users", nargs="*", help="guids of users in Severa")
    commands.add_parser("live-check", help="Ask a live tenant what nobody outside knows; see its own --help.")
    options = parser.parse_args(given)
    return asyncio.run(_run(COMMANDS[options.command], options.company, options.users))


async def _run(command: Command, company: str, users: Sequence[str]) -> int:
    try:
        async for line in command(await wiring.ports(), CompanyId(company), [UserId(user) for user in users]):
            print(line, flush=True)
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 1
    except SyncError as failure:
        print(f"{failure.code}: {words(failure.code).sentence}", file=sys.stderr)
        return 1
    finally:
        await wiring.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
