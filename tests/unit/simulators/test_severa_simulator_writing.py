"""The simulated Severa: creating, changing and deleting activities."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulators.common.faults import Fault
from tests.simulators.severa import tidied

from .severa_stage import HOUR, NINE, Stage, refusal, stage

__all__ = ["stage"]


class TestWriting:
    async def test_a_create(self, stage: Stage) -> None:
        """201 with the created model: moments in UTC, stamps set, read-only fields of the body passed over."""
        made = await stage.client.post("/activities", json=stage.body(guid="mine", recurrence=None))
        activity = made.json()
        assert made.status_code == 201
        assert activity["guid"] != "mine"
        assert activity["startDateTime"] == "2026-03-10T09:00:00+00:00"
        assert activity["ownerUser"]["name"] == "Anna Aalto"
        assert activity["recurrenceType"] == "None"
        assert activity["lastUpdatedDateTime"] == "2026-03-02T08:00:00+00:00"
        assert activity["lastUpdatedBy"]["guid"] != stage.anna.guid
        assert (await stage.client.get(f"/activities/{activity['guid']}")).json() == activity
        assert not stage.severa.mails

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"startDateTime": None}, "startDateTime"),
            ({"startDateTime": "2026-03-10T11:00:00"}, "startDateTime"),
            ({"endDateTime": "2026-03-10T10:59:59+02:00"}, "endDateTime"),
            ({"activityType": {}}, "activityType/guid"),
            ({"ownerUser": {"guid": "nobody"}}, "ownerUser/guid"),
            ({"location": "x" * 1001}, "location"),
            ({"isAllDay": True}, "startDateTime"),
            ({"isAllDay": True, "hasDuration": False}, "hasDuration"),
            ({"isClosed": "true"}, "isClosed"),
            ({"recurrence": {"frequency": "Daily"}}, "recurrence"),
        ],
    )
    async def test_a_bad_create(self, stage: Stage, changes: dict[str, Any], field: str) -> None:
        """400 InvalidParameter that names the field; nothing is created."""
        refused = await stage.client.post("/activities", json=stage.body(**changes))
        assert refusal(refused) == (400, "InvalidParameter")
        assert refused.json()["error"]["details"][0]["location"]["name"] == field
        assert await stage.names() == []

    @pytest.mark.parametrize("field", ["name", "startDateTime", "activityType", "ownerUser"])
    async def test_a_create_without_a_required_field(self, stage: Stage, field: str) -> None:
        """400."""
        body = stage.body()
        del body[field]
        assert refusal(await stage.client.post("/activities", json=body)) == (400, "InvalidParameter")

    async def test_an_all_day_create_without_an_end(self, stage: Stage) -> None:
        """It lasts one day of its owner's zone, also when the clocks change."""
        body = stage.body(isAllDay=True, startDateTime="2026-03-29T00:00:00+02:00", endDateTime=None)
        made = (await stage.client.post("/activities", json=body)).json()
        assert (made["startDateTime"], made["endDateTime"]) == (
            "2026-03-28T22:00:00+00:00",
            "2026-03-29T21:00:00+00:00",
        )

    async def test_a_patch(self, stage: Stage) -> None:
        """Replace in any case, one operation per field; answers an array; the stamp moves with a frozen clock too."""
        guid = stage.people.add_activity(stage.anna, "Review", NINE, NINE + HOUR).guid
        first = (await stage.patch(guid, "/name", "Retro")).json()
        second = (await stage.patch(guid, "/IsClosed", value=True, op="replace")).json()
        assert (second[0]["name"], second[0]["isClosed"]) == ("Retro", True)
        assert first[0]["lastUpdatedDateTime"] < second[0]["lastUpdatedDateTime"]
        assert (await stage.patch(guid, "/activityType/guid", stage.types["Personal"])).is_success
        assert (await stage.patch(guid, "/notes", None)).json()[0]["activityType"]["category"] == "Personal"

    @pytest.mark.parametrize("op", ["Add", "remove", "Move", ""])
    async def test_another_operation(self, stage: Stage, op: str) -> None:
        """Only Replace is supported."""
        guid = stage.people.add_activity(stage.anna, "Review", NINE).guid
        assert refusal(await stage.patch(guid, "/name", "x", op)) == (400, "InvalidParameter")

    async def test_a_patch_that_is_half_bad(self, stage: Stage) -> None:
        """All or nothing."""
        before = stage.people.add_activity(stage.anna, "Review", NINE)
        operations = [
            {"op": "Replace", "path": "/name", "value": "Retro"},
            {"op": "Replace", "path": "/hasHours", "value": True},
        ]
        assert (await stage.client.patch(f"/activities/{before.guid}", json=operations)).status_code == 400
        assert stage.people.activity(before.guid) == before

    @pytest.mark.parametrize(
        ("switch", "native", "string"), [("native", 200, 400), ("string", 400, 200), ("both", 200, 200)]
    )
    async def test_the_types_of_patched_values(self, stage: Stage, switch: Any, native: int, string: int) -> None:
        """Booleans go as booleans, as text, or as either, by the switch."""
        guid = stage.people.add_activity(stage.anna, "Review", NINE).guid
        stage.severa.options.patch_values = switch
        assert (await stage.patch(guid, "/isClosed", value=True)).status_code == native
        assert (await stage.patch(guid, "/isClosed", "True")).status_code == string

    async def test_a_list_of_guids(self, stage: Stage) -> None:
        """Refused plainly."""
        assert (await stage.patch("a,b", "/name", "x")).status_code == 400

    async def test_a_deleted_activity(self, stage: Stage) -> None:
        """204 once, then 404 without a body for every verb."""
        guid = stage.people.add_activity(stage.anna, "Review", NINE).guid
        assert (await stage.client.delete(f"/activities/{guid}")).status_code == 204
        gone = [await stage.client.delete(f"/activities/{guid}"), await stage.client.get(f"/activities/{guid}")]
        gone.append(await stage.patch(guid, "/name", "x"))
        assert [(answer.status_code, answer.content) for answer in gone] == [(404, b"")] * 3

    async def test_a_dropped_create_and_a_stale_read(self, stage: Stage) -> None:
        """The create has happened; a stale listing does not show it, the next one does."""
        stage.severa.faults.add(Fault("drop_after_commit", "POST"))
        with pytest.raises(httpx.ReadError):
            await stage.client.post("/activities", json=stage.body())
        stage.severa.faults.add(Fault("stale_read", "GET"))
        assert [await stage.names(), await stage.names()] == [[], ["Review"]]

    async def test_rewritten_texts(self, stage: Stage) -> None:
        """With the hook, Severa keeps another text than it was sent."""
        stage.severa.options.rewrite = tidied
        made = (await stage.client.post("/activities", json=stage.body(name="Review ", notes="a\nb\n"))).json()
        assert (made["name"], made["notes"]) == ("Review", "a\r\nb")
        patched = await stage.patch(made["guid"], "/location", "Room 1  ")
        assert patched.json()[0]["location"] == "Room 1"

    async def test_mails_about_creates(self, stage: Stage) -> None:
        """Switched on, the API's creates mail owners who have not declined that; people's own do not count."""
        stage.severa.options.mails_on_api_create = True
        await stage.client.post("/activities", json=stage.body())
        stage.people.edit_user(stage.anna, mailed_on_new_activity=False)
        await stage.client.post("/activities", json=stage.body())
        stage.people.add_activity(stage.anna, "Own", NINE)
        assert [(mail.to, mail.subject) for mail in stage.severa.mails] == [("anna@acme.example", "Review")]
