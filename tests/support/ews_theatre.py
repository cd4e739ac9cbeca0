"""The theatre with mailboxes on a simulated Exchange Server: the real EWS adapter, Severa and stores on memory."""

from __future__ import annotations

from typing import Any, cast

from core.model.essence import Essence
from core.model.ids import MailboxId
from core.model.when import Timed, Window
from tests.contract.calendars.ews_harness import EwsHarness, times_of
from tests.simulators.ews.mailbox import Mailbox
from tests.support.memory_theatre import MemoryTheatre
from tests.support.remote_theatre import EVER
from tests.support.stage import COMPANY, Stage, make_stage

ADDRESSES = {"anna": "anna@example.org", "bert": "bert@example.org"}


class EwsTheatre(MemoryTheatre):
    """Theatre (theatre.py) on a stage whose Microsoft side is an Exchange Server of some release."""

    def __init__(self, stage: Stage, release: str) -> None:
        super().__init__(stage)
        self.harness = EwsHarness(release, checked=False)
        self.harness.clock.now = stage.clock.now  # type: ignore[method-assign]
        self.exchange, self.people = self.harness.simulator, self.harness.people
        self.exchange._world.now = stage.clock.now
        self.boxes = {who: self._box(address) for who, address in ADDRESSES.items()}
        self.connect()

    def _box(self, address: str) -> Mailbox:
        box = self.people.add_mailbox(address, zone="FLE Standard Time")
        self.harness.known[box.guid] = [address]
        return box

    def connect(self) -> None:
        """Let the company's mailboxes be those of the server."""
        severa = self.stage.severa
        self.stage.gateways.connect(COMPANY, severa, cast("Any", self.harness.company))

    def restart(self) -> None:
        """See Theatre: what a process knew of mailboxes is forgotten, too."""
        self.harness.company._places.clear()
        self.stage.restart()

    async def add_event(self, who: str, essence: Essence) -> None:
        """See Theatre."""
        details: dict[str, Any] = times_of(essence.when)
        start, end = details.pop("start"), details.pop("end")
        details |= {"body": essence.text, "location": essence.location}
        self.people.add_event(self.boxes[who], essence.subject, start, end, **cast("Any", details))

    async def edit_event(self, who: str, subject: str, essence: Essence) -> None:
        """See Theatre."""
        details: Any = {"subject": essence.subject, "body": essence.text, "location": essence.location}
        if isinstance(essence.when, Timed):
            details |= times_of(essence.when)
        self.people.edit_event(self._find(who, subject), **details)

    async def remove_event(self, who: str, subject: str) -> None:
        """See Theatre."""
        self.people.delete_event(self._find(who, subject))

    async def events(self, who: str) -> dict[str, Essence]:
        """See Theatre; read through an adapter of its own."""
        calendar = self.harness.company.calendar(MailboxId(self.boxes[who].guid))
        window = Window(EVER.start, EVER.end)
        return {event.id: event.essence for event in (await calendar.view(window)).sightings}

    def _find(self, who: str, subject: str) -> str:
        [found] = [item for item in self.people.events_of(self.boxes[who]) if item.subject == subject]
        return found.item_id


async def ews_theatre(release: str) -> EwsTheatre:
    """A fresh one."""
    return EwsTheatre(await make_stage(), release)
