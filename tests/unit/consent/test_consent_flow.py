"""Connecting a company to Microsoft 365: the good way, and the honest failures on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core.model.company import CompanySettings
from core.usecases import consent
from core.usecases.consent_rules import ConsentRefused
from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import Consent, MailboxState
from tests.simulators.graph.entra_accounts import APPLICATION_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR
from tests.unit.consent.consent_stage import ADMIN, BACK, CLIENT, COMPANY, FRONT_END, Stage, query_of, stage

__all__ = ["stage"]


async def test_the_whole_way(stage: Stage) -> None:
    """Start, consent, sign-in, confirmation: the company's settings name the organization that was proven."""
    start = await stage.start()
    assert start.company_name == "Acme Oy"
    asked = parse_qs(urlsplit(start.address).query)
    assert (asked["scope"], asked["redirect_uri"]) == (["http://graph/.default"], [BACK])
    shown = await stage.confirmation(start)
    assert (shown.company_name, shown.tenant, shown.account, shown.replaces) == (
        "Acme Oy", stage.acme.tenant_id, "root@acme.example", "",
    )  # fmt: skip
    assert await stage.tenant_of() == ""
    done = await consent.confirm(stage.c, shown.state, start.cookie)
    assert done == consent.Connected("Acme Oy", stage.acme.tenant_id, FRONT_END, directory=True)
    assert await stage.tenant_of() == stage.acme.tenant_id


async def test_the_name_is_severas_where_it_tells(stage: Stage) -> None:
    """What the caller says counts only where Severa says nothing; without either, the guid is shown."""
    stage.names.known[COMPANY] = "The True Name Oy"
    assert (await stage.start()).company_name == "The True Name Oy"
    stage.names.known.clear()
    state = await consent.begin(stage.c, COMPANY, ADMIN)
    assert (await consent.open_start(stage.c, state, FRONT_END)).company_name == COMPANY


async def test_a_privileged_role_administrator(stage: Stage) -> None:
    """May consent to Graph's application permissions too."""
    person = stage.people.add_account(stage.acme.tenant_id, "roles@acme.example", PRIVILEGED_ROLE_ADMINISTRATOR)
    assert (await stage.confirmation(await stage.start(), person)).account == "roles@acme.example"


async def test_other_settings_stay(stage: Stage) -> None:
    """Only the tenant is written, also where somebody else writes settings at the same time."""
    before = CompanySettings(severa_client_id="client", enabled=True)
    await stage.storage.companies.put_settings(COMPANY, before, "")
    start = await stage.start()
    shown = await stage.confirmation(start)
    other = replace(before, time_zone="Europe/Oslo")

    def somebody_is_quicker(effect: str) -> None:
        if effect == "before companies.put_settings":
            stage.storage.effects.on_effect = lambda _: None
            stage.storage.companies._settings[COMPANY] = (other, "theirs")

    stage.storage.effects.on_effect = somebody_is_quicker
    await consent.confirm(stage.c, shown.state, start.cookie)
    found = await stage.storage.companies.settings(COMPANY)
    assert found is not None
    assert found[0] == replace(other, tenant=stage.acme.tenant_id)


async def test_another_organization_while_sync_is_on(stage: Stage) -> None:
    """The company stops: its pairs are to begin anew in the other mailboxes. The same organization stops nothing."""
    await stage.connect()

    async def switch_on() -> None:
        settings, tag = await stage.storage.companies.settings(COMPANY) or (CompanySettings(), "")
        await stage.storage.companies.put_settings(COMPANY, replace(settings, enabled=True), tag)

    async def is_on() -> bool:
        found = await stage.storage.companies.settings(COMPANY)
        return found is not None and found[0].enabled

    await switch_on()
    await stage.connect()
    assert await is_on()
    stage.people.add_mailbox(stage.victim, "someone@victim.example")
    start = await stage.start()
    shown = await stage.confirmation(start, stage.victims_root)
    await consent.confirm(stage.c, shown.state, start.cookie)
    assert not await is_on()


async def test_connected_again(stage: Stage) -> None:
    """The same organization again is fine; another one is named as the one that is replaced, and the first is free."""
    await stage.connect()
    assert isinstance(await stage.connect(), consent.Connected)
    stage.people.add_mailbox(stage.victim, "someone@victim.example")
    start = await stage.start()
    shown = await stage.confirmation(start, stage.victims_root)
    assert shown.replaces == stage.acme.tenant_id
    assert isinstance(await consent.confirm(stage.c, shown.state, start.cookie), consent.Connected)
    assert await stage.tenant_of() == stage.victim.tenant_id
    again = await stage.connect(consent.CompanyId("33333333-3333-4333-8333-333333333333"))
    assert isinstance(again, consent.Connected)


# --- Microsoft needs a while, or gives less ---------------------------------------------------------------------------
async def test_consent_is_not_there_yet(stage: Stage) -> None:
    """Entra has not passed it on: no token, then one without roles. Confirming again works as soon as it has."""
    stage.options.consent_delay, stage.options.roles_delay = timedelta(seconds=60), timedelta(seconds=120)
    start = await stage.start()
    state, codes = (await stage.confirmation(start)).state, []
    for _ in range(2):
        waiting = await consent.confirm(stage.c, state, start.cookie)
        assert isinstance(waiting, consent.NotYet)
        codes.append(waiting.code)
        assert await stage.tenant_of() == ""
        state = waiting.state
        stage.clock.advance(60)
    assert codes == ["consent_missing", "mailboxes_denied"]
    assert isinstance(await consent.confirm(stage.c, state, start.cookie), consent.Connected)


async def test_consent_is_never_there(stage: Stage) -> None:
    """Trying again ends with the attempt's ten minutes."""
    stage.options.consent_delay = timedelta(hours=1)
    start = await stage.start()
    state = (await stage.confirmation(start)).state
    for _ in range(9):
        waiting = await consent.confirm(stage.c, state, start.cookie)
        assert isinstance(waiting, consent.NotYet)
        state = waiting.state
        stage.clock.advance(60)
    stage.clock.advance(60)
    with pytest.raises(ConsentRefused, match="link_expired"):
        await consent.confirm(stage.c, state, start.cookie)


async def test_limited_to_some_mailboxes(stage: Stage) -> None:
    """RBAC for Applications: no calendar role in the token, but the administrator's mailbox answers."""
    stage.registration.roles = ("User.Read.All",)
    start = await stage.start()
    shown = await stage.confirmation(start)
    stage.people.open_mailboxes(stage.acme, CLIENT, [stage.mailbox])
    done = await consent.confirm(stage.c, shown.state, start.cookie)
    assert done == consent.Connected("Acme Oy", stage.acme.tenant_id, FRONT_END, directory=True)


async def test_no_role_at_all_but_a_mailbox(stage: Stage) -> None:
    """It is connected, and said that users cannot be looked up."""
    stage.registration.roles = ()
    start = await stage.start()
    shown = await stage.confirmation(start)
    stage.people.open_mailboxes(stage.acme, CLIENT, [stage.mailbox])
    done = await consent.confirm(stage.c, shown.state, start.cookie)
    assert isinstance(done, consent.Connected)
    assert not done.directory


async def test_scoped_away(stage: Stage) -> None:
    """The permission is limited to mailboxes none of which is tried: said so, not connected."""
    stage.registration.roles = ("User.Read.All",)
    waiting = await stage.connect()
    assert isinstance(waiting, consent.NotYet)
    assert waiting.code == "mailboxes_denied"
    assert await stage.tenant_of() == ""


async def test_the_administrator_has_no_mailbox(stage: Stage) -> None:
    """Somebody else's is tried; where nobody has one, it is said."""
    stage.mailbox.state = MailboxState.UNLICENSED
    waiting = await stage.connect()
    assert isinstance(waiting, consent.NotYet)
    assert waiting.code == "mailboxes_none"
    stage.people.add_mailbox(stage.acme, "anna@acme.example")
    assert isinstance(await stage.connect(), consent.Connected)


async def test_the_administrator_as_severa_knows_them(stage: Stage) -> None:
    """Their mailbox is tried too: the account that grants often has none, and may be the only one in a scope."""
    other = stage.people.add_mailbox(stage.acme, "anna@acme.example")
    stage.mailbox.state = MailboxState.UNLICENSED
    stage.registration.roles = ()
    stage.gateways.addresses = ("Anna@acme.example",)
    start = await stage.start()
    shown = await stage.confirmation(start)
    stage.people.open_mailboxes(stage.acme, CLIENT, [other])
    assert isinstance(await consent.confirm(stage.c, shown.state, start.cookie), consent.Connected)


async def test_revoked_later_and_granted_again(stage: Stage) -> None:
    """Consent that was taken away is missing, not a failure of the attempt; granting it again helps."""
    start = await stage.start()
    shown = await stage.confirmation(start)
    stage.people.revoke_consent(stage.acme, CLIENT, Consent.DISABLED)
    waiting = await consent.confirm(stage.c, shown.state, start.cookie)
    assert isinstance(waiting, consent.NotYet)
    assert waiting.code == "consent_missing"
    assert isinstance(await stage.connect(), consent.Connected)


async def test_graph_does_not_answer(stage: Stage) -> None:
    """It is tried again by the same confirmation."""
    start = await stage.start()
    shown = await stage.confirmation(start)
    stage.graph.faults.add(Fault(Action.STATUS, "GET", status=503))
    waiting = await consent.confirm(stage.c, shown.state, start.cookie)
    assert isinstance(waiting, consent.NotYet)
    assert waiting.code == "unavailable"
    assert isinstance(await consent.confirm(stage.c, waiting.state, start.cookie), consent.Connected)


# --- people decide otherwise ------------------------------------------------------------------------------------------
async def test_cancelled(stage: Stage) -> None:
    """Cancel at the consent and cancel at the sign-in: each is said, and the front end that asked is known."""
    start = await stage.start()
    answer = query_of(await stage.browser.cancel(start.address))
    assert answer["admin_consent"] == "True"
    with pytest.raises(ConsentRefused, match="consent_cancelled") as refused:
        await consent.callback(stage.c, answer, start.cookie)
    assert refused.value.front_end == FRONT_END
    start = await stage.start()
    answer = query_of(await stage.browser.cancel(await stage.signing_in(start)))
    with pytest.raises(ConsentRefused, match="sign_in_cancelled"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_cancelled_at_the_older_endpoint(stage: Stage) -> None:
    """It spells a cancellation in another way (facts/microsoft.md F1)."""
    start = await stage.start()
    state = parse_qs(urlsplit(start.address).query)["state"][0]
    answer = {"error": "permission_denied", "error_description": "The admin canceled the request", "state": state}
    with pytest.raises(ConsentRefused, match="consent_cancelled"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_not_an_administrator(stage: Stage) -> None:
    """Microsoft itself refuses (AADSTS90094), also an administrator of applications only."""
    for person in (
        stage.people.add_account(stage.acme.tenant_id, "bo@acme.example"),
        stage.people.add_account(stage.acme.tenant_id, "apps@acme.example", APPLICATION_ADMINISTRATOR),
    ):
        start = await stage.start()
        with pytest.raises(ConsentRefused, match="admin_needed: AADSTS90094"):
            await consent.callback(stage.c, await stage.granted(start, person), start.cookie)


async def test_another_error(stage: Stage) -> None:
    """Its number is kept, its text is not."""
    start = await stage.start()
    state = parse_qs(urlsplit(start.address).query)["state"][0]
    answer = {"error": "server_error", "error_description": "AADSTS90033: transient <b>", "state": state}
    with pytest.raises(ConsentRefused) as refused:
        await consent.callback(stage.c, answer, start.cookie)
    assert str(refused.value) == "consent_refused: AADSTS90033"


async def test_entra_does_not_answer(stage: Stage) -> None:
    """The attempt is over, and said to be worth repeating."""
    start = await stage.start()
    answer = await stage.granted(start)
    stage.graph.entra_faults.add(Fault(Action.STATUS, "GET", "openid-configuration", status=503))
    with pytest.raises(ConsentRefused, match="unavailable: login_unreachable"):
        await consent.callback(stage.c, answer, start.cookie)
    assert stage.graph.entra_faults.fired() == 1
    assert isinstance(await stage.connect(), consent.Connected)
