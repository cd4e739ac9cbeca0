"""A preview of meetings: it tells what a run would do, and writes nothing on either side or in the company's rows."""

from __future__ import annotations

from datetime import timedelta

from core.usecases.preview import Does, preview
from tests.contract.whole.meeting import HOUR, TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, has, one_of
from tests.contract.whole.test_meetings_dates import CARL, in_the_date
from tests.contract.whole.test_meetings_series import THIRD, meets


async def _previewed(us: Company, name: str) -> set[Does]:
    us.stage.quiet()
    told = await preview(us.stage.ports, us.stage.pair(name))
    for log in (us.stage.severa.requests, us.stage.graph.requests):
        written = [f"{one.method} {one.path}" for one in log.entries if one.method not in ("GET", "POST")]
        assert written == []
    return {does for does, _ in told.counts}


async def test_a_meeting_that_its_organizer_has_in_severa_already() -> None:
    """An attendee looks first: it is that activity, and no claim is put on it by looking."""
    async with company() as us:
        meeting_at = TEN + timedelta(hours=2)
        us.severa.add_activity(us.stage.users["anna"], "Board", meeting_at, meeting_at + HOUR)
        us.meet("anna", "bert", start=meeting_at)
        assert await _previewed(us, "bert") == {Does.UPDATED}
        await us.settle()
        assert us.people(await one_of(us)) == ("anna", {"bert"})


async def test_a_copy_that_is_to_give_way_to_an_invitation() -> None:
    """The copy is still there after the look, and gone after the run."""
    async with company() as us:
        bert = us.stage.users["bert"]
        us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, participants=[bert])
        us.stage.clock.advance(DAY)
        await us.settle()
        us.stage.clock.advance(AGED)
        [copy] = us.graph.events_of(us.stage.mailboxes["anna"])
        us.graph.add_attendees(copy.immutable_id, "bert@example.org")
        await us.settle("anna")
        before = has(us, "bert", "Visit")
        await _previewed(us, "bert")
        assert has(us, "bert", "Visit") == before == 2
        await us.settle()
        assert has(us, "bert", "Visit") == 1


async def test_a_single_date_of_a_series() -> None:
    """It is told, and nobody is added by looking."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        assert await _previewed(us, "carl") == {Does.UPDATED}
        assert in_the_date(us) == ["bert"]
