"""The calendar contract, sixth part: single dates of a series, written."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import ItemChanged, ItemRefused, RetryLater
from core.model.exceptions import DateChange, DateException
from core.model.expand import occurrence_on
from core.model.recurrence import Series, WholeDays
from tests.contract.calendars.content import HOUR, dates_of, moved, recurring, wanted
from tests.contract.calendars.harness import FaultKind, Harness
from tests.contract.calendars.series_reading import PLACES, shown
from tests.contract.calendars.series_writing import seen

EDITS: dict[str, dict[str, Any]] = {
    "subject": {"subject": "other"},
    "text": {"text": "other\n\ntext"},
    "no text": {"text": ""},
    "location": {"location": "elsewhere"},
    "everything": {"subject": "other", "text": "", "location": "elsewhere"},
}


def change(before: Any, day: date, wanted_then: DateException) -> DateChange:
    """The change that makes the date as wanted."""
    original = occurrence_on(before.essence.when, day)
    assert original is not None
    return DateChange(original, wanted_then)


def held_on(before: Any, day: date) -> DateException:
    """What takes place on that date, as seen."""
    held = before.essence.on(day)
    assert held is not None
    return replace(held)


class DatesContract:
    """`change_date`, in all directions."""

    async def _series(self, harness: Harness, when: Series | None = None) -> tuple[str, list[date]]:
        when = when or recurring(harness, times=5)
        return await harness.put("series", when, text="notes", location="room"), dates_of(when)

    async def _becomes(self, harness: Harness, entry: str, wanted_then: DateException) -> None:
        """The date is made as wanted; the echo, a read and a view say so, and no other date changes."""
        before = await seen(harness, entry)
        others = [one for one in before.essence.exceptions if one.day != wanted_then.day]
        echo = await harness.calendar.change_date(entry, before, change(before, wanted_then.day, wanted_then))
        assert echo == wanted_then
        after = await shown(harness, entry)
        assert after.on(wanted_then.day) == wanted_then
        assert [one for one in after.exceptions if one.day != wanted_then.day] == others
        assert replace(after, exceptions=()) == replace(before.essence, exceptions=())

    @pytest.mark.parametrize("place", PLACES)
    async def test_cancelling_a_date(self, harness: Harness, place: str) -> None:
        """It takes place no more, and can be said twice."""
        entry, days = await self._series(harness)
        await self._becomes(harness, entry, DateException(days[PLACES[place]]))
        await self._becomes(harness, entry, DateException(days[PLACES[place]]))

    @pytest.mark.parametrize("edit", EDITS)
    @pytest.mark.parametrize("place", PLACES)
    async def test_editing_a_date(self, harness: Harness, place: str, edit: str) -> None:
        """Only what is different is different."""
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        await self._becomes(harness, entry, replace(held_on(before, days[PLACES[place]]), **EDITS[edit]))

    @pytest.mark.parametrize("place", PLACES)
    async def test_moving_a_date(self, harness: Harness, place: str) -> None:
        """To another hour, and to another length."""
        entry, days = await self._series(harness)
        day = days[PLACES[place]]
        later = moved(held_on(await seen(harness, entry), day), 3 * HOUR)
        await self._becomes(harness, entry, later)
        assert later.when is not None
        await self._becomes(harness, entry, replace(later, when=replace(later.when, end=later.when.end + HOUR)))

    async def test_moving_a_date_of_whole_days(self, harness: Harness) -> None:
        """To another day."""
        entry, days = await self._series(harness, recurring(harness, None, WholeDays(), times=5))
        held = held_on(await seen(harness, entry), days[1])
        await self._becomes(harness, entry, moved(held, timedelta(days=1)))

    async def test_a_date_becomes_a_whole_day_and_back(self, harness: Harness) -> None:
        """A single date may be of another kind than its series."""
        entry, days = await self._series(harness)
        held = held_on(await seen(harness, entry), days[1])
        whole = wanted("days", recurring(harness, None, WholeDays(), times=5)).on(days[1])
        assert whole is not None
        await self._becomes(harness, entry, replace(held, when=whole.when))
        await self._becomes(harness, entry, held)

    async def test_changing_a_date_that_a_person_changed_before(self, harness: Harness) -> None:
        """An exception is changed like any date, as long as it is as seen."""
        entry, days = await self._series(harness)
        await harness.change(entry, days[1], subject="theirs")
        await harness.cancel(entry, days[3])
        held = held_on(await seen(harness, entry), days[1])
        await self._becomes(harness, entry, moved(replace(held, text="ours"), HOUR))

    async def test_taking_a_change_back(self, harness: Harness) -> None:
        """A date that is made what the series says is no exception any more."""
        entry, days = await self._series(harness)
        plain = held_on(await seen(harness, entry), days[1])
        await self._becomes(harness, entry, moved(replace(plain, subject="other"), 2 * HOUR))
        await self._becomes(harness, entry, plain)
        assert (await shown(harness, entry)).exceptions == ()

    async def test_moving_and_then_cancelling_a_date(self, harness: Harness) -> None:
        """The same date, wherever it was moved to."""
        entry, days = await self._series(harness)
        plain = held_on(await seen(harness, entry), days[1])
        await self._becomes(harness, entry, moved(plain, 2 * HOUR))
        await self._becomes(harness, entry, DateException(days[1]))

    async def test_bringing_a_cancelled_date_back(self, harness: Harness) -> None:
        """No side can do that: the change is refused, in these words."""
        entry, days = await self._series(harness)
        plain = held_on(await seen(harness, entry), days[1])
        await harness.cancel(entry, days[1])
        before = await seen(harness, entry)
        with pytest.raises(ItemRefused) as caught:
            await harness.calendar.change_date(entry, before, change(before, days[1], plain))
        assert caught.value.code == "occurrence_cancelled"

    async def test_nothing_to_change(self, harness: Harness) -> None:
        """A date that is as wanted already."""
        entry, days = await self._series(harness)
        await self._becomes(harness, entry, held_on(await seen(harness, entry), days[1]))

    @pytest.mark.parametrize("cancels", [False, True])
    async def test_a_date_that_a_person_changed_meanwhile(self, harness: Harness, *, cancels: bool) -> None:
        """Their edit stays: the caller has to look again."""
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        plain = held_on(before, days[1])
        await harness.change(entry, days[1], subject="theirs")
        ours = DateException(days[1]) if cancels else replace(plain, location="ours")
        with pytest.raises(ItemChanged):
            await harness.calendar.change_date(entry, before, change(before, days[1], ours))
        assert (await shown(harness, entry)).on(days[1]) == replace(plain, subject="theirs")

    async def test_a_date_that_a_person_cancelled_meanwhile(self, harness: Harness) -> None:
        """An edit of ours does not bring it back; to cancel it is done already."""
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        ours = replace(held_on(before, days[1]), subject="ours")
        await harness.cancel(entry, days[1])
        with pytest.raises(ItemChanged):
            await harness.calendar.change_date(entry, before, change(before, days[1], ours))
        with contextlib.suppress(ItemChanged):  # A calendar may want the caller to look again.
            gone = await harness.calendar.change_date(entry, before, change(before, days[1], DateException(days[1])))
            assert gone.is_cancelled
        assert (await shown(harness, entry)).exceptions == (DateException(days[1]),)

    async def test_a_date_of_a_series_that_a_person_deleted_meanwhile(self, harness: Harness) -> None:
        """Nothing comes back."""
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        await harness.remove(entry)
        ours = replace(held_on(before, days[1]), subject="ours")
        with pytest.raises(ItemChanged):
            await harness.calendar.change_date(entry, before, change(before, days[1], ours))
        assert await harness.calendar.read(entry) is None

    async def test_an_ordinary_date_without_a_look_at_the_series(self, harness: Harness) -> None:
        """Without a sighting, an ordinary occurrence can be changed, and nothing else."""
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        ours = replace(held_on(before, days[1]), subject="ours")
        assert await harness.calendar.change_date(entry, None, change(before, days[1], ours)) == ours
        gone = DateException(days[2])
        assert await harness.calendar.change_date(entry, None, change(before, days[2], gone)) == gone
        for day in days[1:3]:
            theirs = replace(held_on(before, day), location="again")
            with pytest.raises((ItemChanged, ItemRefused)):
                await harness.calendar.change_date(entry, None, change(before, day, theirs))
        assert (await shown(harness, entry)).exceptions == (ours, gone)

    async def test_p16b_a_date_that_crosses_its_neighbour(self, harness: Harness) -> None:
        """It is moved where the side allows that; else the change is refused, in these words, and not repeated."""
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        far = moved(held_on(before, days[1]), timedelta(days=2))
        if not harness.refuses_crossing:
            await self._becomes(harness, entry, far)
            return
        with pytest.raises(ItemRefused) as caught:
            await harness.calendar.change_date(entry, before, change(before, days[1], far))
        assert caught.value.code == "occurrence_crosses"
        assert (await shown(harness, entry)).exceptions == ()

    @pytest.mark.parametrize("kind", FaultKind)
    @pytest.mark.parametrize("cancels", [False, True])
    async def test_changing_a_date_while_the_service_fails(
        self, harness: Harness, kind: FaultKind, *, cancels: bool
    ) -> None:
        """A failed change says "retry later", and can be made after a look."""
        if kind not in harness.faults:
            pytest.skip(f"this side has no network that could fail as {kind}")
        entry, days = await self._series(harness)
        before = await seen(harness, entry)
        ours = DateException(days[1]) if cancels else replace(held_on(before, days[1]), subject="ours")
        harness.fault(kind)
        with pytest.raises(RetryLater):
            await harness.calendar.change_date(entry, before, change(before, days[1], ours))
        with pytest.raises(RetryLater):
            await harness.calendar.view(harness.window)
        harness.heal()
        await self._becomes(harness, entry, ours)
