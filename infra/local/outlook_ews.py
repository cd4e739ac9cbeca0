"""Outlook on a simulated Exchange Server of any release."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from infra.local.ics_series import as_rule
from infra.local.outlook import ZONE, Changes, Details, Event, MailboxRefusedError, Manner, Moment, midnight
from tests.simulators.common.server import serve
from tests.simulators.ews import RELEASES, EwsError, EwsSimulator, Item, Mailbox
from tests.simulators.ews.releases import has
from tests.simulators.ews.zones import of
from tests.simulators.graph import make_authority

DOMAIN: Final = "EXAMPLE"
USER: Final = "svc-calendar"
ACCOUNT: Final = rf"{DOMAIN}\{USER}"
PASSWORD: Final = "the simulated delegate user's password"  # noqa: S105 - nothing is behind it
WINDOWS_ZONE: Final = "FLE Standard Time"
"""What Windows calls `ZONE`."""
METHODS: Final = ("SyncFolderItems", "FindItem", "GetItem", "CreateItem", "UpdateItem", "DeleteItem")
WRITES: Final = frozenset({"CreateItem", "UpdateItem", "DeleteItem"})
GONE, LOST = b"ErrorItemNotFound", b"ErrorInvalidSyncStateData"
NAMES: Final = {
    "2007_sp1": "2007 SP1",
    "2010": "2010",
    "2010_sp1": "2010 SP1",
    "2010_sp2": "2010 SP2",
    "2013": "2013",
    "2013_sp1": "2013 SP1",
    "2016": "2016",
    "2019": "2019",
    "se": "Subscription Edition",
}
"""The releases as people call them, by the simulator's names."""
UNKNOWN_ZONE: Final = "Windows has no name for its time zone"


class ExchangeOutlook:
    """See Outlook. `simulator` is the server; `release` is one of `NAMES`, `folder` is for its certificates.

    Log-ins are NTLM, bound to the server's TLS. The delegate user may act for nobody until `let_in`. While it is
    `served`, `url` is its address; `authority` (PEM, and a file of it) is the company's own, which nobody else knows.
    """

    def __init__(self, release: str, folder: Path) -> None:
        self.release, self.name, self.url = release, f"Exchange Server {NAMES[release]}", ""
        self._files = make_authority(folder)
        self.ca_file = self._files.ca_file
        self.authority = self.ca_file.read_text(encoding="ascii")
        self.simulator = EwsSimulator(RELEASES[release], {ACCOUNT: PASSWORD}, certificate=self._files.cert)
        self.simulator.methods = "NTLM"
        self.simulator.options.impersonators = set()
        self.simulator.options.server_zone = WINDOWS_ZONE
        self._mailboxes: dict[str, Mailbox] = {}

    @property
    def manner(self) -> Manner:
        """See Outlook."""
        return Manner(
            self.name,
            "found when Anna navigates in Severa",
            "is in Deleted Items under another id; by its own it is not found, in a mailbox that is still the same",
            LOST.decode(),
            METHODS,
        )

    @asynccontextmanager
    async def served(self) -> AsyncIterator[dict[str, str]]:
        """Serve it; the service's settings for it."""
        async with serve(self.simulator.app, cert=self._files.cert, key=self._files.key) as url:
            self.url = f"{url.replace('127.0.0.1', 'localhost')}/EWS/Exchange.asmx"
            yield {"SYNC_ALLOWED_NETWORKS": "127.0.0.0/8 ::1/128"}

    def settings(self, password: str = "") -> dict[str, str]:
        """What the company's administrator types in, with another password if given."""
        return {
            "version": "exchange_server",
            "ews_url": self.url,
            "domain": DOMAIN,
            "user_name": USER,
            "password": password or PASSWORD,
            "release": self.release,
            "exchange_authority": self.authority,
        }

    def let_in(self) -> None:
        """The administrator of the server runs the delegate script."""
        self.simulator.options.impersonators = {ACCOUNT}

    def add_mailbox(self, address: str, name: str, aliases: tuple[str, ...] = ()) -> None:
        """See Outlook."""
        self._mailboxes[address] = self.simulator.people.add_mailbox(
            address, aliases=aliases, display_name=name, zone=WINDOWS_ZONE
        )

    def add_event(self, mailbox: str, subject: str, start: Moment, end: Moment, details: Details) -> str:
        """See Outlook."""
        given = {**details, "subject": subject, "start": start, "end": end}
        with _understood():
            return self.simulator.people.add_event(self._mailboxes[mailbox], **self._written(given))

    def invite(self, mailbox: str, subject: str, start: datetime, end: datetime, attendees: list[str]) -> str:
        """See Outlook."""
        box = self._mailboxes[mailbox]
        return self.simulator.people.add_event(box, subject, start, end, attendees=attendees)

    def edit_event(self, event: str, changes: Changes) -> None:
        """See Outlook."""
        with _understood():
            self.simulator.people.edit_event(event, **self._written({**changes}))

    def edit_date(self, series: str, day: date, changes: Changes) -> None:
        """See Outlook."""
        with _understood():
            self.simulator.people.edit_occurrence(series, day, **self._written({**changes}))

    def cancel_date(self, series: str, day: date) -> None:
        """See Outlook."""
        self.simulator.people.delete_occurrence(series, day)

    def delete_event(self, event: str) -> None:
        """See Outlook."""
        self.simulator.people.delete_event(event)

    def decline(self, event: str) -> None:
        """See Outlook."""
        self.simulator.people.respond(event, "Decline")

    def lose_cursors(self, mailbox: str) -> None:
        """See Outlook."""
        self.simulator.people.lose_sync_states(self._mailboxes[mailbox])

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
        people = self.simulator.people
        uid = people.event(meeting).uid
        return next((_shown(one) for one in people.events_of(self._mailboxes[mailbox]) if one.uid == uid), None)

    def requests(self) -> list[str]:
        """See Outlook."""
        return [one.operation for one in self.simulator.exchanged]

    def writes(self) -> int:
        """See Outlook."""
        return sum(operation in WRITES for operation in self.requests())

    def proofs(self) -> int:
        """See Outlook."""
        return self._answered(GONE)

    def lost(self) -> int:
        """See Outlook."""
        return self._answered(LOST)

    def uncount(self, since: int) -> None:
        """See Outlook."""
        del self.simulator.exchanged[since:]

    def mails(self) -> int:
        """See Outlook."""
        return len(self.simulator.mails)

    def _answered(self, code: bytes) -> int:
        return sum(code in one.answer for one in self.simulator.exchanged)

    def _written(self, changes: dict[str, Any]) -> Any:
        """In Exchange's words."""
        names = {"text": "body", "place": "location", "show_as": "free_busy", "recurrence": "rule"}
        given = {names.get(name, name): value for name, value in changes.items()}
        if "sensitivity" in given:
            given["sensitivity"] = given["sensitivity"].capitalize()
        if "free_busy" in given:
            given["free_busy"] = self._busy(given["free_busy"])
        if given.get("rule"):
            given["rule"] = as_rule(given["rule"])
        for name in ("start", "end"):
            if isinstance(given.get(name), datetime):
                given[name] = _named(given[name], recurs=bool(given.get("rule")))
        return given

    def _busy(self, show_as: str) -> str:
        """What an older release lacks is shown as busy."""
        word = {"oof": "OOF"}.get(show_as, show_as[:1].upper() + show_as[1:])
        return word if has(self.simulator.release.schema, word) else "Busy"


def _named(moment: datetime, *, recurs: bool) -> datetime:
    """The moment in a zone that Windows has a name for: its own, else any in which a series keeps its dates.

    Raises MailboxRefusedError where there is none.
    """
    with suppress(ValueError):
        of(moment.tzinfo)
        return moment
    for zone in (UTC, ZONE):
        if not recurs or moment.astimezone(zone).date() == moment.date():
            return moment.astimezone(zone)
    raise MailboxRefusedError(UNKNOWN_ZONE)


def _shown(one: Item) -> Event:
    first, last = one.dates if one.all_day else (None, None)
    zone: tzinfo | None = one.start_zone.rules if one.rule is not None or one.slot is not None else None
    return Event(
        id=one.item_id,
        subject=one.subject,
        text=one.text,
        place=one.location,
        start=midnight(first) if first else one.start,
        end=midnight(last + timedelta(days=1)) if last else one.end,
        all_day=one.all_day,
        sensitivity=one.sensitivity.lower(),
        show_as=one.free_busy[:1].lower() + one.free_busy[1:] if one.free_busy != "OOF" else "oof",
        attendees=tuple(person.address for person in one.attendees),
        is_organizer=one.is_organizer,
        is_cancelled=one.is_cancelled,
        recurs=one.rule is not None,
        series_zone=zone,
        lacks_dates=bool(one.deleted),
        is_plain=one.kind == "Occurrence",
        live=one.live,
    )


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except EwsError as refusal:
        raise MailboxRefusedError(refusal.text) from refusal
