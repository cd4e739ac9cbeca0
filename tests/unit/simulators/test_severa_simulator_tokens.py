"""The simulated Severa: tokens, scopes, companies and the request limit."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.simulators.common.faults import Fault
from tests.simulators.common.server import serve

from .severa_stage import HOUR, NINE, Stage, refusal, stage

__all__ = ["stage"]


class TestTokens:
    async def test_the_documented_names(self, stage: Stage) -> None:
        """The answer has Severa's own names, and the scopes that were asked, with commas or blanks."""
        answer = await stage.sign_in(scope="activities:read, users:read")
        assert answer["access_token_type"] == "Bearer"
        assert answer["access_token_expires_in"] == 3600
        assert answer["access_token_expires_utc"] == "2026-03-02T09:00:00+00:00"
        assert answer["scope"] == (await stage.sign_in(scope="users:read activities:read"))["scope"]

    async def test_a_wrong_secret(self, stage: Stage) -> None:
        """401 with Severa's error model; the names of the credentials are read without case."""
        refused = await stage.client.post("/token", json={"client_Id": "acme", "client_Secret": "no"})
        assert refusal(refused) == (401, "AuthenticationRequired")
        assert (await stage.client.post("/token", json={"client_Id": "acme", "client_Secret": "s3"})).is_success

    async def test_a_refresh(self, stage: Stage) -> None:
        """The refresh token goes as a bare JSON string, with Client_Id."""
        token = (await stage.sign_in())["refresh_token"]
        assert (await stage.client.post("/refreshtoken", json=token)).is_success
        other = await stage.client.post("/refreshtoken", json=token, headers={"Client_Id": "other"})
        wrapped = await stage.client.post("/refreshtoken", json={"refresh_token": token})
        assert (other.status_code, wrapped.status_code) == (401, 401)

    async def test_an_expired_and_an_invalidated_token(self, stage: Stage) -> None:
        """Both answer 401 until a new token is fetched."""
        stage.clock += HOUR
        assert refusal(await stage.client.get("/activities")) == (401, "AuthenticationRequired")
        refresh = (await stage.sign_in())["refresh_token"]
        stage.severa.invalidate_tokens(stage.company)
        assert (await stage.client.get("/activities")).status_code == 401
        assert (await stage.client.post("/refreshtoken", json=refresh)).is_success
        stage.severa.invalidate_tokens(refresh_tokens=True)
        assert (await stage.client.post("/refreshtoken", json=refresh)).status_code == 401

    async def test_a_missing_scope(self, stage: Stage) -> None:
        """403 InsufficientApiScope, for a scope not asked or not granted."""
        await stage.sign_in(scope="activities:read,hours:write")
        assert refusal(await stage.client.get("/users")) == (403, "InsufficientApiScope")
        assert (await stage.client.get("/activities")).is_success

    async def test_the_client_id_header(self, stage: Stage) -> None:
        """It is optional, and noted."""
        await stage.client.get("/users")
        del stage.client.headers["Client_Id"]
        assert (await stage.client.get("/users")).is_success
        assert stage.severa.client_ids_seen == ["acme", None]

    async def test_two_companies(self, stage: Stage) -> None:
        """A company's token reaches nothing of another's."""
        mine = stage.people.add_activity(stage.anna, "Secret", NINE, NINE + HOUR)
        await stage.sign_in(stage.people.add_company("Other"))
        assert await stage.names() == []
        assert (await stage.client.get(f"/activities/{mine.guid}")).status_code == 404
        assert (await stage.client.get(f"/users/{stage.anna.guid}")).status_code == 404
        assert (await stage.client.get("/organizationdetails")).json()["name"] == "Other"

    async def test_heartbeats_and_the_other_version(self, stage: Stage) -> None:
        """Heartbeats lie outside /v1; /v1.0 is the same as /v1."""
        assert (await stage.client.get("http://severa/heartbeat/server", headers={"Authorization": ""})).is_success
        assert (await stage.client.get("http://severa/heartbeat/authorized")).status_code == 204
        assert (await stage.client.get("http://severa/v1.0/activities")).json() == []


async def test_a_real_server(stage: Stage) -> None:
    """The same application answers over a socket; a dropped connection is one, and the write has happened."""
    guid = stage.people.add_activity(stage.anna, "Review", NINE).guid
    headers = {"Authorization": stage.client.headers["Authorization"]}
    stage.severa.faults.add(Fault("drop_after_commit", "DELETE"))
    async with serve(stage.severa.app) as url, httpx.AsyncClient(base_url=url, headers=headers) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.delete(f"/v1/activities/{guid}")
        assert (await client.get(f"/v1/activities/{guid}")).status_code == 404


class TestLimit:
    async def test_the_eleventh_request_in_a_second(self, stage: Stage) -> None:
        """429 with plain text, without Retry-After unless switched on; a second later it works again."""
        stage.severa.options.rate_limit = 10
        answers = [await stage.client.get("/users") for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert answers[-1].text == "API calls quota exceeded! maximum admitted 10 per 1s."
        assert "retry-after" not in answers[-1].headers
        stage.severa.options.retry_after = 1
        assert (await stage.client.get("/users")).headers["retry-after"] == "1"
        stage.clock += timedelta(seconds=1)
        assert (await stage.client.get("/users")).is_success

    async def test_a_scripted_429(self, stage: Stage) -> None:
        """It looks like the real one, and nothing has happened."""
        stage.severa.faults.add(Fault("status", "POST", "/activities$", status=429))
        refused = await stage.client.post("/activities", json=stage.body())
        assert (refused.status_code, refused.text[:9]) == (429, "API calls")
        assert await stage.names() == []
