"""The calendar contract, fifth part: series that are made, changed and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.errors import ItemChanged
from core.model.essence import Field, with_exceptions
from core.model.exceptions import DateException
from core.model.operation import Draft
from core.model.pattern import Daily
from core.model.recurrence import WholeDays
from core.model.sighting import Shape
from tests.contract.calendars.content import (
    RECURRENCES,
    an_hour,
    clock,
    dates_of,
    recurrences,
    recurring,
    wanted,
)
from tests.contract.calendars.harness import Harness

TIME = frozenset({Field.TIME})
_ATTRIBUTE = {Field.SUBJECT: "subject", Field.TEXT: "text", Field.LOCATION: "location"}


async def seen(harness: Harness, entry: str) -> Any:
    """The entry as it is now."""
    found = await harness.calendar.read(entry)
    assert found is not None
    return found


class SeriesWritingContract:
    """Creates, updates and deletes of series."""

    @pytest.mark.parametrize("kind", RECURRENCES)
    async def test_creating_a_series(self, harness: Harness, kind: str) -> None:
        """A create answers the echo, which `read` and `view` then show."""
        asked = wanted(kind, recurrences(harness)[kind], "text", "place")
        made = await harness.calendar.create(harness.draft(asked), harness.stamp())
        assert (made.shape, made.essence) == (Shape.SERIES, asked)
        assert await harness.calendar.read(made.id) == made
        assert [s.id for s in (await harness.calendar.view(harness.window)).sightings] == [made.id]

    async def test_creating_a_series_that_has_exceptions(self, harness: Harness) -> None:
        """It is made without them: they are written date by date."""
        bare = wanted("series", recurring(harness, times=5))
        days = dates_of(recurring(harness, times=5))
        asked = with_exceptions(bare, [DateException(days[1])])
        made = await harness.calendar.create(harness.draft(asked), harness.stamp())
        assert made.essence == bare

    async def test_creating_a_private_series(self, harness: Harness) -> None:
        """Privacy is kept."""
        asked = wanted("doctor", recurring(harness, times=5), private=True)
        made = await harness.calendar.create(harness.draft(asked), harness.stamp())
        assert made.essence == asked

    async def test_creating_a_series_twice_with_one_stamp(self, harness: Harness) -> None:
        """The same stamp makes no second series, and the answer has what people did to the first one (P01)."""
        if not harness.stamps:
            pytest.skip("this side keeps no stamp: the core looks for the twin")
        when = recurring(harness, times=5)
        draft, stamp = harness.draft(wanted("once", when)), harness.stamp()
        first = await harness.calendar.create(draft, stamp)
        await harness.cancel(first.id, dates_of(when)[1])
        second = await harness.calendar.create(draft, stamp)
        assert second.id == first.id
        assert second.essence.exceptions == (DateException(dates_of(when)[1]),)

    @pytest.mark.parametrize("field", _ATTRIBUTE)
    async def test_updating_one_field_of_a_series(self, harness: Harness, field: Field) -> None:
        """Only the named field is written; pattern and cancelled dates stay."""
        when = recurring(harness, times=5)
        entry = await harness.put("before", when, text="old text", location="old place")
        await harness.cancel(entry, dates_of(when)[1])
        before = await seen(harness, entry)
        other = wanted("after", recurring(harness, Daily(3), days=4), "new text", "new place")
        asked = replace(before.essence, **{_ATTRIBUTE[field]: getattr(other, _ATTRIBUTE[field])})
        made = await harness.calendar.update(before, Draft(other), frozenset({field}))
        assert made.essence == asked
        assert made.version != before.version
        assert await harness.calendar.read(entry) == made

    async def test_updating_a_series_with_an_edited_date(self, harness: Harness) -> None:
        """The echo tells what became of the date, which `read` then shows too."""
        when = recurring(harness, times=5)
        entry = await harness.put("before", when, text="text")
        await harness.change(entry, dates_of(when)[1], subject="other")
        before = await seen(harness, entry)
        made = await harness.calendar.update(before, Draft(wanted("after", when, "new")), frozenset({Field.TEXT}))
        assert (made.essence.subject, made.essence.text) == ("before", "new")
        assert await harness.calendar.read(entry) == made

    @pytest.mark.parametrize("to", RECURRENCES)
    @pytest.mark.parametrize("was", ["some times", "two whole days"])
    async def test_a_new_pattern(self, harness: Harness, was: str, to: str) -> None:
        """Any series can become any other one; what else the entry holds stays."""
        kinds = recurrences(harness)
        entry = await harness.put("series", kinds[was], text="stays")
        before = await seen(harness, entry)
        made = await harness.calendar.update(before, Draft(wanted("other", kinds[to])), TIME)
        assert made.essence == wanted("series", kinds[to], "stays")
        assert await harness.calendar.read(entry) == made

    async def test_a_new_time_for_a_series_with_exceptions(self, harness: Harness) -> None:
        """The echo has what the service left of them, and nothing that the draft does not have cancelled."""
        when, days = recurring(harness, times=5), dates_of(recurring(harness, times=5))
        entry = await harness.put("series", when)
        await harness.cancel(entry, days[1])
        await harness.change(entry, days[2], subject="other")
        before = await seen(harness, entry)
        later = recurring(harness, at=clock(harness, "13:00", 90), times=5)
        asked = with_exceptions(wanted("series", later), [DateException(days[1])])
        made = await harness.calendar.update(before, Draft(asked), TIME)
        assert made.essence.when == later
        assert {one.day for one in made.essence.exceptions} <= {days[1], days[2]}
        assert await harness.calendar.read(entry) == made
        again = await harness.calendar.update(made, Draft(wanted("series", when)), TIME)
        assert again.essence.when == when
        assert not [one for one in again.essence.exceptions if one.is_cancelled]
        assert await harness.calendar.read(entry) == again

    @pytest.mark.parametrize("days", [False, True])
    async def test_a_single_entry_that_becomes_a_series_and_back(self, harness: Harness, *, days: bool) -> None:
        """It stays the same entry."""
        at = WholeDays() if days else clock(harness)
        when = recurring(harness, Daily(3), at, days=2, times=4)
        entry = await harness.put("single", an_hour(harness), text="stays")
        single = await seen(harness, entry)
        recurs = await harness.calendar.update(single, Draft(wanted("other", when)), TIME)
        assert (recurs.id, recurs.shape) == (entry, Shape.SERIES)
        assert recurs.essence == wanted("single", when, "stays")
        assert await harness.calendar.read(entry) == recurs
        await harness.cancel(entry, dates_of(when)[1])
        recurs = await seen(harness, entry)
        alone = await harness.calendar.update(recurs, Draft(wanted("other", an_hour(harness, 3))), TIME)
        assert (alone.id, alone.shape) == (entry, Shape.SINGLE)
        assert alone.essence == wanted("single", an_hour(harness, 3), "stays")
        assert await harness.calendar.read(entry) == alone

    async def test_updating_a_series_that_a_person_changed_meanwhile(self, harness: Harness) -> None:
        """A stale update is refused where the side can tell, also for one of its dates; it never costs that date."""
        when = recurring(harness, times=5)
        entry = await harness.put("before", when)
        before = await seen(harness, entry)
        await harness.cancel(entry, dates_of(when)[1])
        draft, fields = Draft(wanted("ours", when)), frozenset({Field.SUBJECT})
        if harness.detects_stale:
            with pytest.raises(ItemChanged):
                await harness.calendar.update(before, draft, fields)
        else:
            await harness.calendar.update(before, draft, fields)
        after = await seen(harness, entry)
        assert after.essence.exceptions == (DateException(dates_of(when)[1]),)

    async def test_deleting_a_series(self, harness: Harness) -> None:
        """A deleted series is gone from reads and views with all its dates; others stay."""
        when = recurring(harness, times=5)
        entry, other = await harness.put("a", when), await harness.put("b", when)
        await harness.change(entry, dates_of(when)[1], subject="other")
        await harness.calendar.delete(await seen(harness, entry))
        assert await harness.calendar.read(entry) is None
        assert [s.id for s in (await harness.calendar.view(harness.window)).sightings] == [other]

    async def test_deleting_a_series_that_a_person_changed_meanwhile(self, harness: Harness) -> None:
        """A date that somebody edited in between keeps the series alive (R18)."""
        when = recurring(harness, times=5)
        entry = await harness.put("a", when)
        before = await seen(harness, entry)
        await harness.change(entry, dates_of(when)[1], subject="other")
        with pytest.raises(ItemChanged):
            await harness.calendar.delete(before)
        assert await harness.calendar.read(entry) is not None
