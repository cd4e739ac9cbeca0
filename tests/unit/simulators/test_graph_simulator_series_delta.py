"""The simulated Graph: series in rounds of calendarView/delta (facts/microsoft.md A3)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.simulators.graph import Mailbox

from .graph_series import HELSINKI, MONDAY, WEEK, WEEKLY, add_weekly, days, nine, weekly_event
from .graph_stage import DAY, HOUR, IMMUTABLE, NINE, WINDOW, Stage, stage

__all__ = ["stage"]
STUB = {"@odata.type", "@odata.etag", "id", "seriesMasterId", "type", "start", "end"}
IN_MARCH = ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]


def kinds(items: list[dict[str, Any]]) -> Counter[str]:
    return Counter("@removed" if "@removed" in item else item["type"] for item in items)


async def occurrence(stage: Stage, oid: str) -> str:
    """The present id of an occurrence, by its occurrenceId."""
    return str((await stage.client.get(stage.url(f"/events/{oid}"), headers=IMMUTABLE)).json()["id"])


async def test_a_first_round(stage: Stage) -> None:
    """The master comes as it is, its first start long ago; occurrences are stubs; an exception is full."""
    start = datetime(2020, 1, 6, 9, tzinfo=HELSINKI)
    key = stage.people.add_event(stage.anna, "Old", start, start + HOUR, recurrence={"pattern": WEEKLY})
    stage.people.edit_occurrence(key, MONDAY, subject="Special")
    items, _ = await stage.round()
    assert kinds(items) == {"seriesMaster": 1, "exception": 1, "occurrence": 4}
    master, *dated = items
    assert (master["start"]["dateTime"][:10], master["recurrence"]["range"]["type"]) == ("2020-01-06", "noEnd")
    assert "cancelledOccurrences" not in master
    exception = next(item for item in dated if item["type"] == "exception")
    assert (exception["subject"], exception["occurrenceId"]) == ("Special", f"OID.{key}.{MONDAY}")
    assert "originalStart" not in exception
    stub = dated[0]
    assert (set(stub), stub["seriesMasterId"], stub["type"]) == (STUB, key, "occurrence")
    assert days(dated) == ["2026-03-02", *IN_MARCH]


async def test_in_a_preferred_zone(stage: Stage) -> None:
    """Times move with the zone, the dates in occurrenceId do not."""
    key = add_weekly(stage, 2)
    stage.people.edit_occurrence(key, MONDAY, subject="x")
    items, _ = await stage.round(prefer='outlook.timezone="Pacific/Kiritimati"')
    assert [item["start"]["dateTime"][:13] for item in items] == ["2026-03-09T21", "2026-03-09T21", "2026-03-16T21"]
    assert items[1]["occurrenceId"] == f"OID.{key}.2026-03-09"


async def test_a_series_is_not_split(stage: Stage) -> None:
    """It comes on one page, however small pages are; what stands alone is paged as ever."""
    add_weekly(stage)
    for number in range(3):
        stage.people.add_event(stage.anna, f"E{number}", NINE, NINE + HOUR)
    small = {"Prefer": "odata.maxpagesize=2"}
    first = (await stage.client.get(stage.url("/calendarView/delta"), params=WINDOW, headers=small)).json()
    second = (await stage.client.get(first["@odata.nextLink"], headers=small)).json()
    assert kinds(first["value"]) == {"seriesMaster": 1, "occurrence": 4}
    assert kinds(second["value"]) == {"singleInstance": 2}


async def test_a_cancelled_occurrence(stage: Stage) -> None:
    """Nothing says so: the master and the occurrences that are left come again (P10)."""
    key = add_weekly(stage)
    before, link = await stage.round()
    stage.people.cancel_occurrence(key, MONDAY + WEEK)
    items, link = await stage.round(link)
    assert kinds(items) == {"seriesMaster": 1, "occurrence": 3}
    assert days(items) == ["2026-03-09", "2026-03-09", "2026-03-23", "2026-03-30"]
    assert items[0]["@odata.etag"] != before[0]["@odata.etag"]
    assert (await stage.round(link))[0] == []


async def test_all_occurrences_cancelled(stage: Stage) -> None:
    """The master stays without them."""
    key = add_weekly(stage, 1)
    _, link = await stage.round()
    stage.people.cancel_occurrence(key, MONDAY)
    assert kinds((await stage.round(link))[0]) == {"seriesMaster": 1}
    assert kinds((await stage.round())[0]) == {"seriesMaster": 1}


async def test_a_changed_occurrence(stage: Stage) -> None:
    """The whole series comes again, the exception in it once; by the option the exception alone."""
    key = add_weekly(stage)
    _, link = await stage.round()
    oid = f"OID.{key}.{MONDAY}"
    await stage.client.patch(stage.url(f"/events/{oid}"), json={"subject": "Special"})
    items, link = await stage.round(link)
    assert kinds(items) == {"seriesMaster": 1, "exception": 1, "occurrence": 3}
    stage.graph.options.exception_alone = True
    await stage.client.patch(stage.url(f"/events/{oid}"), json={"subject": "Again"})
    items, link = await stage.round(link)
    assert [(item["type"], item["subject"]) for item in items] == [("exception", "Again")]
    assert (await stage.round(link))[0] == []


async def test_a_follow_up_write_of_an_exception(stage: Stage) -> None:
    """Exchange's own later write makes the series come once more."""
    stage.graph.options.follow_up_after = timedelta(seconds=30)
    key = add_weekly(stage)
    await stage.client.patch(stage.url(f"/events/OID.{key}.{MONDAY}"), json={"subject": "Special"})
    _, link = await stage.round()
    stage.clock += timedelta(seconds=30)
    assert kinds((await stage.round(link))[0])["exception"] == 1


async def test_an_exception_that_leaves_the_window_and_is_cancelled(stage: Stage) -> None:
    """Out of the window it is missing from its series; alone, it is called removed. Cancelled, it is never named."""
    key = add_weekly(stage, 4)
    _, link = await stage.round()
    day = MONDAY + 30 * DAY
    stage.people.edit_occurrence(key, MONDAY + 3 * WEEK, start=nine(day), end=nine(day, 10))
    items, link = await stage.round(link)
    assert kinds(items) == {"seriesMaster": 1, "occurrence": 3}
    stage.graph.options.exception_alone = True
    stage.people.edit_occurrence(key, MONDAY + 3 * WEEK, subject="x")
    items, link = await stage.round(link)
    assert kinds(items) == {"@removed": 1}
    stage.people.cancel_occurrence(key, MONDAY + 3 * WEEK)
    assert kinds((await stage.round(link))[0]) == {"seriesMaster": 1, "occurrence": 3}


async def test_a_changed_pattern(stage: Stage) -> None:
    """Dates that the series has no more are not named, exceptions that were dropped neither."""
    key = add_weekly(stage)
    stage.people.edit_occurrence(key, MONDAY, subject="x")
    _, link = await stage.round()
    stage.people.edit_event(key, recurrence={"pattern": {**WEEKLY, "interval": 3}})
    items, _ = await stage.round(link)
    assert [(item["type"], item["start"]["dateTime"][:10]) for item in items] == [
        ("seriesMaster", "2026-03-09"),
        ("occurrence", "2026-03-09"),
        ("occurrence", "2026-03-30"),
    ]


async def test_a_deleted_series(stage: Stage) -> None:
    """Its master is called removed; by the option its occurrences as well."""
    for many in (False, True):
        stage.graph.options.delta_removed_occurrences = many
        key = add_weekly(stage)
        stage.people.cancel_occurrence(key, MONDAY)
        items, link = await stage.round()
        stage.people.delete_event(key)
        removed, _ = await stage.round(link)
        assert {item["id"] for item in removed} == ({item["id"] for item in items} if many else {key})
        assert kinds(removed) == {"@removed": 4 if many else 1}


async def test_a_series_that_leaves_the_window(stage: Stage) -> None:
    """As any event: removed, though it lives; one that ended before the window is not in it."""
    key = add_weekly(stage)
    early = datetime(2026, 1, 5, 9, tzinfo=HELSINKI)
    ended = {"pattern": WEEKLY, "range": {"type": "numbered", "numberOfOccurrences": 2}}
    stage.people.add_event(stage.anna, "Ended", early, early + HOUR, recurrence=ended)
    items, link = await stage.round()
    assert kinds(items) == {"seriesMaster": 1, "occurrence": 4}
    day = MONDAY + 8 * WEEK
    stage.people.move_event(key, nine(day), nine(day, 10))
    assert [(item["id"], "@removed" in item) for item in (await stage.round(link))[0]] == [(key, True)]


async def test_a_master_that_is_not_told(stage: Stage) -> None:
    """By the option, later rounds leave out the master of a series that began before the window."""
    start = datetime(2026, 1, 5, 9, tzinfo=HELSINKI)
    old = stage.people.add_event(stage.anna, "Old", start, start + HOUR, recurrence={"pattern": WEEKLY})
    new = add_weekly(stage)
    stage.graph.options.delta_master_missing = True
    items, link = await stage.round()
    assert kinds(items)["seriesMaster"] == 2
    for key in (old, new):
        stage.people.cancel_occurrence(key, MONDAY)
    items, _ = await stage.round(link)
    assert [item["id"] for item in items if item["type"] == "seriesMaster"] == [new]
    assert sum(item.get("seriesMasterId") == old for item in items) == 4


async def test_disorder(stage: Stage) -> None:
    """Stubs may come before their master, and all of it twice."""
    key = add_weekly(stage)
    options = stage.graph.options
    options.delta_shuffled = options.delta_twice = options.delta_empty_page = True
    items, _ = await stage.round()
    assert kinds(items) == {"seriesMaster": 2, "occurrence": 8}
    assert items[0]["id"] != key


async def test_late_changes(stage: Stage) -> None:
    """With a lag a cancelled date is told late, and then at once with all that belongs to it."""
    key = add_weekly(stage)
    stage.people.edit_occurrence(key, MONDAY, subject="x")
    stage.clock += timedelta(minutes=5)
    stage.graph.options.delta_lag = timedelta(seconds=60)
    stage.people.cancel_occurrence(key, MONDAY)
    items, link = await stage.round()
    assert kinds(items) == {"seriesMaster": 1, "exception": 1, "occurrence": 3}
    stage.clock += timedelta(seconds=60)
    assert kinds((await stage.round(link))[0]) == {"seriesMaster": 1, "occurrence": 3}


async def test_an_endless_series_of_every_day(stage: Stage) -> None:
    """Two years of it are one page of one request."""
    stage.people.add_event(stage.anna, "D", NINE, NINE + HOUR, recurrence={"pattern": {"type": "daily"}})
    window = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2028-03-01T00:00:00Z"}
    page = (await stage.client.get(stage.url("/calendarView/delta"), params=window)).json()
    assert (kinds(page["value"])["occurrence"], "@odata.deltaLink" in page) == (722, True)


async def test_what_the_api_writes(stage: Stage) -> None:
    """A series made by the API, one date changed and one cancelled, comes back in the next round."""
    _, link = await stage.round()
    made = (await stage.client.post(stage.url("/events"), json=weekly_event(4), headers=IMMUTABLE)).json()
    first, second = (f"OID.{made['id']}.{MONDAY + n * WEEK}" for n in (0, 1))
    await stage.client.patch(stage.url(f"/events/{first}"), json={"subject": "Special"})
    await stage.client.delete(stage.url(f"/events/{second}"))
    items, link = await stage.round(link)
    assert kinds(items) == {"seriesMaster": 1, "exception": 1, "occurrence": 2}
    assert await occurrence(stage, first) == next(item["id"] for item in items if item["type"] == "exception")
    assert (await stage.round(link))[0] == []


async def test_two_mailboxes(stage: Stage) -> None:
    """A meeting's occurrences have the same iCalUIds in every mailbox that holds it."""
    ben: Mailbox = stage.people.add_mailbox(stage.tenant, "ben@acme.example")
    uid = stage.people.event(add_weekly(stage)).ical_uid
    start = nine(MONDAY).astimezone(UTC)
    rule = {"pattern": WEEKLY}
    copy = stage.people.add_event(ben, "Weekly", start, start + HOUR, recurrence=rule, ical_uid=uid)
    mine = await stage.view()
    theirs = (await stage.client.get(stage.url("/calendarView", ben), params=WINDOW, headers=IMMUTABLE)).json()["value"]
    assert [item["iCalUId"] for item in mine] == [item["iCalUId"] for item in theirs]
    assert copy not in {item["id"] for item in theirs}
