"""The simulated Severa: owners, participants and guests, of activities, of series and of single dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.simulators.severa import Author, User

from .severa_series import LAST, MONDAY, WEEK, add_weekly, days, get, listed, nine
from .severa_stage import HOUR, NINE, Stage, refusal, stage

__all__ = ["stage"]
SECOND, THIRD = MONDAY + WEEK, MONDAY + 2 * WEEK


@dataclass
class Members:
    """Anna owns, Ben and Cid take part."""

    stage: Stage

    def __post_init__(self) -> None:
        self.people = self.stage.people
        self.ben, self.cid = (self.person(name) for name in ("Ben Berg", "Cid Ceder"))

    def person(self, name: str) -> User:
        return self.people.add_user(self.stage.company, name, f"{name[:3].lower()}@acme.example")

    async def join(self, guid: str, user: User) -> httpx.Response:
        body = {"activityGuid": guid, "participantGuid": user.guid}
        return await self.stage.client.post("/activityparticipants", json=body)

    async def leave(self, guid: str, user: User) -> int:
        """By the guid that a listing of this very activity gives."""
        url = f"/activities/{guid}/activityparticipants"
        found = (await self.stage.client.get(url)).json()
        (own,) = [one["guid"] for one in found if one["participantGuid"] == user.guid]
        return (await self.stage.client.delete(f"{url}/{own}")).status_code

    async def named(self, guid: str) -> list[str]:
        """The names in the API's list of participants."""
        return [one["name"] for one in (await self.stage.client.get(f"/activities/{guid}/activityparticipants")).json()]

    async def member(self, user: User, **query: str) -> list[dict[str, Any]]:
        """A listing of March for one user as owner or participant."""
        return await listed(self.stage, userGuids=user.guid, includeAsMember="true", **query)


@pytest.fixture
def members(stage: Stage) -> Members:
    """Three users of one company."""
    return Members(stage)


class TestSingleDates:
    async def test_removed_from_one_date_by_the_api(self, members: Members) -> None:
        """DELETE on an occurrence's guid makes an exception without that person (facts/severa.md 1.6)."""
        whole = add_weekly(members.stage, participants=[members.ben, members.cid])
        guid = members.people.occurrence(whole.guid, SECOND).guid
        assert await members.leave(guid, members.ben) == 204
        one = await get(members.stage, guid)
        assert (one["recurrenceType"], one["recurrenceParentActivityGuid"]) == ("Exception", whole.guid)
        assert await members.named(guid) == ["Cid Ceder"]
        assert await members.named(whole.guid) == ["Ben Berg", "Cid Ceder"]
        assert days(await members.member(members.ben)) == ["2026-03-09", "2026-03-23", "2026-03-30"]
        assert len(await members.member(members.cid)) == 4

    async def test_added_to_one_date_by_the_api(self, members: Members) -> None:
        """The one date is listed for them, the series is not."""
        whole = add_weekly(members.stage, participants=[members.ben])
        guid = members.people.occurrence(whole.guid, SECOND).guid
        assert (await members.join(guid, members.cid)).status_code == 201
        assert await members.named(guid) == ["Ben Berg", "Cid Ceder"]
        assert days(await members.member(members.cid)) == ["2026-03-16"]
        assert await members.member(members.cid, recurrenceType="Series") == []

    async def test_the_same_by_people(self, members: Members) -> None:
        """They work on dates as the API does."""
        whole = add_weekly(members.stage, participants=[members.ben])
        second, third = (members.people.occurrence(whole.guid, day).guid for day in (SECOND, THIRD))
        members.people.remove_participant(second, members.ben)
        members.people.add_participant(third, members.cid, by=members.ben)
        assert members.people.participants_of(second) == []
        assert members.people.participants_of(third) == [members.ben, members.cid]
        assert members.people.activity(second).updated_by == members.ben.author
        assert members.people.activity(third).updated_by == members.ben.author

    async def test_listings_of_a_person(self, members: Members) -> None:
        """Masters, occurrences and exceptions of a person; not the exceptions in which they do not take part."""
        whole = add_weekly(members.stage, participants=[members.ben])
        members.people.edit_occurrence(whole.guid, MONDAY, name="Special")
        members.people.remove_participant(members.people.occurrence(whole.guid, SECOND).guid, members.ben)
        (series,) = await members.member(members.ben, recurrenceType="Series")
        assert series["guid"] == whole.guid
        found = await members.member(members.ben)
        assert sorted((one["startDateTime"][:10], one["name"], one["recurrenceType"]) for one in found) == [
            ("2026-03-09", "Special", "Exception"),
            ("2026-03-23", "Weekly", "Occurrence"),
            ("2026-03-30", "Weekly", "Occurrence"),
        ]
        assert len(await members.member(members.stage.anna)) == 4

    async def test_added_to_the_series_afterwards(self, members: Members) -> None:
        """Exceptions keep their own participants: who joins later is not in them."""
        whole = add_weekly(members.stage, participants=[members.ben])
        members.people.edit_occurrence(whole.guid, SECOND, name="Special")
        members.people.add_participant(whole.guid, members.cid)
        assert days(await members.member(members.cid)) == ["2026-03-09", "2026-03-23", "2026-03-30"]


class TestStamps:
    async def test_who_edited(self, members: Members) -> None:
        """A person in the user interface leaves their name, by whatever they do (facts/severa.md 1.7)."""
        guid = members.people.add_activity(members.stage.anna, "A", NINE, NINE + HOUR).guid
        members.people.add_participant(guid, members.ben)
        assert (await get(members.stage, guid))["lastUpdatedBy"]["guid"] == members.stage.anna.guid
        members.people.edit_activity(guid, by=members.ben, name="B")
        assert (await get(members.stage, guid))["lastUpdatedBy"]["name"] == "Ben Berg"

    @pytest.mark.parametrize("name", ["credential", None, "Ben Berg"])
    async def test_whose_name_the_api_leaves(self, members: Members, name: str | None) -> None:
        """By the switch: the credential's own, nobody's, or some user's (facts/severa.md 1.7 [UNK])."""
        author: Author | None = members.ben.author
        members.stage.severa.options.api_author = "credential" if name == "credential" else author if name else None
        made = (await members.stage.client.post("/activities", json=members.stage.body())).json()
        (changed,) = (await members.stage.patch(made["guid"], "/name", "B")).json()
        wanted = "REST API" if name == "credential" else name
        stamps = (made["createdBy"], made["lastUpdatedBy"], changed["lastUpdatedBy"])
        assert [None if stamp is None else stamp["name"] for stamp in stamps] == [wanted] * 3

    @pytest.mark.parametrize("touch", [True, False])
    async def test_participants_move_the_stamp(self, members: Members, *, touch: bool) -> None:
        """By the switch, by people and by the API alike (facts/severa.md 1.7 [UNK])."""
        members.stage.severa.options.participants_touch = touch
        guid = members.people.add_activity(members.stage.anna, "A", NINE).guid
        stamps = [members.people.activity(guid).updated]
        members.people.add_participant(guid, members.ben)
        stamps.append(members.people.activity(guid).updated)
        await members.join(guid, members.cid)
        stamps.append(members.people.activity(guid).updated)
        members.people.remove_participant(guid, members.ben)
        stamps.append(members.people.activity(guid).updated)
        assert len(set(stamps)) == (4 if touch else 1)

    async def test_membership_in_listings_that_lag(self, members: Members) -> None:
        """A listing by user learns of participants as late as of everything else."""
        guid = members.people.add_activity(members.stage.anna, "A", NINE).guid
        members.stage.clock += HOUR / 2
        await members.stage.sign_in()
        members.stage.severa.delay_listings(30)
        members.people.add_participant(guid, members.ben)
        assert await members.member(members.ben) == []
        members.stage.clock += timedelta(seconds=30)
        members.people.remove_participant(guid, members.ben)
        assert [one["guid"] for one in await members.member(members.ben)] == [guid]
        members.stage.clock += timedelta(seconds=30)
        assert await members.member(members.ben) == []


class TestGuests:
    async def test_listed_and_removed(self, members: Members) -> None:
        """Contacts, resources and others stand among the participants, and are no users (facts/severa.md 1.7)."""
        guid = members.people.add_activity(members.stage.anna, "A", NINE, participants=[members.ben]).guid
        guest = members.people.add_guest(guid, "Dan Dahl", "dan@x.example")
        members.people.add_guest(guid, "Room 1", kind="Resource", by=members.ben)
        found = (await members.stage.client.get(f"/activities/{guid}/activityparticipants")).json()
        assert [(one["type"], one["email"], one["status"]) for one in found] == [
            ("User", "ben@acme.example", "Unknown"),
            ("Other", "dan@x.example", "Invited"),
            ("Resource", None, "Invited"),
        ]
        assert members.people.participants_of(guid) == [members.ben]
        members.people.remove_participant(guid, guest)
        assert await members.named(guid) == ["Ben Berg", "Room 1"]

    async def test_not_by_the_api(self, members: Members) -> None:
        """A participant that is added is a user."""
        guid = members.people.add_activity(members.stage.anna, "A", NINE).guid
        guest = members.people.add_guest(guid, "Dan Dahl")
        body = {"activityGuid": guid, "participantGuid": guest.guid}
        refused = await members.stage.client.post("/activityparticipants", json=body)
        assert refusal(refused) == (400, "InvalidParameter")


class TestOwner:
    async def test_given_to_a_participant(self, members: Members) -> None:
        """Who owns an activity takes part no more; the former owner does where asked."""
        guid = members.people.add_activity(members.stage.anna, "A", NINE, participants=[members.ben, members.cid]).guid
        changed = members.people.change_owner(guid, members.ben, stays=True)
        assert (changed.owner, changed.updated_by) == (members.ben.guid, members.stage.anna.author)
        assert members.people.participants_of(guid) == [members.cid, members.stage.anna]
        members.people.change_owner(guid, members.cid, by=members.ben)
        assert members.people.participants_of(guid) == [members.stage.anna]
        assert (await get(members.stage, guid))["ownerUser"]["guid"] == members.cid.guid

    async def test_a_series(self, members: Members) -> None:
        """Takes its exceptions along, by the API too."""
        whole = add_weekly(members.stage, participants=[members.ben])
        changed = members.people.edit_occurrence(whole.guid, SECOND, name="Special")
        answer = await members.stage.patch(whole.guid, "/ownerUser/guid", members.ben.guid)
        assert answer.status_code == 200
        assert members.people.activity(changed.guid).owner == members.ben.guid
        assert {one["ownerUser"]["guid"] for one in await listed(members.stage)} == {members.ben.guid}


class TestThisAndFollowing:
    async def test_split(self, members: Members) -> None:
        """The old series ends before the date, the new one has what is left, with the same people."""
        whole = add_weekly(members.stage, 4, participants=[members.ben])
        members.people.edit_occurrence(whole.guid, MONDAY, name="Special")
        gone = members.people.edit_occurrence(whole.guid, MONDAY + 3 * WEEK, name="Late").guid
        new = members.people.split_series(whole.guid, THIRD, by=members.ben, name="B", start=nine(THIRD, 11))
        found = members.people.occurrences_of(whole.guid, MONDAY, LAST)
        assert [one.name for one in found] == ["Special", "Weekly"]
        rest = members.people.occurrences_of(new.guid, MONDAY, LAST)
        assert [(one.name, one.start) for one in rest] == [
            ("B", nine(THIRD, 11)),
            ("B", nine(THIRD + WEEK, 11)),
        ]
        assert not members.people.exists(gone)
        assert members.people.participants_of(new.guid) == [members.ben]
        assert new.updated_by == members.people.activity(whole.guid).updated_by == members.ben.author
        old = await get(members.stage, whole.guid)
        assert old["recurrence"]["range"] == {"maxOccurrences": None, "recursUntilDate": "2026-03-22"}

    async def test_without_an_end(self, members: Members) -> None:
        """The new series is endless as well; a recurrence of its own takes its place."""
        whole = add_weekly(members.stage, None)
        new = members.people.split_series(whole.guid, SECOND)
        assert new.recurrence is not None
        assert new.recurrence["range"] == {"maxOccurrences": None, "recursUntilDate": None}
        daily = {"frequency": "Daily", "pattern": {"daily": {"interval": 1}}, "range": {"maxOccurrences": 2}}
        other = members.people.split_series(new.guid, THIRD, recurrence=daily)
        assert len(members.people.occurrences_of(other.guid, MONDAY, LAST)) == 2

    async def test_not_at_the_first_date(self, members: Members) -> None:
        """That would be all of it; nor where there is no date."""
        whole = add_weekly(members.stage)
        with pytest.raises(ValueError, match="begins"):
            members.people.split_series(whole.guid, MONDAY)
        members.people.cancel_occurrence(whole.guid, SECOND)
        with pytest.raises(LookupError):
            members.people.split_series(whole.guid, SECOND)


async def test_participant_calls_are_counted(members: Members) -> None:
    """Listings by user are none; each read and write of participants is one."""
    guid = members.people.add_activity(members.stage.anna, "A", NINE, participants=[members.ben]).guid
    await members.member(members.ben)
    assert members.stage.severa.participant_calls() == 0
    await members.join(guid, members.cid)
    await members.leave(guid, members.ben)
    calls = members.stage.severa.participant_calls
    assert (calls(), calls("POST"), calls("GET"), calls("DELETE")) == (3, 1, 1, 1)


async def test_twice(members: Members) -> None:
    """Nobody takes part twice, and who does not take part cannot leave."""
    guid = members.people.add_activity(members.stage.anna, "A", NINE, participants=[members.ben]).guid
    with pytest.raises(ValueError, match="already"):
        members.people.add_participant(guid, members.ben)
    with pytest.raises(LookupError):
        members.people.remove_participant(guid, members.cid)
