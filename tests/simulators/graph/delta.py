"""Rounds and tokens of `calendarView/delta` (facts/microsoft.md A2).

A stream belongs to one first request and its fixed window. Every answer makes a new generation of it; only the last
three live. A round lists what it found when it began; what changes meanwhile comes in the next one.

A series is told whole, its master and all its dates in the window, on one page (facts/microsoft.md A3), whenever the
master or one of the dates has changed. Nothing tells that a date is cancelled, but that it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from .errors import GraphError
from .event import Event, Window
from .ids import IdSource
from .mailbox import Mailbox
from .options import Options
from .series import SeriesView, buried

LIVE_GENERATIONS = 3
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Stream:
    """One reader's view of one calendar; `highest` is the latest generation."""

    mailbox: Mailbox
    window: Window
    highest: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What one round tells: the items' keys in their order, the journal's position, and how far it has come.

    `first`: it tells everything, not only what has changed.
    """

    stream: Stream
    position: int
    first: bool
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

    def turn(self, round_: Round, size: int, ids: IdSource, options: Options) -> Page:
        """One page of a round, at least so many items where there are any left, and the token that follows it."""
        mailbox = round_.stream.mailbox
        teller = _Teller(SeriesView(mailbox, mailbox.items(round_.position), options), round_, ids)
        shown: list[tuple[Event, bool]] = []
        stop = 0 if mailbox.wedged else max(round_.offset, 0)
        while round_.offset >= 0 and stop < len(round_.keys) and len(shown) < size:
            shown += teller.told(round_.keys[stop])
            stop += 1
        following = round_ if mailbox.wedged else replace(round_, offset=stop)
        complete = not mailbox.wedged and stop >= len(round_.keys)
        return Page(tuple(shown), self._issue(following, ids, complete=complete), complete)

    def begin(self, stream: Stream, since: int | None, position: int, ids: IdSource, options: Options) -> Round:
        """A new round: everything in the window, or what changed since a position of the journal."""
        items = stream.mailbox.items(position)
        first = since is None or stream.mailbox.wedged
        if first:
            view = SeriesView(stream.mailbox, items, options)
            keys = [key for key, event in items.items() if event.slot is None and _in_view(view, event, stream)]
        else:
            changed = (change.event.key for change in reversed(stream.mailbox.journal[since:position]))
            keys = list(reversed(list(dict.fromkeys(changed))))
            keys = [key for key in keys if _tells_itself(items[key], keys)]
        keys = _disordered(keys, ids, options)
        return Round(stream, position, first, tuple(keys), -1 if options.delta_empty_page and keys else 0)

    def _issue(self, round_: Round, ids: IdSource, *, complete: bool) -> str:
        round_.stream.highest += 1
        text = ids.token()
        self._tokens[text] = Token(round_.stream.highest, round_, complete)
        return text


@dataclass(frozen=True, slots=True)
class _Teller:
    """What a round says of an item: itself, gone or not, and of a series its dates."""

    view: SeriesView
    round: Round
    ids: IdSource

    def told(self, key: str) -> list[tuple[Event, bool]]:
        event, stream, options = self.view.items[key], self.round.stream, self.view.options
        visible = _in_view(self.view, event, stream)
        if event.recurrence is None or not visible:
            gone = buried(stream.mailbox, event, stream.window, options) if options.delta_removed_occurrences else []
            return [(event, visible), *((occurrence, False) for occurrence in gone)]
        long_ago = not event.overlaps(Window(stream.window.start, NEVER), stream.mailbox.zone)
        hidden = options.delta_master_missing and not self.round.first and long_ago
        told = [] if hidden else [(event, True)]
        told += [(instance, True) for instance in self.view.instances(event, stream.window)]
        if options.delta_shuffled:
            self.ids.shuffle(told)
        return told


def _in_view(view: SeriesView, event: Event, stream: Stream) -> bool:
    if event.recurrence is not None:
        return event.live and view.shows(event, stream.window)
    return event.live and event.overlaps(stream.window, stream.mailbox.zone)


def _tells_itself(event: Event, changed: list[str]) -> bool:
    """Whether a change is told for itself: that of an exception is, unless its series is told or it is no more."""
    return event.slot is None or (event.live and event.slot.series not in changed)


def _disordered(keys: list[str], ids: IdSource, options: Options) -> list[str]:
    if options.delta_twice:
        keys = keys + keys[::3]
    if options.delta_shuffled:
        keys = list(keys)
        ids.shuffle(keys)
    return keys
