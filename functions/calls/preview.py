"""What the next synchronization would do, in words."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from core.model.ids import Side
from core.usecases.preview import Does, Preview, preview
from core.usecases.words import words
from functions.calls.models import Strict
from functions.calls.operation import Answer, Call


class CountOut(Strict):
    """How many entries something would be done to."""

    does: Does = Field(description="`left`: the user would be taken off an activity.")
    side: Side = Field(description="Where it would be done.")
    entries: int


class ReasonOut(Strict):
    """How many entries would not be written, and why."""

    code: str
    sentence: str
    entries: int


class EntryOut(Strict):
    """One entry, and what would be done to it."""

    does: Does
    side: Side
    subject: str = Field(description="Empty for what is not in the user's own calendars.")
    starts: str = Field(description="An instant (UTC) or a date, as ISO 8601.")
    code: str = Field(description="Why it would be held or left out.")


class PreviewOut(Strict):
    """What the next synchronization would do. Nothing was written anywhere."""

    sentence: str
    first: bool = Field(description="It would be the first one.")
    counts: list[CountOut]
    joined: int = Field(description="Entries of both calendars that were found to be the same.")
    left_out: list[ReasonOut]
    held: list[ReasonOut]
    unclear: int = Field(description="Changes that cannot be told yet; the next synchronization looks again.")
    entries: list[EntryOut] = Field(description="200 at most.")
    more: bool = Field(description="There are more entries than are listed.")


async def read(call: Call) -> Answer:
    """The plan, without applying it."""
    found = await preview(call.ports, call.caller.pair)
    entries = [
        EntryOut(does=one.does, side=one.side, subject=one.subject, starts=one.starts, code=one.code)
        for one in found.entries
    ]
    return Answer(
        PreviewOut(
            sentence=_sentence(found),
            first=found.first,
            counts=[CountOut(does=does, side=side, entries=n) for (does, side), n in sorted(found.counts.items())],
            joined=found.joined,
            left_out=_reasons(found.left_out),
            held=_reasons(found.held),
            unclear=found.unclear,
            entries=entries,
            more=found.more,
        )
    )


def _reasons(counted: Mapping[str, int]) -> list[ReasonOut]:
    return [ReasonOut(code=code, sentence=words(code).sentence, entries=n) for code, n in sorted(counted.items())]


_PLACES = {Side.SEVERA: "in Severa", Side.MICROSOFT: "in the mailbox"}


def _sentence(found: Preview) -> str:
    """Like: 2 created in Severa, 1 deleted in the mailbox, 3 held."""
    parts = [f"{n} {does} {_PLACES[side]}" for (does, side), n in sorted(found.counts.items())]
    parts += [f"{found.held.total()} held"] if found.held else []
    if not parts:
        return "Nothing would be written: the calendars are in agreement, or what differs is left out on purpose."
    return f"The next synchronization would write: {', '.join(parts)}."
