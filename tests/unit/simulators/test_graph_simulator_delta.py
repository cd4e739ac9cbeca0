"""The simulated Graph: rounds of calendarView/delta, and their lies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .graph_stage import DAY, HOUR, IMMUTABLE, MARK, NINE, WINDOW, Stage, error, stage

__all__ = ["stage"]


def fill(stage: Stage, count: int) -> list[str]:
    return [
        stage.people.add_event(stage.anna, f"E{number}", NINE + number * HOUR, NINE + (number + 1) * HOUR)
        for number in range(count)
    ]


class TestRounds:
    async def test_first_round_and_what_follows(self, stage: Stage) -> None:
        """The first round lists the window; later ones only changes; an idle one is a single empty page."""
        keys = fill(stage, 3)
        items, link = await stage.round()
        assert [item["id"] for item in items] == keys
        stage.people.edit_event(keys[1], subject="New")
        items, link = await stage.round(link)
        assert [(item["id"], item["subject"]) for item in items] == [(keys[1], "New")]
        items, link = await stage.round(link)
        assert items == []
        assert stage.graph.requests.count("GET", "calendarView/delta") == 3

    async def test_own_write_comes_back(self, stage: Stage) -> None:
        """What the API wrote shows in the next round, with the follow-up's changeKey and no extended properties."""
        _, link = await stage.round()
        made = await stage.create(transactionId="t", singleValueExtendedProperties=[{"id": MARK, "value": "m"}])
        items, link = await stage.round(link)
        assert [(item["id"], item["transactionId"]) for item in items] == [(made["id"], "t")]
        assert items[0]["changeKey"] != made["changeKey"]
        assert "singleValueExtendedProperties" not in items[0]
        assert (await stage.round(link))[0] == []

    async def test_both_spellings(self, stage: Stage) -> None:
        """`delta` and `delta()` are one resource, below the user and below the calendar."""
        for path in ("/calendarView/delta()", "/calendar/calendarView/delta", "/calendar/calendarView/delta()"):
            assert (await stage.client.get(stage.url(path), params=WINDOW)).status_code == 200

    async def test_page_size_is_forgotten(self, stage: Stage) -> None:
        """The page size counts for one request: where it is not sent again, the default holds."""
        fill(stage, 25)
        first = await stage.client.get(
            stage.url("/calendarView/delta"), params=WINDOW, headers={"Prefer": "odata.maxpagesize=3"}
        )
        second = await stage.client.get(first.json()["@odata.nextLink"])
        assert (len(first.json()["value"]), len(second.json()["value"])) == (3, 10)
        assert first.headers["Preference-Applied"] == "odata.maxpagesize=3"

    async def test_id_form_is_forgotten(self, stage: Stage) -> None:
        """Immutable ids come only to requests that prefer them."""
        fill(stage, 1)
        answer = await stage.client.get(stage.url("/calendarView/delta"), params=WINDOW)
        assert answer.json()["value"][0]["id"].startswith("AAMkA")

    async def test_window_is_fixed(self, stage: Stage) -> None:
        """New dates beside an old token are ignored."""
        _, link = await stage.round()
        stage.people.add_event(stage.anna, "far", NINE + 100 * DAY, NINE + 101 * DAY)
        items, _ = await stage.round(f"{link}&startDateTime=2026-03-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z")
        assert [item.get("@removed") for item in items] == [{"reason": "deleted"}]

    @pytest.mark.parametrize("name", ["$select", "$expand", "$filter"])
    async def test_unsupported_options(self, stage: Stage, name: str) -> None:
        """Delta takes no $select, $expand or $filter."""
        answer = await stage.client.get(stage.url("/calendarView/delta"), params={**WINDOW, name: "subject"})
        assert error(answer) == (400, "ErrorInvalidUrlQuery")

    async def test_series_master_is_listed(self, stage: Stage) -> None:
        """A series shows with its master in delta, and as its occurrences only in a plain view."""
        weekly = {"pattern": {"type": "weekly", "daysOfWeek": ["monday"]}}
        stage.people.add_event(stage.anna, "S", NINE - 900 * DAY, NINE - 900 * DAY, recurrence=weekly)
        assert [item["type"] for item in (await stage.round())[0]] == ["seriesMaster", *["occurrence"] * 5]
        assert [item["type"] for item in await stage.view()] == ["occurrence"] * 5


class TestRemoved:
    async def test_deleted_and_moved_away_look_alike(self, stage: Stage) -> None:
        """`@removed` comes for a deleted event and for one that left the window (facts/peers.md P24)."""
        gone, away = fill(stage, 2)
        _, link = await stage.round()
        stage.people.delete_event(gone)
        stage.people.move_event(away, NINE + 100 * DAY, NINE + 101 * DAY)
        items, _ = await stage.round(link)
        removed = {"@odata.type": "#microsoft.graph.event", "@removed": {"reason": "deleted"}}
        assert items == [{**removed, "id": gone}, {**removed, "id": away}]

    async def test_default_id_of_a_deleted_event(self, stage: Stage) -> None:
        """`@removed` names the id that the calendar gave, not the one in Deleted Items."""
        (key,) = fill(stage, 1)
        first = (await stage.client.get(stage.url("/calendarView/delta"), params=WINDOW)).json()
        stage.people.delete_event(key)
        later = (await stage.client.get(first["@odata.deltaLink"])).json()
        assert later["value"][0]["id"] == first["value"][0]["id"] != stage.people.event(key).rest_id


class TestTokens:
    async def test_only_three_generations_live(self, stage: Stage) -> None:
        """Each round from the same link makes a generation; after three more the link is dead."""
        _, link = await stage.round()
        for _ in range(3):
            await stage.round(link)
        answer = await stage.client.get(link)
        assert error(answer) == (410, "SyncStateNotFound")
        assert "generation=1;[highest=4][4][3][2]" in answer.json()["error"]["message"]

    async def test_lost_state(self, stage: Stage) -> None:
        """All links of a mailbox can die at once; a new first round works."""
        _, link = await stage.round()
        stage.people.lose_sync_state(stage.anna)
        assert error(await stage.client.get(link)) == (410, "SyncStateNotFound")
        _, link = await stage.round()
        assert (await stage.round(link))[0] == []

    async def test_malformed(self, stage: Stage) -> None:
        """A token that is none, is another mailbox's, or is used in the other parameter is badly formed."""
        ben = stage.people.add_mailbox(stage.tenant, "ben@acme.example")
        _, link = await stage.round()
        token = link.partition("=")[2]
        for tail, mailbox in (
            ("?$deltatoken=nonsense", stage.anna),
            (f"?$deltatoken={token}", ben),
            (f"?$skiptoken={token}", stage.anna),
        ):
            answer = await stage.client.get(stage.url(f"/calendarView/delta{tail}", mailbox))
            assert answer.json()["error"]["message"] == "Badly formed token."


class TestLies:
    async def test_disorder(self, stage: Stage) -> None:
        """A round may be shuffled, repeat items and begin with an empty page: nothing is missing."""
        keys = fill(stage, 12)
        options = stage.graph.options
        options.delta_shuffled = options.delta_twice = options.delta_empty_page = True
        answer = await stage.client.get(stage.url("/calendarView/delta"), params=WINDOW, headers=IMMUTABLE)
        assert (answer.json()["value"], "@odata.nextLink" in answer.json()) == ([], True)
        items, link = await stage.round(answer.json()["@odata.nextLink"])
        found = [item["id"] for item in items]
        assert (set(found), len(found), found[:12] != keys) == (set(keys), 16, True)
        assert (await stage.round(link))[0] == []

    async def test_wedged_stream(self, stage: Stage) -> None:
        """A wedged stream shows the same items on ever new pages."""
        keys = fill(stage, 2)
        stage.anna.wedged = True
        link, seen = stage.url("/calendarView/delta"), set()
        for number in range(20):
            page = (await stage.client.get(link, params=None if number else WINDOW, headers=IMMUTABLE)).json()
            assert [item["id"] for item in page["value"]] == keys
            link = page["@odata.nextLink"]
            seen.add(link)
        assert len(seen) == 20

    async def test_late_changes(self, stage: Stage) -> None:
        """With a lag, a change is in the calendar at once and in delta later; meanwhile delta shows the old state."""
        (key,) = fill(stage, 1)
        stage.clock += timedelta(minutes=5)
        stage.graph.options.delta_lag = timedelta(seconds=60)
        stage.people.edit_event(key, subject="New")
        items, link = await stage.round()
        assert [item["subject"] for item in items] == ["E0"]
        assert (await stage.view())[0]["subject"] == "New"
        stage.clock += timedelta(seconds=60)
        assert [item["subject"] for item in (await stage.round(link))[0]] == ["New"]

    async def test_foreign_links(self, stage: Stage) -> None:
        """Links can name another host, which a careful client refuses (facts/peers.md P61)."""
        stage.graph.options.link_host = "https://evil.example"
        answer = await stage.client.get(stage.url("/calendarView/delta"), params=WINDOW)
        assert answer.json()["@odata.deltaLink"].startswith("https://evil.example/v1.0/users/")
