"""The administrator's calls: settings, the company's switch, activity types, status."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.errors import ItemRefused, RetryLater, StorageConflict
from core.model.company import CompanySettings, FeedState
from core.model.ids import Pair, Side, UserId
from core.model.rows import Member
from core.model.state import Pending
from functions.calls.table import CALLS
from infra.local.issuer import Issuer
from tests.functions.http.desk import Desk, open_desk
from tests.simulators.graph import make_authority
from tests.support.stage import ANNA, BERT, COMPANY, MONDAY


async def _stored(desk: Desk) -> CompanySettings:
    found = await desk.stage.ports.companies.settings(COMPANY)
    assert found is not None
    return found[0]


async def test_settings_are_read_changed_and_stored(desk: Desk) -> None:
    """What is sent is stored; tenant and switch, which have ways of their own, stay as they are."""
    tenant = "77777777-7777-4777-8777-777777777777"
    await desk.stage.change_settings(tenant=tenant)
    body, etag = await desk.settings_body(synced_types=["type-call"], conflict="severa", time_zone="Europe/Oslo")
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert answer.status_code == 200
    stored = await _stored(desk)
    assert (stored.synced_types, stored.conflict, stored.time_zone) == ({"type-call"}, "severa", "Europe/Oslo")
    assert (stored.tenant, stored.enabled, stored.enabled_since) == (tenant, True, MONDAY)
    again = await desk.call("GET", "settings", desk.token(admin=True))
    assert again.headers["ETag"] == answer.headers["ETag"] != etag
    assert again.json() == answer.json()


async def test_a_tenant_is_sent(desk: Desk) -> None:
    """A Microsoft organization is bound by a proven consent only: typing another company's tenant id is refused."""
    body, etag = await desk.settings_body(tenant="88888888-8888-4888-8888-888888888888")
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["tenant"])
    assert (await _stored(desk)).tenant == ""


async def test_settings_that_cannot_be(desk: Desk) -> None:
    """Every wrong field is named with a sentence, and nothing is stored."""
    before = await _stored(desk)
    wrong = {
        "version": "exchange_2003",
        "synced_types": ["type-call", "../../etc"],
        "severa_client_id": "with a blank",
        "sync_while": True,
    }
    body, etag = await desk.settings_body(**wrong)
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"version", "synced_types.1", "severa_client_id", "sync_while"}
    body, etag = await desk.settings_body(time_zone="Mars/Olympus")
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["time_zone"])
    assert await _stored(desk) == before


async def test_more_types_than_may_be_ticked(desk: Desk) -> None:
    """Lists are bounded."""
    body, etag = await desk.settings_body(synced_types=[f"type-{n}" for n in range(501)])
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["synced_types"])


async def test_somebody_else_saved_meanwhile(desk: Desk) -> None:
    """If-Match of an older version: 412, and the newer settings stay."""
    body, etag = await desk.settings_body(conflict="microsoft")
    await desk.stage.change_settings(conflict="severa")
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/changed-meanwhile")
    assert (await _stored(desk)).conflict == "severa"


async def test_somebody_else_saves_in_the_same_moment(desk: Desk) -> None:
    """Between our read and our write the row moves: 412 too, never a lost update."""

    def conflict(name: str) -> None:
        if name == "before companies.put_settings":
            raise StorageConflict("storage_conflict")

    body, etag = await desk.settings_body()
    desk.stage.effects.on_effect = conflict
    saved = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    switched = await desk.call("PUT", "settings/enabled", desk.token(admin=True), {"enabled": False})
    assert (saved.status_code, switched.status_code) == (412, 412)


async def test_settings_without_a_version(desk: Desk) -> None:
    """A write that does not say what it changes is refused (RFC 6585, section 3)."""
    body, _ = await desk.settings_body()
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body)
    assert (answer.status_code, answer.json()["type"]) == (428, "/problems/if-match-missing")


async def test_one_of_several_versions(desk: Desk) -> None:
    """If-Match takes a list, and a star for whatever is there (RFC 9110, section 13.1.1)."""
    for form in ('"0123", {}', "*"):
        body, etag = await desk.settings_body()
        answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=form.format(etag))
        assert answer.status_code == 200


async def test_a_secret_where_none_can_be_stored(desk: Desk) -> None:
    """The answer says so, and nothing at all is written."""
    before = await _stored(desk)
    body, etag = await desk.settings_body(severa_client_secret="canary-secret", conflict="microsoft")
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/secrets-read-only")
    assert answer.json()["remedy"]
    assert await _stored(desk) == before


async def test_secrets_where_they_can_be_stored(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are stored under the company, shown as present only, and stay when they are left out."""
    async with open_desk(issuer, monkeypatch, writable=True) as desk:
        body, etag = await desk.settings_body(severa_client_secret="canary-secret", password="canary-password")
        answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
        assert answer.status_code == 200
        assert "canary" not in answer.text
        body, etag = await desk.settings_body()
        answer = await desk.call("PUT", "settings", desk.token(admin=True), body | {"password": None}, If_Match=etag)
        shown = answer.json()
        assert (shown["has_severa_client_secret"], shown["has_password"]) == (True, True)
        assert await desk.secrets.secret(COMPANY, "SEVERA_CLIENT_SECRET") == "canary-secret"
        assert await desk.secrets.secret(COMPANY, "EXCHANGE_PASSWORD") == "canary-password"


async def test_secrets_with_settings_that_cannot_be(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request is taken whole or not at all: an invalid one stores no secret."""
    async with open_desk(issuer, monkeypatch, writable=True) as desk:
        body, etag = await desk.settings_body(severa_client_secret="new", time_zone="Mars/Olympus")
        answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
        assert answer.status_code == 422
        assert await desk.secrets.secret(COMPANY, "SEVERA_CLIENT_SECRET") is None


async def test_a_password_and_another_server(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody leads a password that they do not know to a server of their own: for another server it is typed again."""
    async with open_desk(issuer, monkeypatch, writable=True) as desk:

        async def save(url: str, **more: str) -> httpx.Response:
            body, etag = await desk.settings_body(ews_url=url, **more)
            return await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)

        ours = "https://mail.example.com/EWS/Exchange.asmx"
        assert (await save(ours, password="canary-password")).status_code == 200
        for url in ("https://evil.example/EWS/Exchange.asmx", "https://mail.example.com:8443/EWS/Exchange.asmx"):
            refused = await save(url)
            assert (refused.status_code, list(refused.json()["errors"])) == (422, ["password"])
            assert (await _stored(desk)).ews_url == ours
        assert (await save("https://MAIL.example.com:443/ews/exchange.asmx")).status_code == 200
        assert (await save("")).status_code == 200
        assert (await save(ours)).status_code == 422
        assert (await save(ours, password="canary-password")).status_code == 200


async def test_tls_as_the_company_chooses_it(desk: Desk, tmp_path: Path) -> None:
    """Both choices are stored and shown again; the usual ones are modern TLS and the public authorities alone."""
    body, etag = await desk.settings_body()
    assert (body["exchange_tls"], body["exchange_authority"]) == ("modern", "")
    authority = make_authority(tmp_path).ca_file.read_text()
    body |= {"exchange_tls": "old", "exchange_authority": authority}
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert answer.status_code == 200
    stored = await _stored(desk)
    assert (stored.exchange_tls, stored.exchange_authority) == ("old", authority)
    shown, _ = await desk.settings_body()
    assert (shown["exchange_tls"], shown["exchange_authority"]) == ("old", authority)


async def test_an_authority_that_is_none(desk: Desk, tmp_path: Path) -> None:
    """A server's certificate, a private key, and what is too large: refused in a sentence, which holds none of it."""
    made, before = make_authority(tmp_path), await _stored(desk)
    key = made.key.read_text()
    for wrong, says in (
        (made.cert.read_text(), "the authority's"),
        (made.ca_file.read_text() + key, "private key"),
        ("no certificate", "PEM"),
        (made.ca_file.read_text() + "x" * 16_384, "16384"),
    ):
        body, etag = await desk.settings_body(exchange_authority=wrong)
        answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["exchange_authority"])
        assert says in answer.json()["errors"]["exchange_authority"]
        assert key.splitlines()[1] not in answer.text
    assert await _stored(desk) == before


async def test_settings_that_lead_to_other_mailboxes(desk: Desk) -> None:
    """The company is switched off, and the answer says so; afterwards it is said no more."""
    await desk.stage.change_settings(tenant="77777777-7777-4777-8777-777777777777")
    await desk.call("PUT", "settings/enabled", desk.token(admin=True), {"enabled": True})
    server = {"domain": "ACME", "ews_url": "https://mail.example.com/EWS/Exchange.asmx", "user_name": "sync"}
    body, etag = await desk.settings_body(version="exchange_server", release="2016", **server)
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    shown = answer.json()
    assert (shown["enabled"], shown["enabled_since"], shown["release"]) == (False, None, "2016")
    assert "switched off" in shown["notice"]
    again = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=answer.headers["ETag"])
    assert (again.status_code, again.json()["notice"]) == (200, "")


async def test_exchange_online_as_a_server(desk: Desk) -> None:
    """Refused, with what to choose instead."""
    body, etag = await desk.settings_body(ews_url="https://outlook.office365.com/EWS/Exchange.asmx")
    answer = await desk.call("PUT", "settings", desk.token(admin=True), body, If_Match=etag)
    assert answer.status_code == 422
    assert "Choose the version Office 365" in answer.json()["errors"]["ews_url"]


async def test_the_companys_switch(desk: Desk) -> None:
    """Off and on again, each at once, with the version of the settings when the front end sends it."""
    token = desk.token(admin=True)
    off = await desk.call("PUT", "settings/enabled", token, {"enabled": False})
    assert off.json() == {"enabled": False, "enabled_since": None}
    stale = await desk.call("PUT", "settings/enabled", token, {"enabled": True}, If_Match='"old"')
    assert stale.status_code == 412
    on = await desk.call("PUT", "settings/enabled", token, {"enabled": True}, If_Match=off.headers["ETag"])
    assert on.json()["enabled"] is True
    assert (await _stored(desk)).enabled


async def test_what_may_be_ticked(desk: Desk) -> None:
    """Severa's types with their ticks; project tasks never (R9), inactive ones only while they are ticked."""
    types = desk.stage.severa.types
    types["type-absence"] = replace(types["type-absence"], is_active=False)
    types["type-visit"] = replace(types["type-visit"], is_active=False)
    answer = await desk.call("GET", "activity-types", desk.token(admin=True))
    ticks = {one["id"]: (one["ticked"], one["is_active"]) for one in answer.json()["types"]}
    assert ticks == {
        "type-meeting": (True, True),
        "type-call": (False, True),
        "type-personal": (True, True),
        "type-absence": (True, False),
    }


@pytest.mark.parametrize(
    ("failure", "status", "kind", "wait"),
    [
        (RetryLater("severa_throttled", after=17.2), 503, "/problems/try-later", "18"),
        (RetryLater("severa_unreachable"), 503, "/problems/try-later", "5"),
        (ItemRefused("severa_invalid_request"), 503, "/problems/try-later", "5"),
    ],
)
async def test_severa_cannot_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, kind: str, wait: str
) -> None:
    """The caller is told to come back, and when."""

    async def fail() -> None:
        raise failure

    monkeypatch.setattr(desk.stage.severa, "activity_types", fail)
    answer = await desk.call("GET", "activity-types", desk.token(admin=True))
    assert (answer.status_code, answer.json()["type"], answer.headers["Retry-After"]) == (status, kind, wait)


async def test_health_of_the_company(desk: Desk) -> None:
    """Every pair with its state in a code and in words, the number of entries that wait, and how the feed is doing."""
    ports = desk.stage.ports
    held = Pending(Side.MICROSOFT, "event-2", hold="hold-1")
    await ports.pairs.notice(desk.stage.pair, [Pending(Side.SEVERA, "activity-1"), held])
    await ports.companies.put_feed(COMPANY, FeedState(MONDAY, failures=2, code="severa_unreachable"))
    answer = (await desk.call("GET", "status", desk.token(admin=True))).json()
    assert [(pair["user"], pair["waiting"], pair["held"]) for pair in answer["pairs"]] == [(ANNA, 2, 1), (BERT, 0, 0)]
    assert [pair["state"]["code"] for pair in answer["pairs"]] == ["first_sync", "first_sync"]
    assert (answer["feed"]["failures"], answer["feed"]["state"]["code"]) == (2, "severa_unreachable")
    assert (answer["users"], answer["following"]) == (2, None)


async def test_a_company_of_many(desk: Desk) -> None:
    """Pages follow each other without a gap; nobody can ask for more than a hundred pairs at once."""
    users = [UserId(f"cccccccc-0000-4000-8000-{number:012d}") for number in range(7)]
    for user in users:
        await desk.stage.ports.companies.put_member(COMPANY, Member(user, on=True))
    token, seen, after = desk.token(admin=True), [], ""
    while True:
        page = (await desk.call("GET", f"status?limit=4{after}", token)).json()
        seen += [pair["user"] for pair in page["pairs"]]
        if page["following"] is None:
            break
        after = f"&after={page['following']}"
    assert seen == sorted([ANNA, BERT, *users])
    for wrong in ("limit=101", "limit=0", "limit=many", "after=x", "page=2"):
        assert (await desk.call("GET", f"status?{wrong}", token)).status_code == 422


async def test_a_pair_in_trouble(desk: Desk) -> None:
    """Trouble shows before what only waits, and a switch that is off before trouble."""
    users = desk.stage.severa.users_by_id
    users[ANNA] = replace(users[ANNA], is_active=False)
    desk.stage.clock.advance(timedelta(minutes=1))
    await desk.stage.run()
    shown = (await desk.call("GET", "status", desk.token(admin=True))).json()["pairs"][0]
    assert (shown["state"]["code"], shown["failures"]) == ("user_not_active", 1)
    assert shown["state"]["sentence"] != "user_not_active"
    assert shown["state"]["remedy"]
    await desk.call("PUT", "me/sync", desk.token(), {"on": False})
    shown = (await desk.call("GET", "status", desk.token(admin=True))).json()["pairs"][0]
    assert (shown["on"], shown["state"]["code"]) == (False, "switched_off")
    assert Pair(COMPANY, ANNA) == desk.stage.pair


def test_who_may_call_what() -> None:
    """Settings and the company's health are for administrators; what is `me` is for the user."""
    assert {one.who for one in CALLS.values() if one.path.startswith("me/")} == {"user"}
    assert {name for name, one in CALLS.items() if one.who == "admin"} >= {
        "readsettings",
        "savesettings",
        "switchcompany",
        "activitytypes",
        "companystatus",
    }
