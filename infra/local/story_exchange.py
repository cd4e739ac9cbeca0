"""The story's part about connecting an Exchange Server: delegate script, test of the connection, and what differs."""

from __future__ import annotations

from typing import Final

from infra.local.outlook_ews import ACCOUNT, ExchangeOutlook
from infra.local.tale import Scene

POLLING: Final = (
    "Nobody tells of changes: a mailbox is asked, every minute while its owner is active, and at once when they "
    "navigate in Severa."
)
DIFFERENCES: Final = (
    "Whole days begin at midnight where their owner is: an Exchange Server has no days without a zone.",
    "A deleted event has another id in Deleted Items, so its own one is simply gone.",
    "Yearly series are told in months, up to 99 of them.",
)
BEFORE_2010: Final = (
    "2007 knows one time zone of each event, not one of its start and one of its end. Mailboxes are reached by their "
    "primary addresses alone."
)
SUNDAYS: Final = "Series every second week or rarer, in weeks that begin on Monday, cannot be told to this release."
YOUNG: Final = "It does not know time zones that Windows got later; a series in one of them stays on its own side."
OLD: Final = frozenset({"2007_sp1", "2010"})
"""Releases whose weeks begin on Sunday."""


async def tell_connecting(scene: Scene) -> None:
    """The administrator connects the Exchange Server, with the script that the front end hands out."""
    stage, screen, outlook = scene.stage, scene.screen, scene.stage.cast.outlook
    if not isinstance(outlook, ExchangeOutlook):
        return
    front_end = stage.front_end(stage.cast.anna)
    screen.say(f"The settings name {outlook.url}, the delegate user {ACCOUNT}, and the company's own authority.")
    before = [step for step in await front_end.connection_test() if step["outcome"] == "failed"]
    for step in before:
        screen.say(f"The test says: {step['sentence']} {step['remedy']}")
    screen.say(f"The delegate script for {outlook.name}, as the front end hands it out:")
    script = await front_end.delegate_script(outlook.release.partition("_")[0], ACCOUNT)
    for line in script.splitlines():
        screen.say(f"  | {line}")
    outlook.let_in()
    steps = await front_end.connection_test()
    screen.table(("Tested again", "Outcome", "Found"), [(one["step"], one["outcome"], _found(one)) for one in steps])
    screen.say(f"What differs from Microsoft 365 on {outlook.name}:")
    for sentence in differences(outlook.release):
        screen.say(f"  - {sentence}")
    refused = [step["step"] for step in before] == ["impersonation"]
    scene.promise(
        "The connection test fails until the delegate script was run, and passes then",
        held=refused and bool(steps) and all(one["outcome"] in ("passed", "warned") for one in steps),
    )


def differences(release: str) -> list[str]:
    """What is not as in Microsoft 365, in sentences (docs/decisions/0011-exchange-server.md)."""
    found = [POLLING, *DIFFERENCES]
    if release == "2007_sp1":
        found.append(BEFORE_2010)
    if release in OLD:
        found.append(SUNDAYS)
    if release.startswith(("2007", "2010")):
        found.append(YOUNG)
    return found


def _found(step: dict[str, str]) -> str:
    return f"{step['sentence']} {step['detail']}".strip()
