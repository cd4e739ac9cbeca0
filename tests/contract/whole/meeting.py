"""A company of three whose meetings are played by the simulators: what a test of meetings needs at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.model.ids import UserId
from core.model.rows import Record
from core.usecases.switches import set_user_switch
from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import LONG_AGO, MONDAY

NAMES = ("anna", "bert", "carl")
HOUR = timedelta(hours=1)
TEN = MONDAY + timedelta(days=1, hours=1)
"""Tomorrow at ten (UTC)."""


@dataclass(slots=True)
class Company:
    """Anna, Bert and Carl, each with a mailbox, every switch on."""

    stage: RemoteStage

    # --- Outlook ------------------------------------------------------------------------------------------------------
    def meet(self, organizer: str, *attendees: str, subject: str = "Board", start: datetime = TEN, **more: Any) -> str:
        """Somebody organizes a meeting; the organizer's event id."""
        invited = [self.address(name) for name in attendees]
        box = self.stage.mailboxes[organizer]
        return self.graph.organize_meeting(box, subject, start, start + HOUR, attendees=invited, **more)

    def invited(self, *names: str, subject: str = "Board", organizer: str = "olga@outside.example", **more: Any) -> str:
        """Somebody outside invites them; the meeting's id."""
        boxes = [self.stage.mailboxes[name] for name in names]
        return self.graph.receive_invitation(boxes, organizer, subject, TEN, TEN + HOUR, **more)

    def event(self, meeting: str, name: str) -> Any:
        """How somebody's mailbox holds it."""
        return self.graph.event_of_meeting(meeting, self.stage.mailboxes[name])

    def events(self, name: str) -> list[str]:
        """The subjects in somebody's calendar."""
        return sorted(event.subject for event in self.graph.events_of(self.stage.mailboxes[name]))

    @property
    def graph(self) -> Any:
        """What people do in Outlook."""
        return self.stage.graph.people

    def address(self, name: str) -> str:
        """Somebody's address."""
        return name if "@" in name else f"{name}@example.org"

    # --- Severa -------------------------------------------------------------------------------------------------------
    @property
    def severa(self) -> Any:
        """What people do in Severa."""
        return self.stage.severa.people

    def activities(self) -> list[Any]:
        """Every activity of the company, each once."""
        found = {one.guid: one for name in NAMES for one in self.severa.activities_of(self.stage.users[name])}
        return list(found.values())

    def people(self, activity: Any) -> tuple[str, set[str]]:
        """The owner's and the participants' names."""
        names = {user.guid: name for name, user in self.stage.users.items()}
        owner = getattr(activity.owner, "guid", activity.owner)
        members = {getattr(one, "guid", one) for one in self.severa.participants_of(activity.guid)}
        return names[owner], {names[one] for one in members if one in names}

    # --- the service --------------------------------------------------------------------------------------------------
    async def settle(self, *names: str) -> None:
        """Feed and runs until all is quiet."""
        await self.stage.settle(*(names or NAMES))

    async def switch(self, name: str, *, on: bool) -> None:
        """Somebody's own switch."""
        await set_user_switch(self.stage.ports, self.stage.pair(name), on=on)

    async def history(self, name: str) -> tuple[Record, ...]:
        """Somebody's history."""
        return await self.stage.storage.history.read(self.stage.pair(name), LONG_AGO, 1000)

    async def told(self, name: str) -> list[str]:
        """The codes in it."""
        return sorted(record.note.code for record in await self.history(name))

    def user(self, name: str) -> UserId:
        """A user's id."""
        return UserId(self.stage.users[name].guid)

    @property
    def mails(self) -> int:
        """What Exchange sent because of us."""
        return len(self.stage.graph.mails)


@asynccontextmanager
async def company(*switched_on: str, release: str | None = None) -> AsyncIterator[Company]:
    """The company; only those named have their switch on, all where nobody is named."""
    async with remote_stage(names=NAMES, release=release) as stage:
        made = Company(stage)
        for name in NAMES:
            if switched_on and name not in switched_on:
                await made.switch(name, on=False)
        yield made
