"""Outlook on the simulated Microsoft 365."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from infra.local.outlook import ZONE, Changes, Details, Event, MailboxRefusedError, Manner, Moment, midnight
from tests.simulators.common.server import serve
from tests.simulators.graph import Event as Stored
from tests.simulators.graph import GraphSimulator, Mailbox, make_authority
from tests.simulators.graph.details import EventDetails
from tests.simulators.graph.errors import GraphError

APP_SECRET: Final = "the simulated application's secret"  # noqa: S105 - nothing is behind it
METHODS: Final = ("GET", "POST", "PATCH", "DELETE")
MANNER: Final = Manner(
    "Microsoft Graph",
    "of which Microsoft tells",
    "still answers, from Deleted Items; the calendar's view of its own dates lacks it",
    "410",
    METHODS,
)


class GraphOutlook:
    """See Outlook. `simulator` is Microsoft 365, where `client_id` is the service's application.

    While it is `served`, `url` is Graph's address with its version, `login_url` Entra's.
    """

    def __init__(self, simulator: GraphSimulator) -> None:
        self.simulator = simulator
        self.tenant = simulator.people.add_tenant("Example Oy")
        self.client_id = simulator.people.add_app(self.tenant, secret=APP_SECRET).client_id
        self.url = self.login_url = ""
        self._mailboxes: dict[str, Mailbox] = {}

    @property
    def manner(self) -> Manner:
        """See Outlook."""
        return MANNER

    @asynccontextmanager
    async def served(self, folder: Path) -> AsyncIterator[dict[str, str]]:
        """Serve Graph and Entra, its certificates in `folder`; the service's settings for them."""
        authority = make_authority(folder)
        entra = serve(self.simulator.entra_app, cert=authority.cert, key=authority.key)
        async with serve(self.simulator.app) as url, entra as self.login_url:
            self.url = f"{url}/v1.0"
            yield {
                "SYNC_APP_CLIENT_ID": self.client_id,
                "SYNC_APP_SECRET": APP_SECRET,
                "SYNC_LOGIN_URL": self.login_url,
                "SYNC_GRAPH_URL": self.url,
                "SYNC_CA_FILE": str(authority.ca_file),
            }

    def add_mailbox(self, address: str, name: str, aliases: tuple[str, ...] = ()) -> None:
        """See Outlook."""
        self._mailboxes[address] = self.simulator.people.add_mailbox(
            self.tenant, address, aliases=aliases, display_name=name, time_zone=ZONE.key
        )

    def object_id(self, mailbox: str) -> str:
        """Graph's own id of a mailbox."""
        return self._mailboxes[mailbox].object_id

    def add_event(self, mailbox: str, subject: str, start: Moment, end: Moment, details: Details) -> str:
        """See Outlook."""
        with _understood():
            given: EventDetails = _written(details)
            return self.simulator.people.add_event(self._mailboxes[mailbox], subject, start, end, **given)

    def invite(self, mailbox: str, subject: str, start: datetime, end: datetime, attendees: list[str]) -> str:
        """See Outlook."""
        box = self._mailboxes[mailbox]
        return self.simulator.people.organize_meeting(box, subject, start, end, attendees=attendees)

    def edit_event(self, event: str, changes: Changes) -> None:
        """See Outlook."""
        with _understood():
            self.simulator.people.edit_event(event, **_written(changes))

    def edit_date(self, series: str, day: date, changes: Changes) -> None:
        """See Outlook."""
        with _understood():
            self.simulator.people.edit_occurrence(series, day, **_written(changes))

    def cancel_date(self, series: str, day: date) -> None:
        """See Outlook."""
        self.simulator.people.cancel_occurrence(series, day)

    def delete_event(self, event: str) -> None:
        """See Outlook."""
        self.simulator.people.delete_event(event)

    def decline(self, event: str) -> None:
        """See Outlook."""
        self.simulator.people.decline(event)

    def lose_cursors(self, mailbox: str) -> None:
        """See Outlook."""
        self.simulator.people.lose_sync_state(self._mailboxes[mailbox])

    def events_of(self, mailbox: str) -> list[Event]:
        """See Outlook."""
        return [_shown(one) for one in self.simulator.people.events_of(self._mailboxes[mailbox])]

    def dates_of(self, series: str, first: date, last: date) -> list[Event]:
        """See Outlook."""
        return [_shown(one) for one in self.simulator.people.occurrences_of(series, first, last)]

    def event(self, event: str) -> Event:
        """See Outlook."""
        return _shown(self.simulator.people.event(event))

    def event_of_meeting(self, meeting: str, mailbox: str) -> Event | None:
        """See Outlook."""
        found = self.simulator.people.event_of_meeting(meeting, self._mailboxes[mailbox])
        return _shown(found) if found else None

    def requests(self) -> list[str]:
        """See Outlook."""
        return [one.method for one in self.simulator.requests.entries]

    def writes(self) -> int:
        """See Outlook."""
        return sum(method != "GET" for method in self.requests())

    def proofs(self) -> int:
        """See Outlook."""
        return sum(one.path.endswith("/calendarView") for one in self.simulator.requests.entries)

    def lost(self) -> int:
        """See Outlook."""
        return self.simulator.requests.count(status=410)

    def uncount(self, since: int) -> None:
        """See Outlook."""
        del self.simulator.requests.entries[since:]

    def mails(self) -> int:
        """See Outlook."""
        return len(self.simulator.mails)


def _written(changes: Changes | Details) -> Any:
    """In Graph's words."""
    names = {"text": "body", "place": "location", "uid": "ical_uid"}
    return {names.get(name, name): value for name, value in changes.items()}


def _shown(one: Stored) -> Event:
    day, end = (one.start.date(), one.end.date()) if one.all_day else (None, None)
    return Event(
        id=one.immutable_id,
        subject=one.subject,
        text=one.text,
        place=one.place,
        start=midnight(day) if day else one.start,
        end=midnight(end) if end else one.end,
        all_day=one.all_day,
        sensitivity=one.sensitivity,
        show_as=one.show_as,
        attendees=tuple(str(person["emailAddress"]["address"]) for person in one.attendees),
        is_organizer=one.is_organizer,
        is_cancelled=one.is_cancelled,
        recurs=one.recurrence is not None,
        series_zone=one.series_zone,
        lacks_dates=bool(one.cancelled),
        is_plain=one.kind == "occurrence",
        live=one.live,
    )


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except GraphError as refusal:
        raise MailboxRefusedError(refusal.message) from refusal
