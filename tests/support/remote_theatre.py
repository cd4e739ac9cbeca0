"""The theatre with real adapters: the simulators in-process, state on memory or in Azurite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from core.model.company import SeveraUser
from core.model.essence import Essence
from core.model.ids import UserId
from core.model.link import Link
from core.model.when import AllDay, Series, When, Window
from core.usecases.hints import note_activity_changed
from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import MONDAY
from tests.support.theatre import USERS
from tests.support.watching import Watch, watched

EVER = Window(MONDAY - timedelta(days=60), MONDAY + timedelta(days=300))


class RemoteTheatre:
    """Theatre (theatre.py) on a remote stage. What people see is read through the adapters, unwatched."""

    def __init__(self, stage: RemoteStage) -> None:
        self.stage, self.watch = stage, Watch()
        self._plain = stage.ports
        stage.ports = watched(stage.ports, self.watch)

    async def add_activity(self, who: str, essence: Essence) -> None:
        """See Theatre."""
        start, end, whole = _bounds(essence.when)
        self.stage.severa.people.add_activity(
            self.stage.users[who],
            essence.subject,
            start,
            end,
            all_day=whole,
            notes=essence.text,
            location=essence.location,
        )

    async def edit_activity(self, who: str, subject: str, essence: Essence) -> None:
        """See Theatre."""
        start, end, whole = _bounds(essence.when)
        guid = await self._find(await self.activities(who), subject)
        changes: dict[str, Any] = {"name": essence.subject, "start": start, "end": end, "all_day": whole}
        self.stage.severa.people.edit_activity(guid, **changes, notes=essence.text, location=essence.location)

    async def remove_activity(self, who: str, subject: str) -> None:
        """See Theatre."""
        guid = await self._find(await self.activities(who), subject)
        self.stage.severa.people.remove_activity(guid)
        await note_activity_changed(self._plain, self.stage.company, self.stage.pair(who).user, guid)

    async def add_event(self, who: str, essence: Essence) -> None:
        """See Theatre."""
        start, end, _ = _bounds(essence.when)
        details: dict[str, Any] = {"body": essence.text, "location": essence.location}
        self.stage.graph.people.add_event(self.stage.mailboxes[who], essence.subject, start, end, **details)

    async def edit_event(self, who: str, subject: str, essence: Essence) -> None:
        """See Theatre."""
        start, end, _ = _bounds(essence.when)
        entry = await self._find(await self.events(who), subject)
        changes: dict[str, Any] = {"subject": essence.subject, "body": essence.text, "location": essence.location}
        self.stage.graph.people.edit_event(entry, start=start, end=end, **changes)

    async def remove_event(self, who: str, subject: str) -> None:
        """See Theatre."""
        self.stage.graph.people.delete_event(await self._find(await self.events(who), subject))

    async def activities(self, who: str) -> dict[str, Essence]:
        """See Theatre."""
        company = await self._plain.gateways.severa(self.stage.company, await self._settings())
        user = SeveraUser(UserId(self.stage.users[who].guid), (), "Europe/Helsinki")
        snapshot = await company.calendar(user, "Europe/Helsinki").view(EVER)
        return {a.id: a.essence for a in snapshot.sightings}

    async def events(self, who: str) -> dict[str, Essence]:
        """See Theatre."""
        company = await self._plain.gateways.microsoft(self.stage.company, await self._settings())
        snapshot = await company.calendar(self.stage.mailbox_id(who)).view(EVER)
        return {e.id: e.essence for e in snapshot.sightings}

    async def links(self, who: str) -> tuple[Link, ...]:
        """See Theatre."""
        return await self._plain.pairs.links(self.stage.pair(who))

    def pass_time(self, by: timedelta) -> None:
        """See Theatre."""
        self.stage.clock.advance(by)

    async def settle(self) -> None:
        """See Theatre."""
        await self.stage.settle(*USERS)

    def restart(self) -> None:
        """A fresh process has no token and no limiter's block; stores and calendars are as they are."""
        self.stage.new_gateways()
        self._plain = self.stage.ports
        self.stage.ports = watched(self.stage.ports, self.watch)

    async def _settings(self) -> Any:
        found = await self._plain.companies.settings(self.stage.company)
        assert found is not None
        return found[0]

    @staticmethod
    async def _find(entries: dict[str, Essence], subject: str) -> str:
        [found] = [entry for entry, essence in entries.items() if essence.subject == subject]
        return found


def _bounds(when: When) -> tuple[Any, Any, bool]:
    assert not isinstance(when, Series), "the theatre plays single entries"
    if isinstance(when, AllDay):
        return when.first, when.until, True
    return when.start, when.end, False


@asynccontextmanager
async def remote_theatre(azurite: str = "", release: str | None = None) -> AsyncIterator[RemoteTheatre]:
    """A fresh one; see `remote_stage`."""
    async with remote_stage(azurite, USERS, release) as stage:
        yield RemoteTheatre(stage)
