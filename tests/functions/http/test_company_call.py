"""DELETE /api/company: what the administrator is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.errors import Stop
from core.model.consent import TenantBinding
from core.usecases.recorder import LEASE
from functions.calls.company import RemovalOut
from infra.local.issuer import Issuer
from tests.functions.http.desk import Desk, open_desk
from tests.support.stage import ANNA, BERT, COMPANY, MONDAY, entry

NUMBERS = [name for name, field in RemovalOut.model_fields.items() if field.annotation is int]


async def test_a_company_leaves(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in numbers, and what else there is to know in sentences; afterwards it is as if it had never been."""
    async with open_desk(issuer, monkeypatch, writable=True) as desk:
        desk.stage.severa.add(ANNA, entry("canary-subject"))
        await desk.stage.settle((ANNA, BERT))
        desk.secrets.put(COMPANY, "SEVERA_CLIENT_SECRET", "canary-secret")
        await desk.stage.storage.consents.bind_tenant(TenantBinding("t", COMPANY, ANNA, "p", MONDAY))
        answer = await desk.call("DELETE", "company", desk.token(admin=True))
        assert answer.status_code == 200
        told = answer.json()
        assert told["finished"]
        assert told["sentence"] == "Nothing of the company is kept here any more."
        assert [told[name] for name in ("users", "links", "secrets", "tenants", "settings")] == [2, 1, 1, 1, 1]
        assert ["copies" in note or "ordinary events" in note for note in told["notes"]] == [True, False]
        assert "enterprise applications" in told["notes"][1]
        assert "canary" not in answer.text
        assert (await desk.call("GET", "settings", desk.token(admin=True))).json()["enabled"] is False
        assert (await desk.call("GET", "me/sync", desk.token())).json()["state"]["code"] == "company_off"
        again = (await desk.call("DELETE", "company", desk.token(admin=True))).json()
        assert again["finished"]
        assert {again[name] for name in NUMBERS} == {0}


async def test_copies_that_are_asked_to_go(desk: Desk) -> None:
    """They go to Deleted Items, and are counted."""
    desk.stage.severa.add(ANNA, entry("A copy"))
    await desk.stage.settle((ANNA, BERT))
    told = (await desk.call("DELETE", "company?copies=remove", desk.token(admin=True))).json()
    assert (told["finished"], told["copies_removed"], told["notes"]) == (True, 1, [])
    assert desk.stage.anna.events() == ()


async def test_copies_that_cannot_be_removed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the way is told, with both ways on."""
    desk.stage.severa.add(ANNA, entry("A copy"))
    await desk.stage.settle((ANNA, BERT))

    async def refused(*_: object) -> Any:
        raise Stop("consent_missing", whole_company=True)

    monkeypatch.setattr(desk.stage.gateways, "microsoft", refused)
    answer = await desk.call("DELETE", "company?copies=remove", desk.token(admin=True))
    told = answer.json()
    assert (answer.status_code, told["type"], told["code"]) == (409, "/problems/stopped", "consent_missing")
    assert "connects Microsoft 365 again" in told["remedy"]
    assert "without `copies=remove`" in told["remedy"]
    assert (await desk.call("DELETE", "company", desk.token(admin=True))).json()["finished"]


async def test_a_run_is_under_way(desk: Desk) -> None:
    """The answer says to come again, and what went already."""
    stage = desk.stage
    await stage.settle((ANNA, BERT))
    now = stage.clock.now()
    assert await stage.storage.pairs.acquire(await stage.head(), now, now + LEASE)
    told = (await desk.call("DELETE", "company", desk.token(admin=True))).json()
    assert (told["finished"], told["users"]) == (False, 1)
    assert "still under way" in told["sentence"]
    stage.clock.advance(LEASE + timedelta(seconds=1))
    assert (await desk.call("DELETE", "company", desk.token(admin=True))).json()["finished"]


async def test_a_secret_that_the_operator_set(desk: Desk) -> None:
    """It cannot be removed from here, and the answer says who can."""
    desk.secrets.put(COMPANY, "SEVERA_CLIENT_SECRET", "canary-secret")
    told = (await desk.call("DELETE", "company", desk.token(admin=True))).json()
    assert told["secrets"] == 0
    assert "whoever runs the service" in told["notes"][-1]


@pytest.mark.parametrize("query", ["copies=everything", "copies=", "copies=remove&copies2=x"])
async def test_a_wish_that_is_none(desk: Desk, query: str) -> None:
    """Nothing is removed by mistake."""
    answer = await desk.call("DELETE", f"company?{query}", desk.token(admin=True))
    assert answer.status_code == 422
    assert (await desk.stage.ports.companies.settings(COMPANY)) is not None
