"""Every attack on the consent that design.md section 9 knows. Each test names the line that it guards."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core.model.consent import TenantBinding
from core.model.ids import UserId
from core.usecases import consent
from core.usecases.consent_rules import ConsentRefused
from tests.simulators.graph import Signature
from tests.simulators.graph.entra_accounts import PERSONAL_TENANT
from tests.unit.consent.consent_stage import (
    ADMIN,
    COMPANY,
    FRONT_END,
    MONDAY,
    OTHER_COMPANY,
    Stage,
    query_of,
    stage,
)

__all__ = ["stage"]


# --- the tenant -------------------------------------------------------------------------------------------------------
async def test_forged_tenant(stage: Stage) -> None:
    """An attacker names a victim's organization in the callback and signs in to their own.

    Guards consent_rules.check_person: `person.tenant != tenant`.
    """
    start = await stage.start()
    forged = {**await stage.granted(start), "tenant": stage.victim.tenant_id}
    needed = await consent.callback(stage.c, forged, start.cookie)
    assert isinstance(needed, consent.SignInNeeded)
    answer = query_of(await stage.browser.accept(needed.address, stage.root))
    with pytest.raises(ConsentRefused, match="tenant_mismatch"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_forged_tenant_by_an_employee_of_it(stage: Stage) -> None:
    """The attacker works for the victim, and can sign in there, but may not grant anything.

    Guards consent_rules.check_person: `not person.roles & MAY_CONSENT`.
    """
    employee = stage.people.add_account(stage.victim.tenant_id, "bo@victim.example")
    start = await stage.start()
    forged = {**await stage.granted(start), "tenant": stage.victim.tenant_id}
    needed = await consent.callback(stage.c, forged, start.cookie)
    assert isinstance(needed, consent.SignInNeeded)
    answer = query_of(await stage.browser.accept(needed.address, employee))
    with pytest.raises(ConsentRefused, match="role_insufficient"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_roles_that_the_token_does_not_tell(stage: Stage) -> None:
    """Nothing told is nothing proven. Guards consent_rules.check_person: `not person.roles`."""
    stage.registration.names_roles = False
    start = await stage.start()
    answer = await stage.signed_in(start)
    with pytest.raises(ConsentRefused, match="roles_not_told"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_a_wrong_organization_by_mistake(stage: Stage) -> None:
    """The administrator grants in one organization and signs in to another. Guards the same line as a forged tenant."""
    start = await stage.start()
    answer = query_of(await stage.browser.accept(await stage.signing_in(start), stage.victims_root))
    with pytest.raises(ConsentRefused, match="tenant_mismatch"):
        await consent.callback(stage.c, answer, start.cookie)


@pytest.mark.parametrize("tenant", ["", "common", "../..", "62e90394-69f5-4237-9190-01217714", "{guid}"])
async def test_a_tenant_that_is_none(stage: Stage, tenant: str) -> None:
    """Guards consent_rules.granted_tenant: `not _GUID.fullmatch(tenant)`."""
    start = await stage.start()
    with pytest.raises(ConsentRefused, match="tenant_missing"):
        await consent.callback(stage.c, {**await stage.granted(start), "tenant": tenant}, start.cookie)


async def test_a_tenant_of_another_company(stage: Stage) -> None:
    """It belongs to one company of the service. Guards consent_binding.bind: `held.company != attempt.company`."""
    await stage.connect(OTHER_COMPANY)
    start = await stage.start()
    shown = await stage.confirmation(start)
    with pytest.raises(ConsentRefused, match="tenant_taken"):
        await consent.confirm(stage.c, shown.state, start.cookie)
    assert await stage.tenant_of() == ""
    held = await stage.storage.consents.bind_tenant(TenantBinding(stage.acme.tenant_id, COMPANY, ADMIN, "", MONDAY))
    assert held.company == OTHER_COMPANY


async def test_personal_accounts(stage: Stage) -> None:
    """No organization stands behind them.

    Guards consent_rules.granted_tenant: `tenant == PERSONAL_TENANT`, and check_person: `person.tenant ==
    PERSONAL_TENANT`.
    """
    start = await stage.start()
    with pytest.raises(ConsentRefused, match="personal_account"):
        await consent.callback(stage.c, {**await stage.granted(start), "tenant": PERSONAL_TENANT}, start.cookie)
    person = stage.people.add_account(PERSONAL_TENANT, "anna@outlook.example")
    stage.options.personal_accounts = True
    start = await stage.start()
    answer = query_of(await stage.browser.accept(await stage.signing_in(start), person))
    with pytest.raises(ConsentRefused, match="personal_account"):
        await consent.callback(stage.c, answer, start.cookie)


# --- the browser and the administrator --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "https://mail.example/inbox",
        "http://severa.example/",
        "https://severa.example.evil.example/",
        "https://severa.example@evil.example/",
        "https://evil.example/?https://severa.example",
        "https://[",
    ],
)
async def test_start_link_sent_to_another_administrator(stage: Stage, referrer: str) -> None:
    """A link in a mail is not followed from Severa's own pages. Guards consent.open_start: `not in c.front_ends`."""
    state = await consent.begin(stage.c, COMPANY, ADMIN, "Attacker Oy")
    with pytest.raises(ConsentRefused, match="opened_elsewhere"):
        await consent.open_start(stage.c, state, referrer)


async def test_a_company_under_a_name_of_somebody_else(stage: Stage) -> None:
    """Where Severa tells no name, the pages say that the name is the caller's word. Guards consent.begin: `GIVEN`."""
    stage.names.known.clear()
    state = await consent.begin(stage.c, COMPANY, ADMIN, " Victim Oy ")
    start = await consent.open_start(stage.c, state, FRONT_END)
    assert start.company_name == "Victim Oy (a name that Severa did not confirm)"


@pytest.mark.parametrize("cookie", ["", "0" * 64])
async def test_consent_link_sent_to_another_administrator(stage: Stage, cookie: str) -> None:
    """The attacker opens the start page and sends on what leads to Microsoft; the victim's browser has no cookie.

    Guards consent_secrets.take: `attempt.browser and not hmac.compare_digest`.
    """
    start = await stage.start()
    answer = await stage.granted(start, stage.victims_root)
    with pytest.raises(ConsentRefused, match="other_browser"):
        await consent.callback(stage.c, answer, cookie)
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_confirmed_from_another_page(stage: Stage) -> None:
    """A form of somebody else's, which the cookie does not go with. Guards the same line, at the last step."""
    start = await stage.start()
    shown = await stage.confirmation(start)
    with pytest.raises(ConsentRefused, match="other_browser"):
        await consent.confirm(stage.c, shown.state, "")
    assert await stage.tenant_of() == ""


async def test_start_page_opened_twice(stage: Stage) -> None:
    """The second browser gets nothing. Guards consent_secrets.take: that it takes, not reads."""
    state = await consent.begin(stage.c, COMPANY, ADMIN)
    await consent.open_start(stage.c, state, FRONT_END)
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.open_start(stage.c, state, FRONT_END)


async def test_an_attempt_begun_anew(stage: Stage) -> None:
    """Voids the administrator's earlier ones, and not another administrator's. Guards consent.begin: `forget`."""
    theirs = await consent.begin(stage.c, COMPANY, UserId("aaaaaaaa-0000-4000-8000-000000000002"))
    first = await consent.begin(stage.c, COMPANY, ADMIN)
    await consent.begin(stage.c, COMPANY, ADMIN)
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.open_start(stage.c, first, FRONT_END)
    await consent.open_start(stage.c, theirs, FRONT_END)


# --- the state --------------------------------------------------------------------------------------------------------
async def test_replayed_states(stage: Stage) -> None:
    """Each of the four serves once, in the same browser too. Guards consent_secrets.take: that it takes, not reads."""
    start = await stage.start()
    granted = await stage.granted(start)
    needed = await consent.callback(stage.c, granted, start.cookie)
    assert isinstance(needed, consent.SignInNeeded)
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.callback(stage.c, granted, start.cookie)
    answer = query_of(await stage.browser.accept(needed.address, stage.root))
    shown = await consent.callback(stage.c, answer, start.cookie)
    assert isinstance(shown, consent.Confirmation)
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.callback(stage.c, answer, start.cookie)
    await consent.confirm(stage.c, shown.state, start.cookie)
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.confirm(stage.c, shown.state, start.cookie)


async def test_a_state_of_another_step(stage: Stage) -> None:
    """Nobody skips the sign-in. Guards consent_secrets.take: `attempt.step not in steps`."""
    start = await stage.start()
    state = parse_qs(urlsplit(start.address).query)["state"][0]
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.confirm(stage.c, state, start.cookie)
    begun = await consent.begin(stage.c, COMPANY, ADMIN)
    forged = {"admin_consent": "True", "tenant": stage.victim.tenant_id, "state": begun}
    with pytest.raises(ConsentRefused, match="link_used"):
        await consent.callback(stage.c, forged, start.cookie)


async def test_expired_states(stage: Stage) -> None:
    """Ten minutes from the beginning, at every step. Guards consent_secrets.take: `attempt.expires <=`."""
    state = await consent.begin(stage.c, COMPANY, ADMIN)
    stage.clock.advance(timedelta(minutes=10))
    with pytest.raises(ConsentRefused, match="link_expired"):
        await consent.open_start(stage.c, state, FRONT_END)
    start = await stage.start()
    answer = await stage.granted(start)
    stage.clock.advance(timedelta(minutes=10))
    with pytest.raises(ConsentRefused, match="link_expired"):
        await consent.callback(stage.c, answer, start.cookie)
    start = await stage.start()
    shown = await stage.confirmation(start)
    stage.clock.advance(timedelta(minutes=9, seconds=59))
    assert isinstance(await consent.confirm(stage.c, shown.state, start.cookie), consent.Connected)


async def test_states_that_nobody_gave(stage: Stage) -> None:
    """Malformed, guessed, or moved to another company. Guards consent_secrets: `_STATE`, and the company in the key."""
    start = await stage.start()
    state = parse_qs(urlsplit(start.address).query)["state"][0]
    moved = state.replace(COMPANY, OTHER_COMPANY)
    guessed = f"{COMPANY}.{'0' * 64}"
    for wrong, code in (("", "unknown"), ("x" * 9999, "unknown"), ("a/b." + "0" * 64, "unknown"),
                        (state + "\n", "unknown"), (moved, "used"), (guessed, "used")):  # fmt: skip
        with pytest.raises(ConsentRefused, match=f"link_{code}"):
            await consent.callback(stage.c, {**await stage.granted(start), "state": wrong}, start.cookie)


async def test_what_a_thief_of_the_table_finds(stage: Stage) -> None:
    """Neither the state nor the cookie, in whatever form. Guards consent_secrets.digest: that it is one."""
    start = await stage.start()
    state = parse_qs(urlsplit(start.address).query)["state"][0]
    kept = str(list(stage.storage.consents._attempts.items()))
    assert state.partition(".")[2] not in kept
    assert start.cookie not in kept
    assert FRONT_END in kept


# --- Microsoft's answers ----------------------------------------------------------------------------------------------
async def test_an_error_that_looks_like_success(stage: Stage) -> None:
    """`admin_consent=True` and a tenant stand beside it. Guards consent_rules.granted_tenant: `_check_error` first."""
    start = await stage.start()
    answer = {**await stage.granted(start), "error": "access_denied"}
    with pytest.raises(ConsentRefused, match="consent_refused"):
        await consent.callback(stage.c, answer, start.cookie)


@pytest.mark.parametrize("said", ["", "False", "yes"])
async def test_no_consent_in_the_answer(stage: Stage, said: str) -> None:
    """Guards consent_rules.granted_tenant: `admin_consent`."""
    start = await stage.start()
    with pytest.raises(ConsentRefused, match="consent_refused"):
        await consent.callback(stage.c, {**await stage.granted(start), "admin_consent": said}, start.cookie)


async def test_sign_in_without_a_code(stage: Stage) -> None:
    """Guards consent_rules.check_answer: `query.get("code")`."""
    start = await stage.start()
    answer = await stage.signed_in(start)
    with pytest.raises(ConsentRefused, match="sign_in_refused"):
        await consent.callback(stage.c, {"state": answer["state"]}, start.cookie)


async def test_a_code_of_another_sign_in(stage: Stage) -> None:
    """A victim's code, put into the attacker's callback. Guards sign_in.begin: PKCE, a verifier for each attempt."""
    theirs = await stage.start(OTHER_COMPANY)
    stolen = await stage.signed_in(theirs, stage.victims_root)
    start = await stage.start()
    answer = await stage.signed_in(start)
    with pytest.raises(ConsentRefused, match="sign_in_refused: AADSTS501481"):
        await consent.callback(stage.c, {**answer, "code": stolen["code"]}, start.cookie)


async def test_a_code_that_nobody_gave(stage: Stage) -> None:
    """Entra refuses it."""
    start = await stage.start()
    answer = await stage.signed_in(start)
    with pytest.raises(ConsentRefused, match="sign_in_refused: AADSTS70000"):
        await consent.callback(stage.c, {**answer, "code": "made-up"}, start.cookie)


@pytest.mark.parametrize("signature", [Signature.FOREIGN, Signature.NONE, Signature.CONFUSED])
async def test_a_forged_id_token(stage: Stage, signature: Signature) -> None:
    """Signed by a key that Entra does not publish, by nobody, or with Entra's public key as a secret.

    Guards id_tokens._claims: `jwt.decode` with the published key and one algorithm.
    """
    start = await stage.start()
    answer = await stage.signed_in(start)
    stage.options.signature = signature
    with pytest.raises(ConsentRefused, match="sign_in_invalid"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_an_id_token_that_expired(stage: Stage) -> None:
    """By our own clock. Guards id_tokens._check_time."""
    start = await stage.start()
    answer = await stage.signed_in(start)
    stage.options.id_token_seconds = -120
    with pytest.raises(ConsentRefused, match="sign_in_invalid: exp"):
        await consent.callback(stage.c, answer, start.cookie)


async def test_keys_that_rotate(stage: Stage) -> None:
    """A new key is looked up, once the keys may be asked for again."""
    await stage.connect()
    stage.people.rotate_keys()
    stage.clock.advance(timedelta(minutes=1))
    assert isinstance(await stage.connect(), consent.Connected)
