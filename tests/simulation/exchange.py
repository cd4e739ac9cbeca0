"""Companies on an Exchange Server of their own: the server, and its people in the words of Graph's simulator.

What people do, and what the checks compare, is written for Graph's simulator once. Here it reaches whichever service a
mailbox is on: by the mailbox, the organization or the event's id that it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tzlocal.windows_tz import tz_win

from core.model.company import CompanySettings, Version
from tests.simulators.common.blocking import hang
from tests.simulators.common.recurrence import Rule
from tests.simulators.ews import RELEASES, EwsError, EwsSimulator, Item
from tests.simulators.ews import Mailbox as Box
from tests.simulators.ews import MailboxState as State
from tests.simulators.ews import ids as ews_ids
from tests.simulators.graph import exchange as graph_exchange
from tests.simulators.graph.errors import GraphError
from tests.simulators.graph.event import Event, Folder, Slot
from tests.simulators.graph.mailbox import MailboxState
from tests.simulators.graph.recurrence import INDEXES, NO_DATE, WEEKDAYS
from tests.support.exchange import official_schemas
from tests.support.outlook import Outlook, Seen

if TYPE_CHECKING:
    from tests.simulation.loop import VirtualLoop

DOMAIN, USER, PASSWORD = "ACME", "sync", "right"
ACCOUNT = f"{DOMAIN}\\{USER}"
_AWAY = {
    MailboxState.OK: State.OK,
    MailboxState.ON_PREMISES: State.IN_THE_CLOUD,
    MailboxState.UNLICENSED: State.STORE_DOWN,
    MailboxState.DENIED: State.MOVING,
}
"""What keeps us out of a mailbox, and the like on a server."""


class ExchangeServer:
    """One company's server: its simulator, how it is reached, and what its administrators do.

    It stands where a tenant and its application would: `tenant_id` and `client_id` are empty.
    """

    tenant_id = client_id = ""

    def __init__(self, number: int, release: str, loop: VirtualLoop, now: Callable[[], datetime], seed: int) -> None:
        self.host, self._loop = f"mail.company{number}.example", loop
        seed = 10 * seed + number  # No two servers have the same ids.
        self.simulator = EwsSimulator(
            RELEASES[release], {ACCOUNT: PASSWORD}, now=now, sleep=hang, seed=seed, schemas=official_schemas()
        )
        self.people = ServerPeople(self)

    def settings(self) -> CompanySettings:
        """How a company reaches it."""
        url = f"https://{self.host}/EWS/Exchange.asmx"
        return CompanySettings(version=Version.EXCHANGE_SERVER, domain=DOMAIN, user_name=USER, ews_url=url)

    def versions(self) -> int:
        """How many versions of items there ever were: it moves with every write."""
        return sum(len(box.versions) for box in self.simulator._world.mailboxes)

    def has(self, guid: str) -> bool:
        """Whether a mailbox is here, or organizes meetings of ours from outside."""
        world = self.simulator._world
        return any(box.guid == guid for box in (*world.mailboxes, *world.outside.values()))

    def turn_away(self, *, logins: bool) -> None:
        """Refuse the delegate user's password, or every right to act for others."""
        if logins:
            self.simulator.passwords[ACCOUNT] = "another"
        else:
            self.simulator.options.impersonators = set()

    def let_in(self) -> None:
        """Both are as they were, and the account is open."""
        self.simulator.passwords[ACCOUNT] = PASSWORD
        self.simulator.options.impersonators = None
        self.simulator.people.unlock(ACCOUNT)

    def let_in_soon(self) -> None:
        """Some administrator sees to it."""
        self._loop.call_later(90.0, self.let_in)


@dataclass(slots=True)
class Addresses:
    """A mailbox's addresses, to which one can be added as in Entra's form (`smtp:...`)."""

    box: Box

    def append(self, address: str) -> None:
        """A secondary one more."""
        self.box.aliases.append(address.partition(":")[2])


@dataclass(slots=True)
class ServerMailbox:
    """A mailbox on a server, as far as the simulation asks Graph's for the same."""

    server: ExchangeServer
    box: Box
    proxy_addresses: Addresses = field(init=False)

    def __post_init__(self) -> None:
        self.proxy_addresses = Addresses(self.box)

    @property
    def object_id(self) -> str:
        """What the service knows it by."""
        return self.box.guid

    @property
    def journal(self) -> list[Item]:
        """Every version of every item."""
        return list(self.box.versions.values())

    @property
    def state(self) -> MailboxState:
        """Whether it is there."""
        return next(ours for ours, theirs in _AWAY.items() if theirs is self.box.state)

    @state.setter
    def state(self, state: MailboxState) -> None:
        self.server.simulator.people.set_state(self.box, _AWAY[state])


class Everybody:
    """The people of all services: each call goes to the one that it is about."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self.servers: list[ExchangeServer] = []

    def __getattr__(self, name: str) -> Any:
        usual = getattr(self._graph, name, None)
        if usual is not None and not callable(usual):
            return usual

        def call(*given: Any, **named: Any) -> Any:
            server = next(filter(None, map(self._server, given)), None)
            return getattr(self._graph if server is None else server.people, name)(*given, **named)

        return call

    def event(self, event_id: str) -> Event:
        """The present version of an item. Raises KeyError."""
        server = self._server(event_id)
        found: Event = self._graph.event(event_id) if server is None else server.people.event(event_id)
        return found

    def purge_deleted(self, mailbox: Any) -> None:
        """Empty Deleted Items."""
        server = self._server(mailbox)
        (self._graph if server is None else server.people).purge_deleted(mailbox)

    def restore_event(self, mailbox: Any, event: Event) -> Event:
        """Bring it back from Deleted Items."""
        if (server := self._server(mailbox)) is not None:
            return server.people.restore_event(event)
        fields = {"folder": Folder.CALENDAR, "rest_id": event.listed_id}
        return graph_exchange.update(self._graph._world, mailbox, event, fields)

    def exceptions_of(self, event: Event) -> list[Event]:
        """The changed dates of a series."""
        if (server := self._server(event.immutable_id)) is not None:
            return server.people.exceptions_of(event)
        world = self._graph._world
        return graph_exchange.exceptions(world, world.locate(event.immutable_id)[0], event)

    def add_mailbox(self, place: Any, address: str, *, time_zone: str) -> Any:
        """A user with a mailbox, by the clocks of an IANA zone: Graph's are all by UTC."""
        if isinstance(place, ExchangeServer):
            box = place.simulator.people.add_mailbox(address, zone=tz_win[time_zone])
            return ServerMailbox(place, box)
        return self._graph.add_mailbox(place, address, time_zone="UTC")

    def mails_of_servers(self) -> list[Any]:
        """What calls made the servers send."""
        return [mail for server in self.servers for mail in server.simulator.mails]

    def leads_to(self, address: str, mailbox: Any) -> bool:
        """Whether an address leads to that mailbox just now."""
        if (server := self._server(mailbox)) is not None:
            return server.simulator._world.any_address(address) is mailbox.box
        return self._graph._world.mailbox_of(address) is mailbox

    def _server(self, about: Any) -> ExchangeServer | None:
        if isinstance(about, ExchangeServer):
            return about
        if isinstance(about, ServerMailbox):
            return about.server
        if isinstance(about, list | tuple):
            return next(filter(None, map(self._server, about)), None)
        return self._server_of(about) if isinstance(about, str) and self.servers else None

    def _server_of(self, event_id: str) -> ExchangeServer | None:
        try:
            guid = ews_ids.parse(event_id).mailbox
        except EwsError:
            return None
        return next((server for server in self.servers if server.has(guid)), None)


class ServerPeople:
    """The people of one server: events come as Graph's, what Exchange refuses as GraphError."""

    def __init__(self, server: ExchangeServer) -> None:
        self._server, self._people = server, server.simulator.people
        self._outlook = Outlook(server.simulator)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._outlook, name)

        def call(*given: Any, **named: Any) -> Any:
            plain = [_plain(one) for one in given]
            return self._answered(lambda: method(*plain, **named))

        return call

    # --- events -------------------------------------------------------------------------------------------------------
    def event(self, event_id: str) -> Event:
        """See Everybody.event."""
        found: Event = self._answered(lambda: Seen(self._people.event(event_id)))
        return found

    def occurrences_of(self, series_id: str, first: date, last: date) -> list[Event]:
        """The dates of a series from one date to another; whole days by their dates, wherever they are midnights."""
        found = [as_event(one) for one in self._people.occurrences_of(series_id, first, last)]
        return [one for one in found if not one.all_day or (one.start.date() <= last and one.end.date() > first)]

    def cancel_meeting(self, meeting_id: str, day: date | None = None) -> None:
        """Its organizer cancels it, or one date of it."""
        named = meeting_id if day is None else self._people.occurrence_id(meeting_id, day)
        self._answered(lambda: self._outlook.cancel_meeting(named))

    def restore_event(self, event: Event) -> Event:
        """See Everybody.restore_event."""
        return self.event(self._people.restore_event(event.immutable_id))

    def purge_deleted(self, mailbox: ServerMailbox) -> None:
        """See Everybody.purge_deleted."""
        self._people.purge_deleted(mailbox.box)

    def exceptions_of(self, event: Event) -> list[Event]:
        """See Everybody.exceptions_of."""
        box, master = self._server.simulator._world.locate(ews_ids.parse(event.immutable_id))
        found = [one for one in box.exceptions(master.key) if one.live]
        return [as_event(one) for one in sorted(found, key=lambda one: one.start)]

    # --- administrators -----------------------------------------------------------------------------------------------
    def change_mailbox_of_address(self, address: str, to: ServerMailbox, *, primary: bool = False) -> None:
        """An address leads to another mailbox."""
        self._people.change_mailbox_of_address(address, to.box, primary=primary)

    def lose_sync_state(self, mailbox: ServerMailbox) -> None:
        """Every sync state is forgotten."""
        self._people.lose_sync_states(mailbox.box)

    def throttle(self, mailbox: ServerMailbox, seconds: float) -> None:
        """Too many requests: the mailbox wants to be left alone."""
        self._people.throttle(mailbox.box, timedelta(seconds=seconds))

    def revoke_tokens(self, server: ExchangeServer) -> None:
        """There are none: the delegate user's password is another one for a while."""
        server.turn_away(logins=True)
        server.let_in_soon()

    def revoke_consent(self, server: ExchangeServer, *_: Any, **__: Any) -> None:
        """The delegate user may not act for anybody any more."""
        server.turn_away(logins=False)

    def grant_consent(self, server: ExchangeServer, *_: Any) -> None:
        """The delegate user may again."""
        server.let_in()

    @staticmethod
    def _answered(call: Callable[[], Any]) -> Any:
        try:
            found = call()
        except EwsError as error:
            raise GraphError(400, error.code) from error
        if isinstance(found, list):
            return [as_event(one.item) if isinstance(one, Seen) else one for one in found]
        return as_event(found.item) if isinstance(found, Seen) else found


def _plain(given: Any) -> Any:
    if isinstance(given, list | tuple):
        return [_plain(one) for one in given]
    return given.box if isinstance(given, ServerMailbox) else given


# --- an item as an event of Graph's -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ServerEvent(Event):
    """An item of a server in Graph's words."""

    plain: str = ""

    @property
    def text(self) -> str:
        """Its text as a person reads it."""
        return self.plain


def as_event(item: Item) -> Event:
    """What Graph would show of it."""
    seen, name = Seen(item), item.item_id
    slot = None
    if item.slot is not None:
        master = ews_ids.ItemName(item.name.mailbox, item.name.entry).text
        slot = Slot(item.slot.series, master, master, item.slot.day, item.slot.start, item.slot.own)
    return ServerEvent(
        key=item.key,
        rest_id=name,
        listed_id=item.listed_name.text,
        immutable_id=name,
        ical_uid=item.uid,
        change_key=item.change_key,
        created=item.created,
        modified=item.modified,
        start=seen.start,
        end=seen.end,
        organizer=item.organizer,
        subject=item.subject,
        all_day=item.all_day,
        location={"displayName": item.location},
        sensitivity=item.sensitivity.lower(),
        attendees=tuple(seen.attendees),
        is_organizer=item.is_organizer,
        is_cancelled=item.is_cancelled,
        recurrence=None if item.rule is None else _recurrence(item.rule),
        series_zone=None if item.rule is None and item.slot is None else item.start_zone.rules,
        cancelled=item.deleted,
        slot=slot,
        extended=tuple((str(key), value) for key, value in item.extended),
        folder=Folder.CALENDAR if item.live else Folder.DELETED_ITEMS,
        plain=item.text,
        instance=None if item.slot is not None else ews_ids.undated(item.uid)[1],
    )


def _recurrence(rule: Rule) -> dict[str, Any]:
    """A rule in Graph's words, nothing left out."""
    kind = rule.frequency.capitalize()
    if rule.frequency in ("monthly", "yearly"):
        kind = f"{'relative' if rule.position is not None else 'absolute'}{kind}"
    pattern = {
        "type": kind[0].lower() + kind[1:],
        "interval": rule.interval,
        "month": rule.month or 0,
        "dayOfMonth": rule.day_of_month or 0,
        "daysOfWeek": [WEEKDAYS[day] for day in rule.weekdays],
        "firstDayOfWeek": WEEKDAYS[rule.week_start],
        "index": next((name for name, number in INDEXES.items() if number == rule.position), "first"),
    }
    limits = {"type": "noEnd", "startDate": rule.first.isoformat(), "endDate": NO_DATE, "numberOfOccurrences": 0}
    if rule.until is not None:
        limits |= {"type": "endDate", "endDate": rule.until.isoformat()}
    elif rule.count is not None:
        limits |= {"type": "numbered", "numberOfOccurrences": rule.count}
    return {"pattern": pattern, "range": limits}
