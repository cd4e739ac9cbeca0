"""Export and erase of one user (docs/data-protection.md): commands of their own, for they name exactly one."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

from core.model.ids import CompanyId, Pair, UserId
from core.ports_live import LivePorts
from core.usecases.erasing import erase_user
from core.usecases.exporting import export_user
from infra.operate.commands import table

NAMES = ("export", "erase")
OWNER_ONLY = 0o600
UNCONFIRMED = "Nothing was removed: --yes confirms that this user is to be erased. No calendar is touched."


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The two commands, beside those of infra/operate/commands.py."""
    export = commands.add_parser("export", help="All that is stored of one user, as JSON.")
    erase = commands.add_parser("erase", help="Remove all that is stored of one user; calendars stay as they are.")
    for one in (export, erase):
        one.add_argument("--company", required=True, help="guid of the company in Severa")
        one.add_argument("--user", required=True, help="guid of the user in Severa")
    export.add_argument(
        "--own-copy", type=Path, help="a new file for the user themself, with the values that only they may read"
    )
    erase.add_argument("--yes", action="store_true", help="confirm it")


async def run(live: LivePorts, options: argparse.Namespace) -> AsyncIterator[str]:
    """What the command says. Raises FileExistsError for a copy that is there already, and what core/errors.py has."""
    pair = Pair(CompanyId(options.company), UserId(options.user))
    lines = export(live, pair, options.own_copy) if options.command == "export" else erase(live, pair, yes=options.yes)
    async for line in lines:
        yield line


async def export(live: LivePorts, pair: Pair, own_copy: Path | None) -> AsyncIterator[str]:
    """The document, its values withheld; or all of it into a file that nobody else may read."""
    document = await export_user(live, pair, with_values=own_copy is not None)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if own_copy is None:
        yield text
        return
    with os.fdopen(os.open(own_copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    yield f"{own_copy}: {len(document['links'])} links, {len(document['history'])} lines of history with their values."
    yield "It is the user's own: hand it to them, and delete it here."


async def erase(live: LivePorts, pair: Pair, *, yes: bool) -> AsyncIterator[str]:
    """What was removed, as numbers by kind."""
    if not yes:
        yield UNCONFIRMED
        return
    erasure = await erase_user(live, pair)
    if erasure.under_way:
        yield "A run of this pair is under way. The switch is off; ask again in three minutes."
        return
    rows = [(kind, str(number)) for kind, number in sorted(erasure.counts.items())]
    for line in table([("removed", "rows"), *rows]) if rows else ["Nothing is stored of this user."]:
        yield line
