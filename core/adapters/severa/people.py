"""Who takes part in an activity.

Participants are read only here, and only just before they are written (R14), but where a date of a series is looked
for that its owner is not in.
"""

from __future__ import annotations

from core.adapters.severa import quirks
from core.adapters.severa.api import ACTIVITY, ITS_PARTICIPANT, ITS_PARTICIPANTS, PARTICIPANTS, SeveraApi
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import guid, text
from core.model.ids import UserId


class People:
    """The participants of a company's activities (facts/severa.md 1.6, 1.7): the owner is none of them."""

    def __init__(self, api: SeveraApi) -> None:
        self._api = api

    async def change(self, activity: str, add: frozenset[UserId], remove: frozenset[UserId]) -> None:
        """See SeveraCompany.change_people. An activity that is not there has nobody to change."""
        if not add and not remove:
            return
        there = await self._of(activity)
        if there is None:
            return
        for user in sorted(add - there.keys()):
            body = {"activityGuid": activity, "participantGuid": user, "type": "User"}
            await self._api.create(PARTICIPANTS, body)
        for user in sorted(remove & there.keys()):
            await self._api.delete(ITS_PARTICIPANT, activity, there[user])

    async def take_off(self, activity: str, user: UserId) -> None:
        """Take a user off an activity or off one date of a series, by the occurrence's guid. Not in it is success."""
        await self.change(activity, frozenset(), frozenset({user}))

    async def change_owner(self, activity: str, owner: UserId) -> None:
        """See SeveraCompany.change_owner."""
        operation = {"op": quirks.PATCH_OP, "path": "/ownerUser/guid", "value": owner}
        await self._api.patch(ACTIVITY, activity, [operation])

    async def of(self, activity: str) -> list[UserId]:
        """Who takes part, contacts and resources among them, in the order of their ids."""
        return sorted(await self._of(activity) or ())

    async def _of(self, activity: str) -> dict[UserId, str] | None:
        """The participants' own guids by user; contacts and resources are among them. None: no such activity."""
        rows = await self._api.parts(ITS_PARTICIPANTS, activity)
        if rows is None:
            return None
        with understood(f"GET {ITS_PARTICIPANTS}"):
            return {UserId(text(row, "participantGuid")): guid(row) for row in rows}
