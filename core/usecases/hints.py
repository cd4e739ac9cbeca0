"""Hints: "look at this pair". Any number of them while one run is queued make one run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.rows import Due
from core.model.state import Head, Hint, Pending
from core.ports import Ports
from core.ports_telemetry import current
from core.usecases.asked import asked_again, put_off
from core.usecases.book import next_minute
from core.usecases.pending import named_row
from core.usecases.side_by_side import side_by_side

PAIRS, PAIRS_FIRST, FEEDS = "pairs", "pairs-first", "feeds"
PROMPT, QUEUED = timedelta(minutes=1), timedelta(minutes=5)
"""How long a message is taken to be on its way: one that is sent at once, and one that is put off, waits behind first
syncs, or replaces a late one. After that a hint sends another, and so does the sweep by the row that was put into the
book before it, so a lost one heals."""
RACES = 3
PRESENCE = timedelta(minutes=15)
"""How long a sign of life counts as being logged in (R3)."""


class Why(StrEnum):
    """What a message asks for a look because of."""

    HINT = "hint"
    AGAIN = "again"
    DUE = "due"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class PairMessage:
    """A message of the queues `pairs` and `pairs-first`: ids and numbers only.

    `until` tells one that was put off from all others: the `queued_until` that its pair's hint row was given for it, in
    milliseconds since 1970 (UTC); 0 for every other message. `epoch`: that of the pair's last run, then. `trace`: the
    traceparent of whoever asked first.
    """

    pair: Pair
    why: Why = Why.HINT
    attempt: int = 0
    until: int = 0
    epoch: int = 0
    trace: str = ""

    def body(self) -> dict[str, str | int]:
        """As it is queued."""
        named = {"company": self.pair.company, "user": self.pair.user, "why": self.why.value, "attempt": self.attempt}
        further: dict[str, str | int] = {"until": self.until, "epoch": self.epoch, "trace": self.trace}
        return named | {name: value for name, value in further.items() if value}

    @staticmethod
    def parse(document: Mapping[str, object]) -> PairMessage:
        """From a queued document. Raises ValueError for anything that is not such a message."""
        numbers = [document.get(name, 0) for name in ("attempt", "until", "epoch")]
        match document.get("company"), document.get("user"), numbers:
            case str() as company, str() as user, [int() as attempt, int() as until, int() as epoch]:
                why, trace = Why(str(document.get("why", Why.HINT))), str(document.get("trace", ""))
                return PairMessage(Pair(CompanyId(company), UserId(user)), why, attempt, until, epoch, trace)
        raise ValueError("a pair message names a company and a user")


def lane(head: Head) -> str:
    """Two lanes: a first sync never delays a live change."""
    return PAIRS if head.state.matched or not head.switch.on else PAIRS_FIRST


async def hint(
    ports: Ports,
    pair: Pair,
    why: Why = Why.HINT,
    *,
    head: Head | None = None,
    passive: bool = False,
    pending: Sequence[Pending] = (),
) -> bool:
    """Ask for a run; True where a message was sent, False where one is on its way or nobody may be served.

    `passive`: a pair whose own switch is off is asked for, too (R4). `pending`: rows that are stored along with it, or
    where nobody is asked.

    Where one is on its way the hint is put anew all the same: a run that has begun already then sees that something
    came in, and looks again.
    """
    for _ in range(RACES):
        seen, head = head or await ports.pairs.head(pair), None
        if not seen.switch.on and not passive:
            break
        now = ports.clock.now()
        queued = _queued_until(seen, now)
        until = queued or now + _patience(seen)
        if (why is Why.DUE) is (queued is not None):  # The sweep's own row stays in the book until its message is sent.
            await look_after(ports, pair, until)
        if await ports.pairs.set_hint(pair, asked_again(seen.hint, until, now), pending=pending):
            if queued is None:
                await ports.queues.put(lane(seen), PairMessage(pair, why, trace=current().traceparent).body())
            return queued is None
    if pending:
        await ports.pairs.notice(pair, pending)
    return False  # Nobody may be served, or so many others wished the same.


async def look_after(ports: Ports, pair: Pair, until: datetime) -> None:
    """Let the sweep see whether the message has come that is on its way until then. A row a minute, at most."""
    await ports.due.put(Due(next_minute(until), pair.company, pair.user, late=True))


async def hint_if_late(ports: Ports, pair: Pair) -> bool:
    """Ask once more where the message that was on its way has not come; True where one was sent.

    Where its run has begun there is nothing to do. Where it may come yet, the sweep sees later.
    """
    head, now = await ports.pairs.head(pair), ports.clock.now()
    queued = head.hint.queued_until
    if queued is None:
        return False
    if queued <= now:
        return await hint(ports, pair, head=head, passive=True)
    await look_after(ports, pair, queued)
    return False


def _patience(head: Head) -> timedelta:
    """A late message was lost or waits in a long queue, which must not become longer by the minute."""
    is_late = head.hint.queued_until is not None
    return QUEUED if is_late or lane(head) == PAIRS_FIRST else PROMPT


def _queued_until(head: Head, now: datetime) -> datetime | None:
    until = head.hint.queued_until
    return until if until is not None and until > now else None


async def put_back(ports: Ports, message: PairMessage, queue: str, delay: float) -> None:
    """A run that is put off as a whole. Until it comes, it is the one that is on its way: hints add none to it.

    What was put off before is superseded by it. Where the row moves too often, it goes on beside the others.
    """
    message = replace(message, until=0, epoch=0)
    for _ in range(RACES):
        head, until = await ports.pairs.head(message.pair), ports.clock.now() + timedelta(seconds=delay) + QUEUED
        if await ports.pairs.set_hint(message.pair, put_off(head.hint, until)):
            message = replace(message, until=_stamp(until), epoch=head.epoch)
            break
    await ports.queues.put(queue, message.body(), delay)


def _stamp(until: datetime) -> int:
    return round(until.timestamp() * 1000)


async def came_to_nothing(ports: Ports, pair: Pair) -> None:
    """A message was spent and nothing took its hint: none is on its way, so the next hint sends one."""
    hinted = (await ports.pairs.head(pair)).hint
    if hinted.queued_until is not None:
        await ports.pairs.set_hint(pair, Hint(None, hinted.tag))


async def is_superseded(ports: Ports, message: PairMessage) -> bool:
    """Whether a message that was put off is needed no more, so that they never pile up.

    Another one is on its way since then, or a run that began since then took the hint along and ended in order. Where
    its lease is still there, it may have died. Clocks do not matter here: two of them may differ.
    """
    if not message.until:
        return False
    head = await ports.pairs.head(message.pair)
    queued = head.hint.queued_until
    if queued is None:
        return head.lease_until is None and head.epoch > message.epoch
    return _stamp(queued) != message.until


async def note_presence(ports: Ports, pair: Pair) -> bool:
    """The user navigated in Severa: they are logged in, and their pair is looked at (R3).

    True where a message was sent. At most 3 calls of tables. Who comes back is served at once, whatever was on its way
    while they were away (P57).
    """
    for _ in range(RACES):
        head, now = await ports.pairs.head(pair), ports.clock.now()
        if not head.switch.on:
            return False
        came_back = head.present_until is None or head.present_until <= now
        queued = None if came_back else _queued_until(head, now)
        until = queued or now + _patience(head)
        if came_back:  # While away the pair is looked at rarely; the sweep knows how often it is now.
            await ports.due.put(Due(next_minute(now), pair.company, pair.user))
        elif queued is None:
            await look_after(ports, pair, until)
        if await ports.pairs.set_hint(pair, asked_again(head.hint, until, now), now + PRESENCE):
            if queued is None:
                await ports.queues.put(lane(head), PairMessage(pair, trace=current().traceparent).body())
            return queued is None
    return False


async def note_activity_changed(
    ports: Ports, company: CompanyId, caller: UserId, activity: str, people: Collection[UserId] = ()
) -> int:
    """The front end's word that an activity was changed or removed: a pending row and a hint for every holder's pair.

    `people`: who takes part in it, or did until now, as far as the front end knows; Severa itself tells nobody of them
    before their next listing. The number of pairs concerned; 3 calls of tables for each. What the front end names
    counts as evidence of a deletion, never as proof (R19).
    """
    row = await ports.companies.activity(company, activity)
    concerned = {*row.holders, *people, caller}

    async def tell(user: UserId) -> None:
        pair = Pair(company, user)
        head = await ports.pairs.head(pair)
        earlier = next((p for p in head.pending if (p.side, p.id) == (Side.SEVERA, activity)), None)
        named = named_row(Side.SEVERA, activity, earlier, ports.clock.now())
        await hint(ports, pair, head=head, passive=user in row.holders or user in people, pending=[named])

    await side_by_side(tell(user) for user in sorted(concerned))
    return len(concerned)
