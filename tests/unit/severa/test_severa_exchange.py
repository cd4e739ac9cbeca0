"""What goes wrong between the adapter and Severa, request by request."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from core.adapters.severa import exchange, quirks
from core.adapters.severa.exchange import Timeouts
from core.errors import ItemRefused, OutcomeUnknown, RetryLater
from core.model.essence import Field
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Activity, Role
from tests.unit.severa.rows import activity_row
from tests.unit.severa.stand import ANNA, NOW, WINDOW, Respond, Stand, in_turn

STAMP = Stamp("intent", None)  # type: ignore[arg-type] # Severa keeps none


async def seen() -> Activity:
    """The plain activity."""
    return (await Stand(lambda _: httpx.Response(200, json=activity_row())).calendar.read("a-1")) or pytest.fail("gone")


def raising(error: Exception) -> Respond:
    """A connection that breaks."""
    return in_turn([error] * 10)


async def write_all(stand: Stand, expected: type[RetryLater]) -> None:
    """Create and update fail as expected."""
    activity = await seen()
    draft = Draft(activity.essence, "t-meeting")
    with pytest.raises(RetryLater) as created:
        await stand.calendar.create(draft, STAMP)
    with pytest.raises(RetryLater) as updated:
        await stand.calendar.update(activity, draft, frozenset({Field.SUBJECT}))
    assert {type(created.value), type(updated.value)} == {expected}


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
async def test_no_connection(error: Exception) -> None:
    """Nothing was sent: a write is simply tried again."""
    await write_all(Stand(raising(error)), RetryLater)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError("x"),
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.DecodingError("x"),
        httpx.CloseError("x"),
    ],
)
async def test_a_connection_that_breaks(error: Exception) -> None:
    """A write may have been done; a read is tried again."""
    await write_all(Stand(raising(error)), OutcomeUnknown)
    with pytest.raises(RetryLater) as read:
        await Stand(raising(error)).calendar.read("a-1")
    assert type(read.value) is RetryLater


async def test_an_answer_that_trickles() -> None:
    """The time-out is one for the whole exchange, however steadily bytes come (P58)."""

    async def bytes_for_ever() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.005)
            yield b" "

    stand = Stand(lambda _: httpx.Response(200, content=bytes_for_ever()), timeouts=Timeouts(0.05, 0.05))
    with pytest.raises(RetryLater, match="severa_timeout"):
        await stand.calendar.read("a-1")


def test_the_hard_limits() -> None:
    """30 seconds for writes, 90 for reads (P58, design.md section 5)."""
    assert Timeouts() == Timeouts(write=30.0, read=90.0)


async def test_an_answer_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read beyond the bound, not even where it comes compressed."""
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 1000)
    bomb = gzip.compress(json.dumps(activity_row(notes="x" * 100_000)).encode())
    stand = Stand(lambda _: httpx.Response(200, content=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(RetryLater, match="severa_answer_too_large"):
        await stand.calendar.read("a-1")


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, 1.0),
        ("7", 7.0),
        ("0", 0.0),
        (format_datetime(NOW + timedelta(seconds=20), usegmt=True), 20.0),
        (format_datetime(NOW - timedelta(seconds=20), usegmt=True), 0.0),
        ("999999999", quirks.LONGEST_PAUSE),
        ("soon", 1.0),
        ("-5", 1.0),
    ],
)
async def test_too_many_requests(header: str | None, pause: float) -> None:
    """The company pauses for as long as Severa says, or a second, and the caller is told."""
    headers = {} if header is None else {"Retry-After": header}
    stand = Stand(lambda _: httpx.Response(429, text="API calls quota exceeded!", headers=headers))
    with pytest.raises(RetryLater) as later:
        await stand.calendar.view(WINDOW)
    assert (later.value.code, later.value.after) == ("severa_throttled", pause)
    assert stand.pauses == [pause]


async def test_an_overloaded_service_that_names_a_time() -> None:
    """503 with Retry-After: the caller is told, the company's budget is not paused."""
    stand = Stand(lambda _: httpx.Response(503, headers={"Retry-After": "11"}))
    with pytest.raises(RetryLater) as later:
        await stand.calendar.read("a-1")
    assert (later.value.code, later.value.after, stand.pauses) == ("severa_unavailable", 11.0, [])


async def test_no_budget() -> None:
    """Nothing is sent without a slot."""

    class Exhausted(Stand):
        async def slot(self) -> None:
            raise RetryLater("budget_exhausted")

    stand = Exhausted(lambda _: httpx.Response(200, json=activity_row()))
    with pytest.raises(RetryLater, match="budget_exhausted"):
        await stand.calendar.read("a-1")
    assert stand.requests == []


async def test_a_redirect_to_another_host() -> None:
    """It is not followed: our token stays here (P61)."""
    stand = Stand(lambda _: httpx.Response(302, headers={"Location": "https://evil.test/"}))
    with pytest.raises(RetryLater, match="severa_unexpected_answer"):
        await stand.calendar.read("a-1")
    assert {request.url.host for request in stand.requests} == {"severa.test"}


@pytest.mark.parametrize("entry", ["", "a,b", "a/../b", "a?x=1", "..", "a" * 65])
async def test_an_id_that_is_no_guid(entry: str) -> None:
    """It never gets into a path: a list of guids there would write to several activities (1.5)."""
    stand = Stand(lambda _: httpx.Response(200, json=activity_row()))
    with pytest.raises(ItemRefused, match="severa_malformed_id"):
        await stand.calendar.read(entry)
    assert stand.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=[]),
        httpx.Response(200, json=[activity_row(guid="another")]),
        httpx.Response(200, json=activity_row()),
        httpx.Response(204),
        httpx.Response(200, json=[activity_row(startDateTime=None)]),
    ],
)
async def test_an_update_whose_echo_makes_no_sense(answer: httpx.Response) -> None:
    """It was accepted, so it may have been done."""
    activity = await seen()
    stand = Stand(lambda _: answer)
    with pytest.raises(OutcomeUnknown, match="severa_answer_malformed"):
        await stand.calendar.update(activity, Draft(activity.essence), frozenset({Field.SUBJECT}))


async def test_an_update_of_nothing() -> None:
    """Nothing is sent (R21)."""
    activity = await seen()
    stand = Stand(lambda _: httpx.Response(500))
    assert await stand.calendar.update(activity, Draft(activity.essence), frozenset()) is activity
    assert stand.requests == []


# --- pages ------------------------------------------------------------------------------------------------------------
async def test_pages() -> None:
    """The filters go with every page; an empty token is the end; what comes twice is shown once, as seen last."""
    stand = Stand(
        in_turn(
            [
                httpx.Response(200, json=[activity_row(guid="a-1")], headers={"NextPageToken": "p+2/="}),
                httpx.Response(200, json=[], headers={"NextPageToken": "p3"}),
                httpx.Response(
                    200,
                    json=[activity_row(guid="a-1", name="Later"), activity_row(guid="a-2")],
                    headers={"NextPageToken": ""},
                ),
            ]
        )
    )
    view = await stand.calendar.view(WINDOW, series=False)
    assert [(a.id, a.essence.subject) for a in view.sightings] == [("a-1", "Later"), ("a-2", "Review")]
    asked = [dict(request.url.params.multi_items()) for request in stand.requests[1:]]
    filters = {
        "userGuids": ANNA.id,
        "includeAsMember": "true",
        "recurrenceType": "None",
        "startDateTime": "2026-02-23T12:00:00Z",
        "endDateTime": "2026-04-24T12:00:00Z",
        "rowCount": "100",
    }
    assert asked == [filters, {**filters, "pageToken": "p+2/="}, {**filters, "pageToken": "p3"}]


async def test_activities_of_others_in_the_listing() -> None:
    """The user takes part in them."""
    rows = [activity_row(guid="a-2", ownerUser={"guid": "ben"}), activity_row()]
    view = await Stand(lambda _: httpx.Response(200, json=rows)).calendar.view(WINDOW)
    assert {activity.id: activity.role for activity in view.sightings} == {
        "a-1": Role.OWNER,
        "a-2": Role.PARTICIPANT,
    }


async def test_a_filter_that_severa_passes_over() -> None:
    """What is of another kind than what was asked for is not taken for it."""
    rows = [activity_row(), activity_row(guid="a-2", recurrenceType="Occurrence", recurrenceParentActivityGuid="s")]
    view = await Stand(lambda _: httpx.Response(200, json=rows)).calendar.view(WINDOW)
    assert [activity.id for activity in view.sightings] == ["a-1"]
    assert view.complete


@pytest.mark.parametrize(
    "third",
    [
        httpx.Response(500),
        httpx.Response(404),
        httpx.Response(206, json=[]),
        httpx.Response(204),
        httpx.Response(200, text="[{"),
        httpx.Response(400, json={"error": {"type": "InvalidParameter"}}),
        httpx.ReadError("x"),
    ],
)
async def test_a_page_that_fails(third: httpx.Response | Exception) -> None:
    """The view fails as a whole: what came before is not shown as all there is (P23)."""
    first = [httpx.Response(200, json=[activity_row()], headers={"NextPageToken": f"p{n}"}) for n in (2, 3)]
    with pytest.raises(RetryLater):
        await Stand(in_turn([*first, third])).calendar.view(WINDOW, series=False)


async def test_pages_that_go_round_in_a_circle() -> None:
    """A token that comes again ends it."""
    stand = Stand(lambda _: httpx.Response(200, json=[activity_row()], headers={"NextPageToken": "again"}))
    with pytest.raises(RetryLater, match="severa_page_token_repeated"):
        await stand.calendar.view(WINDOW)
    assert len(stand.requests) == 3


async def test_pages_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a listing that is longer than any company's."""
    monkeypatch.setattr(quirks, "MAX_PAGES", 5)
    pages = (httpx.Response(200, json=[], headers={"NextPageToken": f"p{n}"}) for n in range(100))
    with pytest.raises(RetryLater, match="severa_too_many_pages"):
        await Stand(in_turn(pages)).calendar.view(WINDOW)


# --- rows that make no sense ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", ["[]", '{"guid": "a-1"}', "null"])
async def test_an_answer_that_is_no_activity(body: str) -> None:
    """A read fails: it never says that the activity is not there (P23)."""
    with pytest.raises(RetryLater, match="severa_answer_malformed"):
        await Stand(lambda _: httpx.Response(200, text=body)).calendar.read("a-1")


async def test_one_row_of_many(caplog: pytest.LogCaptureFixture) -> None:
    """P49: it is left out and logged without its content; the others come, and a view says that it is not complete."""
    rows = [activity_row(guid="a-1"), activity_row(guid="a-2", name="secret", recurrenceType="Sometimes")]
    stand = Stand(lambda _: httpx.Response(200, json=rows))
    snapshot = await stand.calendar.view(WINDOW, series=False)
    assert [activity.id for activity in snapshot.sightings] == ["a-1"]
    assert not snapshot.complete
    told = [activity.id async for page in stand.gateway.changes(None, WINDOW) for activity in page]
    assert set(told) == {"a-1"}
    assert len(caplog.messages) == 3
    assert "recurrenceType" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("row", [{"guid": "t", "name": "x", "category": "Lunch"}, {"name": "x", "category": "Task"}])
async def test_a_type_that_makes_no_sense(row: dict[str, str]) -> None:
    """The whole list fails: a missing type would park what has it."""
    with pytest.raises(RetryLater, match="severa_answer_malformed"):
        await Stand(lambda _: httpx.Response(200, json=[row])).gateway.activity_types()
