"""Hints: "look at this pair". Any number of them while one run is queued make one run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.rows import Due
from core.model.state import Head, Hint
from core.ports import Ports
from core.usecases.book import next_look
from core.usecases.pending import named_row

PAIRS, PAIRS_FIRST, FEEDS = "pairs", "pairs-first", "feeds"
QUEUED = timedelta(minutes=5)
"""How long a message is taken to be on its way; after that a hint sends another, so a lost one heals."""
CLOSE = timedelta(seconds=1)
"""Messages that show within this are the same moment's."""
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
    """A message of the queues `pairs` and `pairs-first`: ids and numbers only."""

    pair: Pair
    why: Why = Why.HINT
    attempt: int = 0

    def body(self) -> dict[str, str | int]:
        """As it is queued."""
        return {"company": self.pair.company, "user": self.pair.user, "why": self.why.value, "attempt": self.attempt}

    @staticmethod
    def parse(document: Mapping[str, object]) -> PairMessage:
        """From a queued document. Raises ValueError for anything that is not such a message."""
        match document.get("company"), document.get("user"), document.get("attempt", 0):
            case str() as company, str() as user, int() as attempt:
                why = Why(str(document.get("why", Why.HINT)))
                return PairMessage(Pair(CompanyId(company), UserId(user)), why, attempt)
        raise ValueError("a pair message names a company and a user")


def lane(head: Head) -> str:
    """Two lanes: a first sync never delays a live change."""
    return PAIRS if head.state.matched or not head.switch.on else PAIRS_FIRST


async def hint(
    ports: Ports, pair: Pair, why: Why = Why.HINT, *, head: Head | None = None, passive: bool = False
) -> bool:
    """Ask for a run; True where a message was sent, False where one is on its way or nobody may be served.

    `passive`: a pair whose own switch is off is asked for, too (R4).

    Where one is on its way the hint is put anew all the same: a run that has begun already then sees that something
    came in, and looks again.
    """
    for _ in range(RACES):
        seen, head = head or await ports.pairs.head(pair), None
        if not seen.switch.on and not passive:
            return False
        now = ports.clock.now()
        queued = _queued_until(seen, now)
        if await ports.pairs.set_hint(pair, Hint(queued or now + QUEUED, seen.hint.tag)):
            if queued is None:
                await ports.queues.put(lane(seen), PairMessage(pair, why).body())
            return queued is None
    return False  # So many others wished the same.


def _queued_until(head: Head, now: datetime) -> datetime | None:
    until = head.hint.queued_until
    return until if until is not None and until > now else None


async def put_back(ports: Ports, message: PairMessage, queue: str, delay: float) -> None:
    """A run that is put off as a whole. Until it comes, it is the one that is on its way: hints add none to it."""
    head, now = await ports.pairs.head(message.pair), ports.clock.now()
    await ports.pairs.set_hint(message.pair, Hint(now + timedelta(seconds=delay) + QUEUED, head.hint.tag))
    await ports.queues.put(queue, message.body(), delay)


async def came_to_nothing(ports: Ports, pair: Pair) -> None:
    """A message was spent and nothing took its hint: none is on its way, so the next hint sends one."""
    hinted = (await ports.pairs.head(pair)).hint
    if hinted.queued_until is not None:
        await ports.pairs.set_hint(pair, Hint(None, hinted.tag))


async def is_superseded(ports: Ports, message: PairMessage) -> bool:
    """Whether another message was put off longer than this one: that one is enough, so that they never pile up."""
    if message.why is not Why.LATER:
        return False
    until = (await ports.pairs.head(message.pair)).hint.queued_until
    return until is not None and until - QUEUED > ports.clock.now() + CLOSE


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
        if await ports.pairs.set_hint(pair, Hint(queued or now + QUEUED, head.hint.tag), now + PRESENCE):
            if came_back:  # While away the pair is looked at rarely.
                await ports.due.put(Due(next_look(pair, now, away=False), pair.company, pair.user))
            if queued is None:
                await ports.queues.put(lane(head), PairMessage(pair).body())
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
    for user in sorted(concerned):
        pair = Pair(company, user)
        head = await ports.pairs.head(pair)
        earlier = next((p for p in head.pending if (p.side, p.id) == (Side.SEVERA, activity)), None)
        await ports.pairs.notice(pair, [named_row(Side.SEVERA, activity, earlier, ports.clock.now())])
        await hint(ports, pair, head=head, passive=user in row.holders or user in people)
    return len(concerned)
