"""An operator's commands, over the storage and the services that the environment names (docs/settings.md).

    python -m infra.operate status COMPANY [USER ...]        and likewise holds, hint, resync, verify, rejoin
    python -m infra.operate export --company COMPANY --user USER [--own-copy FILE]
    python -m infra.operate erase --company COMPANY --user USER --yes
    python -m infra.operate live-check [--write]

Without users: everybody of the company whose switch is on. Ends with 1 and a sentence where it cannot be done.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

from core import wiring
from core.errors import SyncError
from core.model.ids import CompanyId, UserId
from core.settings import SettingsError
from core.usecases.words import words
from infra.live import check
from infra.operate import one_user
from infra.operate.commands import COMMANDS, known, status


class UnknownCompanyError(Exception):
    """A sentence about a company of which nothing is stored."""


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
    one_user.add_parsers(commands)
    return asyncio.run(_run(parser.parse_args(given)))


async def _lines(options: argparse.Namespace) -> AsyncIterator[str]:
    if options.command in one_user.NAMES:
        lines = one_user.run(await wiring.live(), options)
    else:
        company, users = CompanyId(options.company), [UserId(user) for user in options.users]
        live = await wiring.live()
        if not await known(live.ports, company):
            raise UnknownCompanyError(f"Nothing is stored of a company {company}.")
        if options.command == "status":
            lines = status(live.ports, company, users, live.subscriptions)
        else:
            lines = COMMANDS[options.command](live.ports, company, users)
    async for line in lines:
        yield line


async def _run(options: argparse.Namespace) -> int:
    try:
        async for line in _lines(options):
            print(line, flush=True)
    except (SettingsError, FileExistsError, UnknownCompanyError) as problem:
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
