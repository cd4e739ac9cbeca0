"""What every part of the story has at hand: the stage, the screen, and the promises checked so far."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from core.usecases.hints import hint
from infra.local.cast import Person
from infra.local.ics import CalendarFile
from infra.local.outlook_graph import GraphOutlook
from infra.local.planting import Planted
from infra.local.screen import Screen
from infra.local.settling import RUNS, heads, health, settled
from infra.local.stage import Stage
from tests.simulators.common.counters import RequestLog

WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


class Writes(NamedTuple):
    """How many requests of the service wrote something. People act on the simulators without requests."""

    severa: int
    microsoft: int

    def since(self, before: Writes) -> Writes:
        """Those since an earlier count."""
        return Writes(self.severa - before.severa, self.microsoft - before.microsoft)


class StoppedError(Exception):
    """The pair does not run; the message says why, in words."""


@dataclass(slots=True)
class Scene:
    """What is told of one company, and the promises that were checked so far."""

    stage: Stage
    screen: Screen
    promises: list[tuple[str, bool]] = field(default_factory=list, kw_only=True)

    def promise(self, sentence: str, *, held: bool) -> None:
        """Note a promise that was checked, and show it."""
        self.promises.append((sentence, held))
        self.screen.verdict(sentence, held=held)

    @property
    def broken(self) -> list[str]:
        """The promises that did not hold."""
        return [sentence for sentence, held in self.promises if not held]

    @asynccontextmanager
    async def served(
        self,
        what: str,
        seconds: float = 20.0,
        *,
        notified: bool = False,
        mailboxes: Sequence[Person] = (),
        by: frozenset[str] = RUNS,
    ) -> AsyncIterator[None]:
        """Let people act, then wait until the service has followed.

        `notified`: a change in Anna's mailbox, or in whose `mailboxes` it was, is noticed: Microsoft 365 tells of it,
        and an Exchange Server is asked because whose mailbox it is navigates in Severa. Raises NotInTimeError, and
        StoppedError where somebody's pair is no longer well.
        """
        async with settled(self.stage, what, seconds, by):
            yield
            for person in mailboxes or self.stage.cast.everybody[: int(notified)]:
                if isinstance(self.stage.cast.outlook, GraphOutlook):
                    await hint(self.stage.ports, self.stage.pair_of(person))
                else:
                    await self.stage.front_end(person).navigate()
        code = health(await heads(self.stage))
        if code != "ok":
            raise StoppedError(code)

    def writes(self) -> Writes:
        """So far."""
        return Writes(_written(self.stage.cast.severa.requests), self.stage.cast.outlook.writes())

    def requests(self) -> tuple[int, int]:
        """All requests so far, to Severa and to the mailboxes' service; log-ins are not counted."""
        severa = self.stage.cast.severa.requests
        return len([r for r in severa.entries if "token" not in r.path]), len(self.stage.cast.outlook.requests())


@dataclass(slots=True)
class Tale(Scene):
    """The telling of the whole story. `events` are the ids of the events that came from the calendar file."""

    file: CalendarFile
    events: frozenset[str]
    planted: Planted


def _written(log: RequestLog) -> int:
    return len([r for r in log.entries if r.method in WRITES and "token" not in r.path])
