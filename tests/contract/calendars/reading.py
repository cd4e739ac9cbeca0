"""The calendar contract, first part: what a calendar shows."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from core.errors import RetryLater
from core.model.when import all_day, timed
from tests.contract.calendars.content import HOUR, TEXTS, an_hour, day, soon, wanted
from tests.contract.calendars.harness import Harness


class ReadingContract:
    """Views, reads, and the proof of a deletion."""

    async def test_an_empty_calendar(self, harness: Harness) -> None:
        """A view of nothing is complete and empty."""
        seen = await harness.calendar.view(harness.window)
        assert seen.complete
        assert seen.sightings == ()
        assert seen.window == harness.window

    async def test_more_entries_than_a_page_holds(self, harness: Harness) -> None:
        """A view shows every entry exactly once, however many pages it takes."""
        count = 2 * harness.page + 1 if harness.page else 5
        ids = {await harness.put(f"entry {n}", an_hour(harness, 1 + n % 5)) for n in range(count)}
        seen = await harness.calendar.view(harness.window)
        assert seen.complete
        assert sorted(s.id for s in seen.sightings) == sorted(ids)
        assert len(ids) == count

    async def test_entries_at_the_edges_of_the_window(self, harness: Harness) -> None:
        """A view shows all entries that overlap the window, and only those."""
        start, end = harness.window.start, harness.window.end
        inside = {
            await harness.put("within", an_hour(harness)),
            await harness.put("over the start", timed(start - HOUR, start + HOUR)),
            await harness.put("over the end", timed(end - HOUR, end + HOUR)),
            await harness.put("around it all", timed(start - HOUR, end + HOUR)),
            await harness.put("zero length", timed(soon(harness), soon(harness))),
            await harness.put("whole day", all_day(soon(harness).date(), soon(harness, 2).date())),
            await harness.put("days over the start", all_day((start - 2 * 24 * HOUR).date(), day(start, 2))),
        }
        outside = {
            await harness.put("before", timed(start - 3 * HOUR, start - HOUR)),
            await harness.put("after", timed(end + HOUR, end + 3 * HOUR)),
            await harness.put("days before", all_day(day(start, -5), day(start, -3))),
            await harness.put("days after", all_day(day(end, 3), day(end, 5))),
        }
        seen = {s.id for s in (await harness.calendar.view(harness.window)).sightings}
        assert seen == inside
        assert not seen & outside

    async def test_a_view_agrees_with_reading_one_by_one(self, harness: Harness) -> None:
        """A view's sighting equals what `read` shows of the same entry."""
        await harness.put("timed", an_hour(harness), text="notes", location="room")
        await harness.put("days", all_day(soon(harness).date(), soon(harness, 3).date()))
        for sighting in (await harness.calendar.view(harness.window)).sightings:
            assert await harness.calendar.read(sighting.id) == sighting

    async def test_a_timed_entry(self, harness: Harness) -> None:
        """Times are seen as the same instants, in UTC."""
        entry = await harness.put("timed", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        assert (seen.id, seen.essence.when) == (entry, an_hour(harness))
        assert seen.version
        assert seen.created is not None
        assert seen.created.utcoffset() == timedelta(0)

    @pytest.mark.parametrize("days", [1, 2, 7])
    async def test_whole_days(self, harness: Harness, days: int) -> None:
        """All-day entries are dates with an exclusive end, whatever zone the side keeps them in."""
        when = all_day(soon(harness).date(), soon(harness, 1 + days).date())
        entry = await harness.put("days", when)
        seen = await harness.calendar.read(entry)
        assert seen is not None
        assert seen.essence.when == when

    async def test_an_entry_without_length(self, harness: Harness) -> None:
        """Zero length stays zero length (P22)."""
        entry = await harness.put("moment", timed(soon(harness), soon(harness)))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        assert seen.essence.when == timed(soon(harness), soon(harness))

    @pytest.mark.parametrize("name", TEXTS)
    async def test_texts_that_people_type(self, harness: Harness, name: str) -> None:
        """Whatever a person typed is seen in normal form."""
        text = TEXTS[name]
        entry = await harness.put(f"s {text}", an_hour(harness), text=text, location=text)
        seen = await harness.calendar.read(entry)
        assert seen is not None
        assert seen.essence == wanted(f"s {text}", an_hour(harness), text, text)

    async def test_a_private_entry(self, harness: Harness) -> None:
        """Privacy is seen."""
        entry = await harness.put("doctor", an_hour(harness), private=True)
        seen = await harness.calendar.read(entry)
        assert seen is not None
        assert seen.essence.private

    async def test_reading_what_was_never_there(self, harness: Harness) -> None:
        """A well-formed id of a deleted entry reads as None."""
        entry = await harness.put("short-lived", an_hour(harness))
        await harness.remove(entry)
        assert await harness.calendar.read(entry) is None

    async def test_a_change_moves_the_version(self, harness: Harness) -> None:
        """An edit gives another version; no edit gives the same."""
        entry = await harness.put("before", an_hour(harness))
        first, again = await harness.calendar.read(entry), await harness.calendar.read(entry)
        await harness.edit(entry, subject="after")
        edited = await harness.calendar.read(entry)
        assert first is not None
        assert again is not None
        assert edited is not None
        assert first.version == again.version
        assert first.version != edited.version
        assert edited.essence.subject == "after"

    async def test_verifying_a_living_entry(self, harness: Harness) -> None:
        """An entry that is alive is returned, with or without a witness."""
        entry = await harness.put("alive", an_hour(harness))
        witness = await harness.put("witness", an_hour(harness))
        for known in (witness, ""):
            seen = await harness.calendar.verify(entry, known)
            assert seen is not None
            assert seen.id == entry

    async def test_verifying_a_deleted_entry(self, harness: Harness) -> None:
        """A deletion is proven while another known entry still answers (R19)."""
        entry = await harness.put("doomed", an_hour(harness))
        witness = await harness.put("witness", an_hour(harness))
        await harness.remove(entry)
        assert await harness.calendar.verify(entry, witness) is None

    async def test_verifying_with_a_witness_that_is_gone_too(self, harness: Harness) -> None:
        """A missing witness proves nothing; where the side can prove the deletion otherwise, it may."""
        entry = await harness.put("doomed", an_hour(harness))
        witness = await harness.put("doomed too", an_hour(harness))
        await harness.put("alive", an_hour(harness, 2))
        await harness.remove(entry)
        await harness.remove(witness)
        with contextlib.suppress(RetryLater):
            assert await harness.calendar.verify(entry, witness) is None
