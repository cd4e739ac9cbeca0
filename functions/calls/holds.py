"""What the guard holds, and what a person decides about it (R20). Ids and counts; a hold has no subjects."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from core.model.state import Verdict
from core.usecases.releasing import decide, waiting
from core.usecases.words import words
from functions.calls.models import Strict
from functions.calls.operation import Answer, Call

Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,100}$")]


class HoldsQuery(Strict):
    """One page, in the order of the holds' ids."""

    after: Name | None = Field(default=None, description="`following` of the page before.")
    limit: int = Field(default=50, ge=1, le=100)


class HoldPath(Strict):
    """A hold."""

    hold: Name


class HoldOut(Strict):
    """What was held of one user's changes, and why."""

    id: str
    user: str
    kind: str = Field(description="`delete`, `create`, or `twin`: which activity a lost answer had made.")
    code: str = Field(description="Why it is held.")
    sentence: str
    remedy: str
    since: datetime
    entries: int = Field(description="How many still wait.")


class HoldsOut(Strict):
    """A page of holds: the user's own; to administrators, the whole company's."""

    holds: list[HoldOut]
    following: str | None = Field(description="`after` of the next page; null on the last one.")


class DecidedOut(Strict):
    """What was decided."""

    entries: int = Field(description="How many entries that concerns; 0 where nothing was left to decide.")
    sentence: str


_SAID = {
    Verdict.RELEASE: "The synchronization is asked for: it looks at each entry again, and then does what was held.",
    Verdict.DISCARD: "The synchronization is asked for: it leaves each of these entries as it is.",
}
_OVER = "There is nothing to decide here any more."


async def read(call: Call) -> Answer:
    """A page of what waits."""
    page: HoldsQuery = call.query
    found, following = await waiting(call.ports, call.caller, page.after or "", page.limit)
    holds = []
    for one in found:
        said = words(one.hold.reason)
        holds.append(
            HoldOut(
                id=one.hold.id,
                user=one.hold.user,
                kind=one.hold.kind,
                code=one.hold.reason,
                sentence=said.sentence,
                remedy=said.remedy,
                since=one.hold.since,
                entries=one.entries,
            )
        )
    return Answer(HoldsOut(holds=holds, following=following))


async def release(call: Call) -> Answer:
    """Do what was held, each entry verified again."""
    return await _decide(call, Verdict.RELEASE)


async def discard(call: Call) -> Answer:
    """Leave it as it is."""
    return await _decide(call, Verdict.DISCARD)


async def _decide(call: Call, verdict: Verdict) -> Answer:
    path: HoldPath = call.path
    entries = await decide(call.ports, call.caller, path.hold, verdict)
    return Answer(DecidedOut(entries=entries, sentence=_SAID[verdict] if entries else _OVER))
