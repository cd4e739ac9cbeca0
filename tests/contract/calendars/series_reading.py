"""The calendar contract, fourth part: series and their exceptions, as a calendar shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.model.essence import Essence, with_exceptions
from core.model.exceptions import DateException
from core.model.pattern import Daily
from core.model.recurrence import WholeDays
from core.model.sighting import Shape
from core.model.when import Window
from tests.contract.calendars.content import (
    HOUR,
    RECURRENCES,
    an_hour,
    dates_of,
    moved,
    recurrences,
    recurring,
    soon,
    wanted,
)
from tests.contract.calendars.harness import Harness

PLACES = {"first": 0, "middle": 2, "last": -1}


async def shown(harness: Harness, entry: str) -> Essence:
    """The series as it is now, which `read` and `view` agree on."""
    seen = await harness.calendar.read(entry)
    assert seen is not None
    assert [s for s in (await harness.calendar.view(harness.window)).sightings if s.id == entry] == [seen]
    assert seen.shape is Shape.SERIES
    essence: Essence = seen.essence
    return essence


class SeriesReadingContract:
    """What views, reads and proofs say of series."""

    @pytest.mark.parametrize("kind", RECURRENCES)
    async def test_a_series(self, harness: Harness, kind: str) -> None:
        """It is one sighting, with its pattern by its own clocks, and no exception."""
        when = recurrences(harness)[kind]
        entry = await harness.put(kind, when, text="notes", location="room")
        assert await shown(harness, entry) == wanted(kind, when, "notes", "room")
        assert len((await harness.calendar.view(harness.window)).sightings) == 1

    @pytest.mark.parametrize("place", PLACES)
    async def test_a_date_that_a_person_cancelled(self, harness: Harness, place: str) -> None:
        """It is an exception of the series, the first and the last date like any other."""
        when = recurring(harness, times=5)
        entry, day = await harness.put("series", when), dates_of(when)[PLACES[place]]
        await harness.cancel(entry, day)
        assert (await shown(harness, entry)).exceptions == (DateException(day),)

    @pytest.mark.parametrize("place", PLACES)
    async def test_a_date_that_a_person_moved(self, harness: Harness, place: str) -> None:
        """It keeps its original date as its key, and all else that the series says."""
        when = recurring(harness, times=5)
        entry, day = await harness.put("series", when, text="notes", location="room"), dates_of(when)[PLACES[place]]
        plain = wanted("series", when, "notes", "room").on(day)
        assert plain is not None
        later = moved(plain, 5 * HOUR)
        await harness.change(entry, day, when=later.when)
        assert (await shown(harness, entry)).exceptions == (later,)

    @pytest.mark.parametrize("place", PLACES)
    async def test_a_date_that_a_person_edited(self, harness: Harness, place: str) -> None:
        """It has a content of its own, in normal form."""
        when = recurring(harness, times=5)
        entry, day = await harness.put("series", when, text="notes"), dates_of(when)[PLACES[place]]
        await harness.change(entry, day, subject=" this  one ", text="other\r\nnotes", location=" elsewhere ")
        plain = wanted("series", when).on(day)
        assert plain is not None
        edited = DateException(day, plain.when, "this one", "other\nnotes", "elsewhere")
        assert (await shown(harness, entry)).exceptions == (edited,)

    async def test_a_date_of_whole_days_that_a_person_moved(self, harness: Harness) -> None:
        """Dates of whole days are dates, as ever."""
        when = recurring(harness, None, WholeDays(), times=5)
        entry, day = await harness.put("days", when), dates_of(when)[1]
        plain = wanted("days", when).on(day)
        assert plain is not None
        later = moved(plain, timedelta(days=1))
        await harness.change(entry, day, when=later.when)
        assert (await shown(harness, entry)).exceptions == (later,)

    async def test_several_dates(self, harness: Harness) -> None:
        """All of a series' exceptions come with it, by date."""
        when = recurring(harness, times=6)
        entry, days = await harness.put("series", when), dates_of(when, 6)
        await harness.cancel(entry, days[4])
        await harness.change(entry, days[0], subject="opening")
        await harness.cancel(entry, days[2])
        plain = wanted("series", when).on(days[0])
        assert plain is not None
        opening = DateException(days[0], plain.when, "opening")
        expected = (opening, DateException(days[2]), DateException(days[4]))
        assert (await shown(harness, entry)).exceptions == expected

    async def test_a_date_that_a_person_changed_and_then_cancelled(self, harness: Harness) -> None:
        """What counts is that it does not take place."""
        when = recurring(harness, times=5)
        entry, day = await harness.put("series", when), dates_of(when)[1]
        await harness.change(entry, day, subject="other")
        await harness.cancel(entry, day)
        assert (await shown(harness, entry)).exceptions == (DateException(day),)

    async def test_a_date_that_a_person_changed_and_changed_back(self, harness: Harness) -> None:
        """What is as the series says is no exception, whatever the service keeps of it."""
        when = recurring(harness, times=5)
        entry, day = await harness.put("series", when), dates_of(when)[1]
        await harness.change(entry, day, subject="other")
        await harness.change(entry, day, subject="series")
        assert (await shown(harness, entry)).exceptions == ()

    async def test_exceptions_are_in_normal_form(self, harness: Harness) -> None:
        """The essence that is seen is what its own normal form makes of it."""
        when = recurring(harness, times=5)
        entry, days = await harness.put("series", when), dates_of(when)
        await harness.cancel(entry, days[3])
        await harness.change(entry, days[1], location="elsewhere")
        seen = await shown(harness, entry)
        assert seen == with_exceptions(seen, seen.exceptions)

    async def test_a_series_that_began_long_ago(self, harness: Harness) -> None:
        """A view shows it if it has a date left in the window (R7)."""
        entry = await harness.put("old", recurring(harness, days=-400))
        over = await harness.put("over", recurring(harness, days=-400, times=3))
        seen = {s.id for s in (await harness.calendar.view(harness.window)).sightings}
        assert entry in seen
        assert over not in seen

    async def test_a_view_without_series(self, harness: Harness) -> None:
        """Where series do not matter all single entries are shown, and nothing but whole entries."""
        single = await harness.put("single", an_hour(harness))
        await harness.put("series", recurring(harness, times=5))
        seen = (await harness.calendar.view(harness.window, series=False)).sightings
        assert single in {s.id for s in seen}
        assert {s.shape for s in seen} <= {Shape.SINGLE, Shape.SERIES}

    async def test_what_begins_later(self, harness: Harness) -> None:
        """Single entries and series that begin after an instant are found, however far ahead (R7)."""
        edge = soon(harness, 10)
        far = recurring(harness, days=900, times=5)
        inside = {
            await harness.put("single", an_hour(harness, 11)),
            await harness.put("series", recurring(harness, days=20, times=5)),
            (changed := await harness.put("far away", far)),
        }
        await harness.put("before", an_hour(harness, 9))
        await harness.put("series before", recurring(harness, days=1))
        await harness.cancel(changed, dates_of(far)[1])
        seen = await harness.calendar.later(edge)
        assert seen.complete
        assert sorted(s.id for s in seen.sightings) == sorted(inside)
        for sighting in seen.sightings:
            assert await harness.calendar.read(sighting.id) == sighting

    async def test_a_window_between_two_dates(self, harness: Harness) -> None:
        """A view of nothing shows no single entry, and is complete."""
        when = recurring(harness, Daily(6), times=5)
        await harness.put("series", when)
        between = soon(harness, 3)
        seen = await harness.calendar.view(Window(between, between + 24 * HOUR))
        assert seen.complete
        assert all(s.shape is Shape.SERIES for s in seen.sightings)

    async def test_verifying_a_living_series(self, harness: Harness) -> None:
        """It is alive whichever of its dates do not take place, and however long ago it began."""
        witness = await harness.put("witness", an_hour(harness))
        when = recurring(harness, times=5)
        plain, late, early = [await harness.put(name, when) for name in ("plain", "late", "early")]
        for day in dates_of(when)[1:]:
            await harness.cancel(late, day)
        for day in dates_of(when)[:-1]:
            await harness.cancel(early, day)
        old = await harness.put("old", recurring(harness, days=-400))
        for entry in (plain, late, early, old):
            seen = await harness.calendar.verify(entry, witness)
            assert seen is not None
            assert seen == await harness.calendar.read(entry)

    @pytest.mark.parametrize("endless", [True, False])
    async def test_verifying_a_deleted_series(self, harness: Harness, *, endless: bool) -> None:
        """Its deletion is proven like that of a single entry (R19), though a date was cancelled and one moved."""
        when = recurring(harness, times=None if endless else 5)
        entry, days = await harness.put("doomed", when), dates_of(when)
        witness = await harness.put("witness", recurring(harness, times=5))
        plain = wanted("doomed", when).on(days[0])
        assert plain is not None
        await harness.change(entry, days[0], when=moved(plain, 3 * HOUR).when)
        await harness.cancel(entry, days[-1])
        await harness.remove(entry)
        assert await harness.calendar.verify(entry, witness) is None
        assert [s.id for s in (await harness.calendar.view(harness.window)).sightings] == [witness]
