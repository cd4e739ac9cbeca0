"""A mailbox that moves between an Exchange Server and Microsoft 365, with all that is in it.

What moves keeps its UID and its named properties, our mark among them; ids and versions are new
(facts/microsoft.md A4, G4). Series are weekly ones here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, tzinfo
from typing import Any

from tests.simulators.common.recurrence import Rule
from tests.simulators.ews import EwsSimulator, MailboxState
from tests.simulators.ews.item import Item, Property
from tests.simulators.ews.mailbox import Mailbox as EwsMailbox
from tests.simulators.ews.series import exceptions
from tests.simulators.graph import GraphSimulator
from tests.simulators.graph.event import Event
from tests.simulators.graph.mailbox import Mailbox as GraphMailbox
from tests.simulators.graph.mailbox import MailboxState as GraphState
from tests.simulators.graph.recurrence import WEEKDAYS, rule_of
from tests.support.outlook import Seen


class Removal:
    """One user's two mailboxes, of which one is in use at a time."""

    def __init__(
        self, server: EwsSimulator, on_server: EwsMailbox, cloud: GraphSimulator, in_cloud: GraphMailbox
    ) -> None:
        self.server, self.on_server, self.cloud, self.in_cloud = server, on_server, cloud, in_cloud
        self.forgets = frozenset[str]()
        """What the tool that moves it does not take along: `ical_uid`, `extended` (of it our mark), or both."""
        in_cloud.state = GraphState.ON_PREMISES

    def to_cloud(self) -> None:
        """Everything is in Microsoft 365 from now on; the server knows the address no more."""
        self.server.people.set_state(self.on_server, MailboxState.IN_THE_CLOUD)
        self.in_cloud.state = GraphState.OK
        people = self.cloud.people
        for old in people.events_of(self.in_cloud):
            people.delete_event(old.immutable_id)
        people.purge_deleted(self.in_cloud)
        for item in self.server.people.events_of(self.on_server):
            times = _bounds(Seen(item), item.start_zone.rules)
            new = people.add_event(self.in_cloud, item.subject, *times, **self._kept(_in_graphs_words(item)))
            for day in item.deleted:
                people.cancel_occurrence(new, day)
            for day, one in exceptions(self.on_server, item).items() if item.rule else ():
                start, end = _bounds(Seen(one))
                changes: Any = {"subject": one.subject, "body": one.text, "location": one.location}
                people.edit_occurrence(new, day, start=start, end=end, **changes)
        self.cloud.mails.clear()

    def to_server(self) -> None:
        """Everything is on the server again; Graph says that the mailbox is on premises."""
        self.in_cloud.state = GraphState.ON_PREMISES
        self.server.people.set_state(self.on_server, MailboxState.OK)
        people = self.server.people
        for old in people.events_of(self.on_server):
            people.delete_event(old.item_id, purge=True)
        for event in self.cloud.people.events_of(self.in_cloud):
            times = _bounds(event, event.series_zone)
            new = people.add_event(self.on_server, event.subject, *times, **self._kept(_in_exchanges_words(event)))
            for day in event.cancelled:
                people.delete_occurrence(new, day)
            for one in self._changed(event):
                start, end = _bounds(one)
                changes = {"subject": one.subject, "body": one.text, "location": one.place}
                people.edit_occurrence(new, one.slot.day, start=start, end=end, **changes)
        self.server.mails.clear()

    def _kept(self, details: dict[str, Any]) -> Any:
        return {name: value for name, value in details.items() if name not in self.forgets}

    def _changed(self, event: Event) -> Iterable[Any]:
        known = (self.in_cloud.current(key) for key in self.in_cloud.exception_keys(event.key))
        return [one for one in known if one.live and one.slot is not None]


def _bounds(shown: Any, zone: tzinfo | None = None) -> tuple[date, date]:
    """When a person reads that it takes place, by the clocks of a zone."""
    if shown.all_day:
        return shown.start.date(), shown.end.date()
    return shown.start.astimezone(zone or UTC), shown.end.astimezone(zone or UTC)


def _in_graphs_words(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "body": item.text,
        "location": item.location,
        "sensitivity": item.sensitivity.lower(),
        "ical_uid": item.uid,
        "attendees": [one.address for one in item.attendees],
        "organizer": item.organizer,
        "extended": {f"{name.type} {{{name.property_set}}} Name {name.name}": value for name, value in item.extended},
    }
    if item.rule is not None:
        rule = item.rule
        pattern = {
            "type": "weekly",
            "interval": rule.interval,
            "daysOfWeek": [WEEKDAYS[day] for day in rule.weekdays],
            "firstDayOfWeek": WEEKDAYS[rule.week_start],
        }
        found["recurrence"] = {"pattern": pattern, "range": _range(rule)}
    return found


def _range(rule: Rule) -> dict[str, Any]:
    if rule.count is not None:
        return {"type": "numbered", "numberOfOccurrences": rule.count}
    return {"type": "noEnd"} if rule.until is None else {"type": "endDate", "endDate": rule.until.isoformat()}


def _in_exchanges_words(event: Event) -> dict[str, Any]:
    names = ((name.split(" "), value) for name, value in event.extended)
    found: dict[str, Any] = {
        "body": event.text,
        "location": event.place,
        "sensitivity": event.sensitivity.capitalize(),
        "uid": event.ical_uid,
        "attendees": [one["emailAddress"]["address"] for one in event.attendees],
        "organizer": event.organizer,
        "extended": {Property(path.strip("{}"), name, kind): value for (kind, path, _, name), value in names},
    }
    if event.recurrence is not None:
        found["rule"] = rule_of(event.recurrence)
    return found
