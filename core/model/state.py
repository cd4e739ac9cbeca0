"""What is remembered of a pair beside its links: rows of the `pairs` table, as data. Times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.ids import MailboxId, Pair, Side


class Verdict(StrEnum):
    """What a person said of an entry that was held (R20)."""

    RELEASE = "release"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Pending:
    """This entry of this pair has changed and is not settled yet.

    `version` is the one that was noticed, empty where it is not known. `gone`: the side said it is gone, unproven.
    `named`: a person's action named it (the front end's word), which counts as evidence (R19). `fingerprint` and
    `changed` keep when the content was first seen as it is now, so that later changes of other things do not make an
    old edit look new (P43). `hold` names the hold that it waits for; `verdict` is what a person said of it,
    until that is carried out. `tag` is the stored row's ETag.
    """

    side: Side
    id: str
    version: str = ""
    gone: bool = False
    named: bool = False
    fingerprint: str = ""
    changed: datetime | None = None
    attempts: int = 0
    not_before: datetime | None = None
    hold: str = ""
    verdict: Verdict | None = None
    tag: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Health:
    """How a pair is doing, in a stable code that `core/usecases/words.py` turns into a sentence and a remedy.

    `failures` runs in a row failed, the last of them at `tried`.
    """

    code: str = "ok"
    since: datetime | None = None
    failures: int = 0
    tried: datetime | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A user asked at `asked` for a look at what is remembered; it was over at `done`, None until then.

    `found` says what was found and mended, as (code, number); core/usecases/words_of_repair.py has the sentences.
    """

    asked: datetime
    done: datetime | None = None
    found: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PairState:
    """The `state` row without its lease. `first_sync` is stored once and kept over off and on (R7).

    `matched`: the first matching is done, so creates now count against the guard. `compared`: the last full
    comparison of both sides; `listed`: the last complete listing of Severa's side. `deleted` and `created` count what
    was done (R20), as (hour, count). `zone` (IANA) and `default_type` are the user's, as Severa named them when last
    asked. `origin` is where the mailbox is (core/usecases/homes.py), and `era` counts how often that changed: links of
    another era are of another mailbox. `repair` is the last one that was asked for. A run last found a change at
    `noticed`. At `turn` it may be listed or compared, where it has to wait for that (core/usecases/turns.py).
    """

    mailbox: MailboxId = MailboxId("")
    first_sync: datetime | None = None
    matched: bool = False
    compared: datetime | None = None
    listed: datetime | None = None
    noticed: datetime | None = None
    turn: datetime | None = None
    deleted: tuple[tuple[str, int], ...] = ()
    created: tuple[tuple[str, int], ...] = ()
    zone: str = ""
    default_type: str = ""
    origin: str = ""
    era: int = 0
    health: Health = field(default_factory=Health)
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """The user's own switch (R2)."""

    on: bool = False
    since: datetime | None = None


MOST_CAUSES = 8
"""So many causes of one look are remembered; whoever asks after that is only counted on."""


@dataclass(frozen=True, slots=True)
class Hint:
    """That somebody asked for a look at this pair. `queued_until`: until then a message is taken to be on its way.

    `asked`: since when nobody has looked; `causes`: on whose account, for docs/observability.md.
    """

    queued_until: datetime | None = None
    tag: str = field(default="", compare=False)
    asked: datetime | None = None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The rows of a pair that every run needs, read in one go; `tag` is the state row's ETag or empty."""

    pair: Pair
    state: PairState
    tag: str
    switch: Switch
    cursor: str | None
    present_until: datetime | None
    hint: Hint
    pending: tuple[Pending, ...]
    lease_until: datetime | None = None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write into a pair's partition. `tag` changes with every commit; `until` is a UTC instant."""

    pair: Pair
    epoch: int
    until: datetime
    tag: str
