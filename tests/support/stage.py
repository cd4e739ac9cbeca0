"""A company on memory: both calendars, all the stores, one hook for crashes. The smallest world a run can act in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.adapters.memory.effects import Effects
from core.adapters.memory.gateways import MemoryGateways
from core.adapters.memory.microsoft import MemoryMailbox, MemoryMicrosoft
from core.adapters.memory.secrets import MemoryKeys
from core.adapters.memory.severa import MemorySevera
from core.adapters.memory.storage import MemoryStorage
from core.adapters.memory.undetermined import ManualClock, ManualSleeper, SeededRandomness
from core.errors import OutcomeUnknown
from core.model.company import CompanySettings, Mailbox, SeveraUser, SyncWhile
from core.model.essence import Essence
from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.link import Link, LinkState
from core.model.rows import Hold, Record
from core.model.sighting import Activity, Event
from core.model.state import Head, Pending
from core.model.when import Timed, When, timed
from core.ports import Ports
from core.usecases.feed import poll_feed
from core.usecases.hints import FEEDS, PAIRS, PAIRS_FIRST, PairMessage
from core.usecases.report import Report
from core.usecases.run import run_pair
from core.usecases.settings import save_settings
from core.usecases.sweep import sweep
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.work import handle_feed, handle_pair
from tests.support.watching import Watch, watched

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COMPANY = CompanyId("11111111-1111-4111-8111-111111111111")
ANNA = UserId("aaaaaaaa-0000-4000-8000-000000000001")
BERT = UserId("bbbbbbbb-0000-4000-8000-000000000002")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def at(hour: float, day: int = 1, hours: float = 1.0) -> Timed:
    """A stretch on a day after the stage's Monday (UTC)."""
    start = MONDAY.replace(hour=0) + timedelta(days=day, hours=hour)
    return timed(start, start + timedelta(hours=hours))


def entry(
    subject: str, when: When | None = None, text: str = "", location: str = "", *, private: bool = False
) -> Essence:
    """An essence, by default tomorrow at ten."""
    return Essence(subject, when or at(10), text, location, private)


@dataclass(slots=True)
class Stage:
    """One company with Anna and Bert, both switched on, `sync_while: always` unless a test says otherwise."""

    clock: ManualClock
    storage: MemoryStorage
    ports: Ports
    severa: MemorySevera
    mailboxes: dict[UserId, MemoryMailbox]
    effects: Effects
    gateways: MemoryGateways
    watch: Watch = field(default_factory=Watch)

    # --- people -------------------------------------------------------------------------------------------------------
    @property
    def anna(self) -> MemoryMailbox:
        """Anna's mailbox."""
        return self.mailboxes[ANNA]

    @property
    def bert(self) -> MemoryMailbox:
        """Bert's mailbox."""
        return self.mailboxes[BERT]

    def activity(self, subject: str, user: UserId = ANNA) -> Activity:
        """The one activity with that name."""
        [found] = [a for a in self.severa.activities(user) if a.essence.subject == subject]
        return found

    def event(self, subject: str, user: UserId = ANNA) -> Event:
        """The one event with that subject."""
        [found] = [e for e in self.mailboxes[user].events() if e.essence.subject == subject]
        return found

    def subjects(self, user: UserId = ANNA) -> tuple[list[str], list[str]]:
        """What both calendars of a user show: activities, events."""
        activities = [a.essence.subject for a in self.severa.activities(user)]
        return sorted(activities), sorted(e.essence.subject for e in self.mailboxes[user].events())

    async def linked(self, *subjects: str, user: UserId = ANNA, **more: object) -> None:
        """Events that are in agreement with their activities, old enough for their absence to prove something."""
        for position, subject in enumerate(subjects):
            self.mailboxes[user].add(entry(subject, at(8 + position), **more))  # type: ignore[arg-type]
        await self.settle((user,))
        self.clock.advance(timedelta(minutes=30))

    # --- the service --------------------------------------------------------------------------------------------------
    @property
    def pair(self) -> Pair:
        """Anna's pair."""
        return Pair(COMPANY, ANNA)

    async def run(self, user: UserId = ANNA) -> Report:
        """One run of a user's pair."""
        return await run_pair(self.ports, Pair(COMPANY, user))

    async def poll(self) -> int:
        """One poll of the company's feed."""
        return await poll_feed(self.ports, COMPANY)

    async def settle(self, users: tuple[UserId, ...] = (ANNA,), rounds: int = 12) -> list[Report]:
        """Feed and runs, with time passing, until a round finds nothing and waits for nothing."""
        reports: list[Report] = []
        for _ in range(rounds):
            self.clock.advance(timedelta(minutes=3))
            passed_on = await self.poll()
            now = [await self.run(user) for user in users]
            reports += now
            if not passed_on and all(not r.noticed and r.again is None for r in now):
                return reports
        raise AssertionError(f"did not settle: {reports[-1]}")

    async def work(self, minutes: float = 0) -> list[Report]:
        """Sweeps every minute, and messages as they show, for so long; the reports of the runs."""
        reports, until = [], self.clock.now() + timedelta(minutes=minutes)
        while True:
            await sweep(self.ports)
            next_sweep = self.clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
            while (shows := self.storage.queues.next_shows()) is not None and shows <= min(until, next_sweep):
                self.clock.advance_to(shows)
                reports += await self.deliver()
            if next_sweep > until:
                self.clock.advance_to(until)
                return reports
            self.clock.advance_to(next_sweep)

    async def deliver(self) -> list[Report]:
        """Handle every message that shows by now; the reports of the runs."""
        reports = []
        for queue in (PAIRS, PAIRS_FIRST):
            while (message := self.storage.queues.take(queue, self.clock.now())) is not None:
                reports.append(await handle_pair(self.ports, PairMessage.parse(message), queue))
        while (message := self.storage.queues.take(FEEDS, self.clock.now())) is not None:
            await handle_feed(self.ports, CompanyId(str(message["company"])))
        return reports

    def messages(self, *queues: str) -> int:
        """How many messages wait."""
        return sum(len(self.storage.queues.waiting(queue)) for queue in queues or (PAIRS, PAIRS_FIRST))

    async def change_settings(self, **changes: object) -> None:
        """Change the company's settings."""
        settings, tag = await self.ports.companies.settings(COMPANY) or (CompanySettings(), "")
        await save_settings(self.ports, COMPANY, replace(settings, **changes), tag)  # type: ignore[arg-type]

    def restart(self) -> None:
        """The process died: a fresh one over the same calendars and stores."""
        self.ports = watched(_ports(self.clock, self.storage, self.gateways), self.watch)

    def meddle(self, point: str, do: Callable[[], object], times: int = 1) -> None:
        """Something happens, or goes wrong, the first `times` times that an effect comes to that point."""
        left = [times]

        def interrupt(at_point: str) -> None:
            if at_point == point and left[0]:
                left[0] -= 1
                do()

        self.watch.interrupt = interrupt

    def fail(self, point: str, failure: BaseException, times: int = 1_000_000) -> None:
        """An effect fails there so many times."""

        def raises() -> None:
            raise failure

        self.meddle(point, raises, times)

    def lose(self, effect: str, *, happened: bool = True) -> None:
        """The answer to the first such effect is lost."""
        self.fail(f"{'after' if happened else 'before'} {effect}", OutcomeUnknown("severa_timeout"), times=1)

    # --- what is remembered -------------------------------------------------------------------------------------------
    async def head(self, user: UserId = ANNA) -> Head:
        """The pair's head."""
        return await self.storage.pairs.head(Pair(COMPANY, user))

    async def pending(self, user: UserId = ANNA) -> tuple[Pending, ...]:
        """The pair's pending rows."""
        return (await self.head(user)).pending

    async def link(self, subject: str, user: UserId = ANNA) -> Link:
        """The link of the event with that subject, or of the activity where there is no such event."""
        for event in self.mailboxes[user].events():
            if event.essence.subject == subject:
                return await self._link_of(user, Side.MICROSOFT, event.id)
        return await self._link_of(user, Side.SEVERA, self.activity(subject, user).id)

    async def _link_of(self, user: UserId, side: Side, entry_id: str) -> Link:
        found = await self.storage.pairs.link_of(Pair(COMPANY, user), side, entry_id)
        assert found is not None
        return found

    async def living(self, user: UserId = ANNA) -> list[Link]:
        """The pair's links that are not dead."""
        links = await self.storage.pairs.links(Pair(COMPANY, user))
        return [link for link in links if link.state is not LinkState.DEAD]

    async def history(self, user: UserId = ANNA) -> tuple[Record, ...]:
        """The pair's history, newest first."""
        return await self.storage.history.read(Pair(COMPANY, user), LONG_AGO, 1000)

    async def told(self, user: UserId = ANNA) -> list[str]:
        """The codes in the pair's history, in alphabetical order."""
        return sorted(record.note.code for record in await self.history(user))

    async def holds(self) -> tuple[Hold, ...]:
        """The company's holds."""
        return await self.storage.holds.of_company(COMPANY)


def _ports(clock: ManualClock, storage: MemoryStorage, gateways: MemoryGateways) -> Ports:
    return Ports(
        clock,
        ManualSleeper(clock),
        SeededRandomness(1),
        gateways,
        storage.pairs,
        storage.companies,
        storage.due,
        storage.history,
        storage.holds,
        storage.queues,
        MemoryKeys(),
    )


async def make_stage(*, first_run: bool = True, **options: Any) -> Stage:
    """A stage whose switches are on and whose clock stands at Monday morning.

    `severa`, `mailbox` and `settings` are options of the memory calendars and the company, `clock` is another clock.
    `first_run`: its switches are on; else nothing is stored yet.
    """
    clock, effects = options.get("clock") or ManualClock(MONDAY), Effects()
    storage = MemoryStorage(clock, effects)
    users = [SeveraUser(ANNA, ("anna@example.org",), "Europe/Helsinki"), SeveraUser(BERT, ("bert@example.org",))]
    severa = MemorySevera(clock, users, effects=effects, **options.get("severa", {}))
    mailboxes = {
        user.id: MemoryMailbox(
            Mailbox(MailboxId(f"mailbox-{user.addresses[0].split('@')[0]}"), user.addresses),
            clock,
            effects=effects,
            **options.get("mailbox", {}),
        )
        for user in users
    }
    gateways = MemoryGateways()
    gateways.connect(COMPANY, severa, MemoryMicrosoft(list(mailboxes.values())))
    stage = Stage(clock, storage, _ports(clock, storage, gateways), severa, mailboxes, effects, gateways)
    stage.restart()
    if first_run:
        await switch_on(stage, **options.get("settings", {}))
    return stage


async def quiet_stage(*subjects: str) -> Stage:
    """A stage whose calendars are in agreement on these events, and whose queues are empty."""
    stage = await make_stage()
    await stage.linked(*subjects)
    while stage.messages():
        stage.clock.advance(timedelta(seconds=30))
        await stage.deliver()
    return stage


async def switch_on(stage: Stage, **settings: Any) -> None:
    """Store the company's settings and turn on every switch."""
    ticked = frozenset({"type-meeting", "type-personal", "type-absence"})
    await save_settings(stage.ports, COMPANY, replace(CompanySettings(synced_types=ticked), **settings), "")
    await set_company_switch(stage.ports, COMPANY, on=True)
    for user in (ANNA, BERT):
        await set_user_switch(stage.ports, Pair(COMPANY, user), on=True)
    await stage.change_settings(sync_while=settings.get("sync_while", SyncWhile.ALWAYS))
