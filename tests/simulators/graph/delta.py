"""Rounds and tokens of `calendarView/delta` (facts/microsoft.md A2).

A stream belongs to one first request and its fixed window. Every answer makes a new generation of it; only the last
three live. A round lists what it found when it began; what changes meanwhile comes in the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .errors import GraphError
from .event import Event, Window
from .ids import IdSource
from .mailbox import Mailbox
from .options import Options

LIVE_GENERATIONS = 3


@dataclass(slots=True)
class Stream:
    """One reader's view of one calendar; `highest` is the latest generation."""

    mailbox: Mailbox
    window: Window
    highest: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What one round tells: the items' keys in their order, the journal's position, and how far it has come."""

    stream: Stream
    position: int
    keys: tuple[str, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """What a link's token stands for; `complete` is a delta token, otherwise it leads to the round's next page."""

    generation: int
    round: Round
    complete: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Items with whether they are in the view (else `@removed`), and the token of the link that follows."""

    items: tuple[tuple[Event, bool], ...]
    token: str
    complete: bool


@dataclass(slots=True)
class DeltaStreams:
    """All tokens ever given out, so that a dead one can be told from a malformed one."""

    _tokens: dict[str, Token] = field(default_factory=dict)

    def redeem(self, text: str, mailbox: Mailbox, *, complete: bool) -> Token:
        """The token of a link. Raises GraphError: 400 when it is none of this calendar's, 410 when it has died."""
        token = self._tokens.get(text)
        if token is None or token.round.stream.mailbox is not mailbox or token.complete is not complete:
            raise GraphError(400, "BadRequest", "Badly formed token.")
        stream = token.round.stream
        if stream.lost or token.generation <= stream.highest - LIVE_GENERATIONS:
            live = "".join(f"[{g}]" for g in range(stream.highest, stream.highest - LIVE_GENERATIONS, -1) if g > 0)
            generations = f"generation={token.generation};[highest={stream.highest}]{live}"
            raise GraphError(410, "SyncStateNotFound", f"The sync state generation is not found; {generations}.")
        return token

    def lose(self, mailbox: Mailbox) -> None:
        """Let all tokens of a mailbox die."""
        for token in self._tokens.values():
            if token.round.stream.mailbox is mailbox:
                token.round.stream.lost = True

    def turn(self, round_: Round, size: int, ids: IdSource) -> Page:
        """One page of a round, and the token that follows it."""
        mailbox = round_.stream.mailbox
        if mailbox.wedged:
            following, chunk, complete = round_, round_.keys[:size], False
        else:
            start = max(round_.offset, 0)
            stop = 0 if round_.offset < 0 else start + size
            following, chunk = replace(round_, offset=stop), round_.keys[start:stop]
            complete = stop >= len(round_.keys)
        items = mailbox.items(round_.position)
        shown = tuple((items[key], self._in_view(items[key], round_.stream)) for key in chunk)
        return Page(shown, self._issue(following, ids, complete=complete), complete)

    def begin(self, stream: Stream, since: int | None, position: int, ids: IdSource, options: Options) -> Round:
        """A new round: everything in the window, or what changed since a position of the journal."""
        items = stream.mailbox.items(position)
        if since is None or stream.mailbox.wedged:
            keys = [key for key, event in items.items() if self._in_view(event, stream)]
        else:
            changed = (change.event.key for change in reversed(stream.mailbox.journal[since:position]))
            keys = list(reversed(list(dict.fromkeys(changed))))
        keys = _disordered(keys, ids, options)
        return Round(stream, position, tuple(keys), -1 if options.delta_empty_page and keys else 0)

    def _issue(self, round_: Round, ids: IdSource, *, complete: bool) -> str:
        round_.stream.highest += 1
        text = ids.token()
        self._tokens[text] = Token(round_.stream.highest, round_, complete)
        return text

    @staticmethod
    def _in_view(event: Event, stream: Stream) -> bool:
        return event.live and event.overlaps(stream.window, stream.mailbox.zone)


def _disordered(keys: list[str], ids: IdSource, options: Options) -> list[str]:
    if options.delta_twice:
        keys = keys + keys[::3]
    if options.delta_shuffled:
        keys = list(keys)
        ids.shuffle(keys)
    return keys
