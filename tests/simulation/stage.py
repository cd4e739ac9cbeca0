"""The stage of one simulation: both services, the stores, the host, companies and people, on one virtual clock."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters.memory.storage import MemoryStorage
from core.model.company import CompanySettings
from core.model.ids import CompanyId, Pair, UserId
from core.model.link import Link, LinkState
from core.usecases.hints import note_presence
from core.usecases.report import Report
from core.usecases.settings import save_settings
from core.usecases.switches import set_company_switch, set_user_switch
from tests.simulation import plan as plans
from tests.simulation.exchange import Everybody, ExchangeServer
from tests.simulation.host import Host, SimulatedQueues
from tests.simulation.ledger import Ledger
from tests.simulation.loop import LoopClock, VirtualLoop
from tests.simulation.network import Wrote
from tests.simulation.notices import Notices
from tests.simulation.seen import Shown
from tests.simulation.shown import Target, as_activity, as_event
from tests.simulation.weather import Weather
from tests.simulators.graph import GraphSimulator
from tests.simulators.graph.event import Event
from tests.simulators.severa import SeveraSimulator
from tests.simulators.severa.model import CATEGORIES, Activity, ActivityType, Category

NAMES = ("anna", "bert", "cleo", "dora", "emil", "fred")


@dataclass(slots=True)
class CompanyOnStage:
    """One company of the simulators. `once_unticked`: types whose tick was off at some time."""

    id: CompanyId
    setup: plans.Company
    severa: Any
    tenant: Any
    app: Any
    types: dict[str, ActivityType]
    once_unticked: set[str] = field(default_factory=set)
    was_off: bool = False


@dataclass(slots=True)
class Person:
    """A user with a mailbox, and another mailbox that their address may lead to by mistake."""

    name: str
    company: CompanyOnStage
    user: Any
    mailbox: Any
    decoy: Any
    on: bool = True
    logged_in: bool = True
    was_off: bool = False

    @property
    def pair(self) -> Pair:
        """The pair."""
        return Pair(self.company.id, UserId(self.user.guid))

    @property
    def zone(self) -> ZoneInfo:
        """Where the person lives."""
        return ZoneInfo(self.user.timezone)


class Stage:
    """Everything that one seed is played on. `problems` is empty as long as every promise is kept."""

    def __init__(self, plan: plans.Plan, loop: VirtualLoop, storage: MemoryStorage | None = None) -> None:
        self.plan, self.loop = plan, loop
        self.weather, self.ledger = Weather(random.Random(f"weather {plan.seed}")), Ledger()
        self.clock = LoopClock(loop)
        self.storage = storage or MemoryStorage(self.clock)
        self.severa = SeveraSimulator(self.clock.now, seed=plan.seed)
        self.graph: Any = GraphSimulator(self.clock.now, seed=plan.seed)
        self.graph.people = Everybody(self.graph.people)
        self.companies: dict[CompanyId, CompanyOnStage] = {}
        self.people: list[Person] = []
        self.trace: list[str] = []
        self.problems: list[str] = []
        self.wrote: list[Wrote] = []
        self.changed_at: dict[str, float] = {}
        self.under_way: set[asyncio.Future[Any]] = set()
        self.outcomes: Counter[str] = Counter()
        self.bared: set[str] = set()
        self.mailed_about: list[str] = []
        self.ambushes: list[list[Any]] = []
        self.snatches: list[Callable[[str], bool]] = []
        self.host, self.notices = Host(self), Notices(self)
        for number, setup in enumerate(plan.companies, 1):
            self._add_company(number, setup)

    def stores(self) -> dict[str, Any]:
        """The shared stores by the names of their ports."""
        names = ("pairs", "companies", "due", "history", "holds")
        return {name: getattr(self.storage, name) for name in names} | {"queues": SimulatedQueues(self.host)}

    def live_stores(self) -> dict[str, Any]:
        """Those of subscriptions and housekeeping."""
        return {name: getattr(self.storage, name) for name in ("subscriptions", "directory", "attic", "consents")}

    def _add_company(self, number: int, setup: plans.Company) -> None:
        categories: tuple[Category, ...] = tuple(c for c in CATEGORIES if setup.has_personal or c != "Personal")
        severa = self.severa.people.add_company(
            f"Company {number}", client_id=f"company-{number}", client_secret="s3", categories=categories
        )
        if setup.exchange:
            tenant = app = ExchangeServer(number, setup.exchange, self.loop, self.clock.now, self.plan.seed)
            self.graph.people.servers.append(tenant)
        else:
            tenant = self.graph.people.add_tenant()
            app = self.graph.people.add_app(tenant, secret="s")
        types = {str(kind.category): kind for kind in self.severa.people.types_of(severa)}
        company = CompanyOnStage(CompanyId(severa.guid), setup, severa, tenant, app, types)
        self.companies[company.id] = company
        for name in NAMES[: setup.users]:
            address = f"{name}@company{number}.example"
            user = self.severa.people.add_user(severa, name, address, timezone=setup.zone)
            mailbox = self.graph.people.add_mailbox(tenant, address, time_zone=setup.zone)
            decoy = self.graph.people.add_mailbox(tenant, f"other-{address}", time_zone=setup.zone)
            self.people.append(Person(f"{name}{number}", company, user, mailbox, decoy))

    async def open(self) -> None:
        """Store the settings, turn on every switch."""
        self.host.begin(2)
        ports = self.host.processes[0].ports
        for company in self.companies.values():
            ticked = {t.guid for t in company.types.values() if t.category not in {"Task", "SalesEvent"}}
            company.once_unticked = {t.guid for t in company.types.values()} - ticked
            setup = company.setup
            on_server = isinstance(company.tenant, ExchangeServer)
            reached = company.tenant.settings() if on_server else CompanySettings(tenant=company.tenant.tenant_id)
            settings = replace(
                reached,
                severa_client_id=company.severa.client_id,
                synced_types=frozenset(ticked),
                conflict=setup.conflict,
                private_without_personal=setup.hidden,
                sync_while=setup.sync_while,
            )
            await save_settings(ports, company.id, settings, "")
            await set_company_switch(ports, company.id, on=True)
        for person in self.people:
            await set_user_switch(ports, person.pair, on=True)

    # --- ambushes -----------------------------------------------------------------------------------------------------
    def lie_in_wait(self, requests: int, act: Callable[[], None]) -> None:
        """Let something happen while the so-many-th request from now on is on its way."""
        self.ambushes.append([requests, act])

    def pass_ambush(self) -> None:
        """A request is about to be served."""
        for ambush in list(self.ambushes):
            ambush[0] -= 1
            if ambush[0] <= 0:
                self.ambushes.remove(ambush)
                ambush[1]()

    def pass_snatch(self, target: Target) -> None:
        """An activity was read by the service: whoever waits for it may do something to that very one."""
        if self.snatches and target.entry and not target.is_graph and not target.writes:
            self.snatches = [wants for wants in self.snatches if not wants(target.entry)]

    # --- what is written down -----------------------------------------------------------------------------------------
    def tell(self, what: str) -> None:
        """A line of the trace."""
        self.trace.append(f"{self.loop.time():12.4f} {what}")

    def problem(self, promise: str, what: str) -> None:
        """A promise was broken."""
        self.tell(f"BROKEN {promise}: {what}")
        self.problems.append(f"{promise}: {what}")

    def reported(self, report: Report) -> None:
        """How a run ended."""
        self.outcomes[f"{report.outcome} {report.code}".strip()] += 1
        counts = " ".join(f"{k}={v}" for k, v in report.summary().items() if v)
        self.tell(f"run {counts}")

    def note_mails(self, whole: str) -> None:
        """What Exchange mailed upon a request is about that event, or that series."""
        new = len(self.graph.mails) - len(self.mailed_about)
        self.mailed_about += [whole] * new

    def whole(self, entry: str) -> str:
        """The event's own id; the series' of one of its dates. Empty where it is not there."""
        try:
            event = self.graph.people.event(entry)
        except KeyError:
            return ""
        return str(event.immutable_id if event.slot is None else event.slot.master_immutable_id)

    def note_change(self, target: Target) -> None:
        """A calendar was changed by the service."""
        self.changed_at[target.mailbox or "severa"] = self.loop.time()

    def changed_within(self, target: Target, seconds: float) -> bool:
        """Whether a stale read of the target would show it as it was at most so long ago."""
        if not target.is_graph or not target.mailbox:
            return False
        for person in self.people:
            if person.mailbox.object_id == target.mailbox and person.mailbox.journal:
                age = self.clock.now() - person.mailbox.journal[-1].at
                return age < timedelta(seconds=seconds)
        return False

    # --- what people see ----------------------------------------------------------------------------------------------
    def events(self, person: Person) -> list[Event]:
        """The events in a person's calendar."""
        return self.graph.people.events_of(person.mailbox)

    def activities(self, person: Person) -> list[Activity]:
        """The activities that a person owns or takes part in, without project tasks."""
        mine = self.severa.people.activities_of(person.user, as_member=True)
        return [a for a in mine if self.category(person, a) != "Task"]

    def owned(self, person: Person) -> list[Activity]:
        """Those that they own."""
        return [a for a in self.activities(person) if a.owner == person.user.guid]

    def category(self, person: Person, activity: Activity) -> str:
        """The category of an activity's type."""
        return str(self.severa.people.state_of(person.user).types[activity.type].category)

    def shown(self, person: Person, entry: Event | Activity) -> Shown:
        """An entry as the person sees it."""
        if isinstance(entry, Event):
            return as_event(self, entry)
        return as_activity(self, entry, self.severa.people.state_of(person.user))

    def links(self, person: Person) -> list[Link]:
        """What the service remembers; only what excuses a difference is looked up here."""
        held = self.storage.pairs._of(person.pair)
        return list({id(link): link for link in (*held.by_activity.values(), *held.by_event.values())}.values())

    def linked(self, person: Person) -> set[str]:
        """Activities with a link."""
        return {link.activity for link in self.links(person)}

    def partner(self, person: Person, entry: Event | Activity) -> Event | Activity | None:
        """The other end of an entry's living link, where it is there."""
        for link in self.links(person):
            if link.state is not LinkState.LIVE:
                continue
            if isinstance(entry, Event) and link.event == entry.immutable_id:
                return next((a for a in self.activities(person) if a.guid == link.activity), None)
            if isinstance(entry, Activity) and link.activity == entry.guid:
                return next((e for e in self.events(person) if e.immutable_id == link.event), None)
        return None

    # --- time passes --------------------------------------------------------------------------------------------------
    async def minutes(self, count: int) -> None:
        """Sweeps every minute, subscriptions every other, signs of life every five, housekeeping every ten."""
        for minute in range(count):
            if minute % 5 == 0:
                self.navigate()
            self.host.sweep()
            if minute % 2 == 0:
                self.host.keep(house=False)
            if minute % 10 == 0:
                self.host.keep(house=True)
            await self.notices.minute()

    def navigate(self) -> None:
        """Everybody who is logged in does something in Severa."""
        for person in self.people:
            if person.logged_in:
                self.host.call(lambda ports, pair=person.pair: note_presence(ports, pair))

    async def everything_on(self) -> None:
        """Switches, presence and addresses as they should be."""
        if not self.host.living():
            self.host.begin(1)
        ports = self.host.processes[-1].ports
        for company in self.companies.values():
            await set_company_switch(ports, company.id, on=True)
        for person in self.people:
            person.on = person.logged_in = True
            await set_user_switch(ports, person.pair, on=True)
