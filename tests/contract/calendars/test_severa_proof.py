"""What proves a deletion in Severa (R19): 404 by id while another activity still answers by id."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.errors import RetryLater, Stop
from tests.contract.calendars.content import an_hour
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.simulators.common.faults import Action, Fault

GONE = Fault(Action.STATUS, method="GET", path="/activities/", status=404, times=None)


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar."""
    async with severa_stage() as stage:
        yield stage


@pytest.fixture
async def entry(stage: SeveraStage) -> str:
    """A deleted activity."""
    entry = await stage.put("doomed", an_hour(stage))
    await stage.remove(entry)
    return entry


async def test_a_living_witness(stage: SeveraStage, entry: str) -> None:
    """Two reads are enough."""
    witness = await stage.put("witness", an_hour(stage))
    stage.severa.requests.reset()
    assert await stage.calendar.verify(entry, witness) is None
    assert [(asked.path, asked.status) for asked in stage.severa.requests.entries] == [
        ("/v1/activities/{guid}", 404),
        ("/v1/activities/{guid}", 200),
    ]


@pytest.mark.parametrize("witness", ["", "itself", "deleted"])
async def test_no_living_witness(stage: SeveraStage, entry: str, witness: str) -> None:
    """Any other activity of the company will do, if it answers by id."""
    deleted = await stage.put("deleted", an_hour(stage))
    await stage.remove(deleted)
    stage.people.add_activity(stage.ben, "of somebody else", stage.now(), stage.now())
    known = {"": "", "itself": entry, "deleted": deleted}[witness]
    assert await stage.calendar.verify(entry, known) is None


async def test_the_last_activity_of_a_company(stage: SeveraStage, entry: str) -> None:
    """Where there is no other activity, it must at least answer us."""
    assert await stage.calendar.verify(entry, "") is None
    assert stage.severa.requests.count("GET", "/heartbeat/authorized", 204) == 1
    stage.severa.faults.add(Fault(Action.STATUS, path="/heartbeat", status=404))
    with pytest.raises(RetryLater):
        await stage.calendar.verify(entry, "")


async def test_reads_by_id_that_answer_404_for_everything(stage: SeveraStage) -> None:
    """A lost permission or a wrong address is not a deletion (R19, P25)."""
    entry, witness = await stage.put("alive", an_hour(stage)), await stage.put("alive too", an_hour(stage))
    stage.severa.faults.add(GONE)
    for known in (witness, ""):
        with pytest.raises(RetryLater, match="severa_deletion_unproven"):
            await stage.calendar.verify(entry, known)


async def test_everything_answers_404(stage: SeveraStage) -> None:
    """A listing that is not found proves nothing either."""
    entry = await stage.put("alive", an_hour(stage))
    stage.severa.faults.add(Fault(Action.STATUS, method="GET", status=404, times=None))
    with pytest.raises(RetryLater):
        await stage.calendar.verify(entry, "")


async def test_a_listing_that_lags_behind(stage: SeveraStage) -> None:
    """A deleted entry that the listing still shows is no witness of itself; a new one that it lacks is alive (P30)."""
    stage.severa.delay_listings(60)
    entry = await stage.put("doomed", an_hour(stage))
    stage.clock.advance(minutes=5)
    await stage.remove(entry)
    assert await stage.calendar.verify(entry, "") is None
    assert stage.severa.requests.count("GET", "/heartbeat/authorized", 204) == 1
    fresh = await stage.put("new", an_hour(stage))
    seen = await stage.calendar.verify(fresh, "")
    assert seen is not None
    assert [activity.id for activity in (await stage.calendar.view(stage.window)).sightings] == [entry]


@pytest.mark.parametrize("status", [403, 429, 500, 503])
async def test_a_witness_that_cannot_be_asked(stage: SeveraStage, entry: str, status: int) -> None:
    """The proof waits."""
    witness = await stage.put("witness", an_hour(stage))
    stage.severa.faults.add(Fault(Action.STATUS, path=witness, status=status))
    with pytest.raises(RetryLater):
        await stage.calendar.verify(entry, witness)


async def test_credentials_that_are_refused_meanwhile(stage: SeveraStage, entry: str) -> None:
    """The company stops; nothing is taken for deleted."""
    stage.severa.faults.add(Fault(Action.STATUS, status=401, times=None))
    with pytest.raises(Stop):
        await stage.calendar.verify(entry, "")
