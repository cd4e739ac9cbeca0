"""A pair that fails for good says why, and stops asking until somebody has had time to act (P41)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ItemRefused, Stop
from core.model.subscription import Subscription
from core.usecases.hints import note_presence
from core.usecases.report import Outcome
from core.usecases.resync import resync
from core.usecases.status import company_status, own_status
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.words import TABLE, words
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage

SERVICES = ("severa", "microsoft", "company")


async def without_mailbox() -> Stage:
    """Anna's address in Severa is that of no mailbox."""
    stage = await make_stage()
    stage.severa.users_by_id[ANNA] = replace(stage.severa.users_by_id[ANNA], addresses=("nobody@example.org",))
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.STOPPED, "mailbox_not_found")
    return stage


def mend(stage: Stage) -> None:
    """Somebody corrects the address."""
    stage.severa.users_by_id[ANNA] = replace(stage.severa.users_by_id[ANNA], addresses=("anna@example.org",))


async def asked(stage: Stage) -> int:
    """How many calls of a service a run makes now."""
    stage.watch.reset()
    await stage.run()
    return stage.watch.of(*SERVICES)


async def test_navigating_while_a_person_has_to_act() -> None:
    """Not every page that is opened asks: after each failure a longer time passes, a quarter of an hour at most."""
    stage = await without_mailbox()
    asks = []
    for minute in range(60):
        stage.clock.advance(timedelta(minutes=1))
        await note_presence(stage.ports, stage.pair)
        if await asked(stage):
            asks.append(minute + 1)
    assert asks == [1, 3, 7, 15, 30, 45, 60]
    status = await own_status(stage.ports, stage.pair)
    assert (status.pair.code, status.pair.failures) == ("mailbox_not_found", 8)


async def test_a_run_that_is_left_out_says_why() -> None:
    """Its report names the state; the state's failures are not counted again."""
    stage = await without_mailbox()
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.SKIPPED, "mailbox_not_found")
    assert (await stage.head()).state.health.failures == 1


async def test_it_was_mended() -> None:
    """The next look that is due finds out by itself, and the state is well again."""
    stage = await without_mailbox()
    mend(stage)
    stage.clock.advance(timedelta(minutes=1))
    assert (await stage.run()).outcome is Outcome.DONE
    assert (await own_status(stage.ports, stage.pair)).pair.code == "ok"


@pytest.mark.parametrize("act", ["own switch", "company switch", "comparison"])
async def test_somebody_acts(act: str) -> None:
    """Whoever moves a switch or asks for a comparison is served at once."""
    stage = await without_mailbox()
    for _ in range(8):
        stage.clock.advance(timedelta(minutes=20))
        await stage.run()
    mend(stage)
    stage.clock.advance(timedelta(seconds=5))
    assert await asked(stage) == 0
    match act:
        case "own switch":
            await set_user_switch(stage.ports, stage.pair, on=False)
            await set_user_switch(stage.ports, stage.pair, on=True)
        case "company switch":
            await set_company_switch(stage.ports, COMPANY, on=False)
            await set_company_switch(stage.ports, COMPANY, on=True)
        case _:
            await resync(stage.ports, stage.pair)
    assert (await stage.run()).outcome is Outcome.DONE


async def test_the_sweep_and_a_pair_that_fails_for_good() -> None:
    """It is looked at a few times a day, not a few times an hour; a pair that is well is looked at as ever."""
    stage = await without_mailbox()
    await stage.work(minutes=30)  # What was on its way.
    stage.watch.reset()
    await stage.work(minutes=24 * 60)
    assert 1 <= stage.watch.calls["company.user"] <= 24 * 60 / 360 + 1
    assert stage.watch.calls["microsoft.changes"] >= 24 * 4 - 1  # Bert's


async def test_a_run_in_which_everything_failed() -> None:
    """It is no success: health counts it, and the status says so, until something goes through."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.fail("before severa.update", ItemRefused("severa_permission_denied"), times=1)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    await stage.run()
    status = (await own_status(stage.ports, stage.pair)).pair
    assert (status.code, status.failures) == ("nothing_went_through", 1)
    assert words(status.code).remedy
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert (await own_status(stage.ports, stage.pair)).pair.code == "ok"


async def test_p41_what_failed_waits_for_its_next_try() -> None:
    """P41: runs that try nothing in between are no success: the state stays, and so does its count of failures."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.fail("before severa.update", ItemRefused("severa_permission_denied"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    failures = []
    for _ in range(60):
        report = await stage.run()
        status = (await own_status(stage.ports, stage.pair)).pair
        assert (status.code, status.waiting) == ("nothing_went_through", 1)
        failures += [status.failures] if report.refused else []
        stage.clock.advance(timedelta(minutes=1))
    assert failures == [1, 2, 3, 4]
    stage.watch.interrupt = None
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited once more"))
    await stage.settle()
    assert (await own_status(stage.ports, stage.pair)).pair.code == "ok"


@pytest.mark.parametrize(
    "code",
    [
        *("mailbox_not_found", "mailbox_changed", "mailbox_not_in_microsoft365", "consent_missing"),
        *("exchange_login_refused", "severa_user_license_type", "throttled", "severa_throttled", "held"),
        *("severa_credentials_refused", "severa_addon_missing", "storage_unavailable", "exchange_busy"),
    ],
)
async def test_what_a_pair_can_fail_of(code: str) -> None:
    """One state name, one sentence, one remedy, shown to its user and to administrators."""
    assert code in TABLE
    assert TABLE[code].sentence
    assert TABLE[code].remedy


async def test_a_stop_of_any_kind_is_shown() -> None:
    """What stopped the last run is the pair's state, in both views."""
    stage = await make_stage()
    stage.fail("before pairs.commit", Stop("consent_missing", whole_company=True))
    await stage.run()
    own = await own_status(stage.ports, stage.pair)
    company = await company_status(stage.ports, COMPANY, "", 10)
    assert own.pair == company.pairs[0]
    assert own.pair.code == "consent_missing"


async def test_a_mailbox_that_notifications_do_not_reach() -> None:
    """Why is shown beside the state: to its user and to administrators. It stops nothing."""
    stage = await make_stage()
    await stage.settle()
    subscriptions = stage.storage.subscriptions
    await subscriptions.put(COMPANY, Subscription(ANNA, code="subscription_quota"))
    await subscriptions.put(COMPANY, Subscription(BERT))
    own = await own_status(stage.ports, stage.pair, subscriptions)
    company = await company_status(stage.ports, COMPANY, "", 10, subscriptions)
    assert (own.pair.code, own.pair.notifications) == ("ok", "subscription_quota")
    assert [pair.notifications for pair in company.pairs] == ["subscription_quota", ""]
