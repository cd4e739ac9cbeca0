"""The access token: issued, renewed early, replaced when it is refused."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from core.errors import RetryLater, Stop
from core.model.operation import Draft
from core.model.rows import Stamp
from tests.unit.severa.rows import activity_row
from tests.unit.severa.stand import NOW, Stand, in_turn, refusal, token

READ = "GET /v1/activities/a-1"
ISSUE, REFRESH = "POST /v1/token", "POST /v1/refreshtoken"


def found(_: httpx.Request) -> httpx.Response:
    """The activity."""
    return httpx.Response(200, json=activity_row())


async def test_the_first_call() -> None:
    """A token is asked for with the credentials and the scopes, then sent with the client id on every call."""
    stand = Stand(found)
    await stand.calendar.read("a-1")
    await stand.calendar.read("a-1")
    assert stand.asked() == [ISSUE, READ, READ]
    assert json.loads(stand.requests[0].content) == {
        "client_id": "acme",
        "client_secret": "s3cret",
        "scope": "activities:read,activities:write,activities:delete,settings:read,users:read",
    }
    assert stand.requests[1].headers["Authorization"] == "Bearer access-1"
    assert {request.headers["Client_Id"] for request in stand.requests} == {"acme"}
    assert stand.slots == 3


async def test_a_token_that_ages() -> None:
    """Five minutes before its end it is renewed by the refresh token, a bare JSON string."""
    stand = Stand(found)
    await stand.calendar.read("a-1")
    stand.at += timedelta(minutes=54)
    await stand.calendar.read("a-1")
    stand.at += timedelta(minutes=1)
    await stand.calendar.read("a-1")
    assert stand.asked() == [ISSUE, READ, READ, REFRESH, READ]
    assert json.loads(stand.requests[3].content) == "refresh-1"
    assert stand.requests[3].headers["Client_Id"] == "acme"
    assert stand.requests[4].headers["Authorization"] == "Bearer access-2"


async def test_a_token_of_two_minutes() -> None:
    """One that lives shorter than the margin is used for half of its life, not renewed on every call."""
    stand = Stand(found, tokens=lambda _: token(1, access_token_expires_in=120))
    for _ in range(3):
        await stand.calendar.read("a-1")
    assert stand.asked().count(ISSUE) == 1
    stand.at += timedelta(seconds=60)
    await stand.calendar.read("a-1")
    assert stand.asked()[-2:] == [REFRESH, READ]


@pytest.mark.parametrize("seconds", [..., None, 0, "3600", 10**15])
async def test_a_lifetime_only_as_an_instant(seconds: object) -> None:
    """Where the seconds make no sense, the instant counts."""
    stand = Stand(found, tokens=lambda _: token(1, access_token_expires_in=seconds))
    await stand.calendar.read("a-1")
    stand.at = NOW + timedelta(minutes=56)
    await stand.calendar.read("a-1")
    assert REFRESH in stand.asked()


async def test_a_token_without_a_lifetime() -> None:
    """It is used until it is refused."""
    stand = Stand(found, tokens=lambda _: token(1, access_token_expires_in=..., access_token_expires_utc=...))
    await stand.calendar.read("a-1")
    stand.at += timedelta(days=30)
    await stand.calendar.read("a-1")
    assert stand.asked() == [ISSUE, READ, READ]


@pytest.mark.parametrize(
    "answer",
    [refusal(401, "AuthenticationRequired"), refusal(500, "InternalSystemError"), httpx.Response(200, text="nothing")],
)
async def test_a_refresh_token_that_does_not_work(answer: httpx.Response) -> None:
    """A new token is asked for from scratch."""
    stand = Stand(found, tokens=in_turn([token(1), answer, token(2)]))
    await stand.calendar.read("a-1")
    stand.at += timedelta(hours=1)
    await stand.calendar.read("a-1")
    assert stand.asked() == [ISSUE, READ, REFRESH, ISSUE, READ]


async def test_many_calls_when_the_token_ages() -> None:
    """It is renewed once, however many wait for it (P50)."""
    stand = Stand(found)
    await stand.calendar.read("a-1")
    stand.at += timedelta(hours=1)
    await asyncio.gather(*(stand.calendar.read("a-1") for _ in range(8)))
    assert stand.asked().count(REFRESH) == 1
    assert stand.asked().count(ISSUE) == 1


async def test_a_token_that_is_refused() -> None:
    """It is replaced once and the call repeated; a refused write was not done, so it is repeated too."""
    stand = Stand(in_turn([refusal(401, "AuthenticationRequired"), httpx.Response(201, json=activity_row())]))
    seen = (await Stand(found).calendar.read("a-1")) or pytest.fail("not found")
    made = await stand.calendar.create(Draft(seen.essence, "t-meeting"), _stamp())
    assert made == seen
    assert stand.asked() == [ISSUE, "POST /v1/activities", ISSUE, "POST /v1/activities"]
    assert stand.requests[3].headers["Authorization"] == "Bearer access-2"


async def test_many_calls_with_a_refused_token() -> None:
    """They share one new token (P50)."""

    def respond(request: httpx.Request) -> httpx.Response:
        old = request.headers["Authorization"] == "Bearer access-1"
        return refusal(401, "AuthenticationRequired") if old else found(request)

    stand = Stand(respond)
    await asyncio.gather(*(stand.calendar.read("a-1") for _ in range(8)))
    assert stand.asked().count(ISSUE) == 2


async def test_a_new_token_that_is_refused_too() -> None:
    """The company stops: a person must look at the credentials."""
    stand = Stand(lambda _: refusal(401, "AuthenticationRequired"))
    with pytest.raises(Stop) as stop:
        await stand.calendar.read("a-1")
    assert (stop.value.code, stop.value.whole_company) == ("severa_credentials_refused", True)
    assert stand.asked() == [ISSUE, READ, ISSUE, READ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(401, "AuthenticationRequired"), "severa_credentials_refused"),
        (refusal(400, "InvalidParameter"), "severa_credentials_refused"),
        (httpx.Response(404), "severa_credentials_refused"),
        (refusal(403, "OrganizationNotActive"), "severa_organization_not_active"),
    ],
)
async def test_credentials_that_are_refused(answer: httpx.Response, code: str) -> None:
    """The company stops, with the reason that Severa named; the secret is not in the message."""
    stand = Stand(found, tokens=lambda _: answer)
    with pytest.raises(Stop) as stop:
        await stand.calendar.read("a-1")
    assert (stop.value.code, stop.value.whole_company) == (code, True)
    assert "s3cret" not in str(stop.value)
    assert stand.asked() == [ISSUE]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(429, text="API calls quota exceeded!"),
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        token(1, access_token=...),
        token(1, access_token=""),
        token(1, access_token="two words"),
        token(1, access_token="line\r\nX-Injected: yes"),
        httpx.ReadError("gone"),
    ],
)
async def test_no_token_for_now(answer: httpx.Response | Exception) -> None:
    """Nothing was written, so it is "retry later", never an unknown outcome; the next call asks again."""
    stand = Stand(lambda _: httpx.Response(201, json=activity_row()), tokens=in_turn([answer, token(2)]))
    seen = (await Stand(found).calendar.read("a-1")) or pytest.fail("not found")
    with pytest.raises(RetryLater) as later:
        await stand.calendar.create(Draft(seen.essence, "t-meeting"), _stamp())
    assert type(later.value) is RetryLater
    await stand.calendar.create(Draft(seen.essence, "t-meeting"), _stamp())
    assert stand.asked() == [ISSUE, ISSUE, "POST /v1/activities"]


def _stamp() -> Stamp:
    return Stamp("intent", None)  # type: ignore[arg-type] # Severa keeps none
