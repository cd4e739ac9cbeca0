"""The calendar contract, second part: what a calendar is made to hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import ItemChanged
from core.model.essence import Field
from core.model.operation import Draft
from core.model.when import timed
from tests.contract.calendars.content import HOUR, TEXTS, an_hour, shapes, soon, wanted
from tests.contract.calendars.harness import Harness

_ATTRIBUTE = {Field.SUBJECT: "subject", Field.TEXT: "text", Field.LOCATION: "location", Field.TIME: "when"}


class WritingContract:
    """Creates, updates and deletes."""

    @pytest.mark.parametrize(
        "shape", ["timed", "timed with everything", "zero length", "one day", "three days", "over midnight", "private"]
    )
    async def test_creating(self, harness: Harness, shape: str) -> None:
        """A create answers the echo: what the side holds, which `read` and `view` then show."""
        asked = shapes(harness)[shape]
        made = await harness.calendar.create(harness.draft(asked), harness.stamp())
        assert made.essence == asked
        assert made.version
        assert await harness.calendar.read(made.id) == made
        assert [s.id for s in (await harness.calendar.view(harness.window)).sightings] == [made.id]

    @pytest.mark.parametrize("name", TEXTS)
    async def test_creating_with_any_text(self, harness: Harness, name: str) -> None:
        """Text in normal form comes back as it was written, in every field that holds text."""
        asked = wanted(f"s {TEXTS[name]}", an_hour(harness), TEXTS[name], TEXTS[name])
        made = await harness.calendar.create(harness.draft(asked), harness.stamp())
        assert made.essence == asked

    async def test_creating_at_the_limits(self, harness: Harness) -> None:
        """Subject and location of the longest length that the side takes come back whole."""
        asked = wanted("s" * harness.subject_limit, an_hour(harness), "t" * 5000, "\u00e4" * harness.location_limit)
        made = await harness.calendar.create(harness.draft(asked), harness.stamp())
        assert made.essence == asked

    async def test_creating_twice_with_one_stamp(self, harness: Harness) -> None:
        """The same stamp makes no second entry, where the side keeps stamps (P01)."""
        if not harness.stamps:
            pytest.skip("this side keeps no stamp: the core looks for the twin")
        draft, stamp = harness.draft(wanted("once", an_hour(harness))), harness.stamp()
        first = await harness.calendar.create(draft, stamp)
        second = await harness.calendar.create(draft, stamp)
        assert first.id == second.id
        assert len((await harness.calendar.view(harness.window)).sightings) == 1

    async def test_creating_two_alike_with_two_stamps(self, harness: Harness) -> None:
        """Two intents are two entries, alike as they may be."""
        draft = harness.draft(wanted("twin", an_hour(harness)))
        first = await harness.calendar.create(draft, harness.stamp())
        second = await harness.calendar.create(draft, harness.stamp())
        assert first.id != second.id

    @pytest.mark.parametrize("field", [Field.SUBJECT, Field.TEXT, Field.LOCATION, Field.TIME])
    async def test_updating_one_field(self, harness: Harness, field: Field) -> None:
        """Only the named field is written; what else the draft says has no effect."""
        entry = await harness.put("before", an_hour(harness), text="old text", location="old place")
        seen = await harness.calendar.read(entry)
        assert seen is not None
        other = wanted("after", timed(soon(harness, 3), soon(harness, 3) + 2 * HOUR), "new text", "new place")
        asked = replace(seen.essence, **{_ATTRIBUTE[field]: getattr(other, _ATTRIBUTE[field])})
        made = await harness.calendar.update(seen, Draft(other), frozenset({field}))
        assert made.id == entry
        assert made.essence == asked
        assert made.version != seen.version
        assert await harness.calendar.read(entry) == made

    @pytest.mark.parametrize("to", ["timed", "zero length", "one day", "three days", "over midnight"])
    @pytest.mark.parametrize("was", ["timed", "three days"])
    async def test_moving_between_kinds_of_time(self, harness: Harness, was: str, to: str) -> None:
        """A timed entry becomes whole days, and back."""
        kinds = shapes(harness)
        entry = await harness.put("moving", kinds[was].when, text="stays")
        seen = await harness.calendar.read(entry)
        assert seen is not None
        made = await harness.calendar.update(seen, Draft(replace(kinds[to], text="")), frozenset({Field.TIME}))
        assert made.essence == replace(seen.essence, when=kinds[to].when)

    async def test_emptying_text_and_place(self, harness: Harness) -> None:
        """A field can be emptied."""
        entry = await harness.put("full", an_hour(harness), text="text", location="place")
        seen = await harness.calendar.read(entry)
        assert seen is not None
        draft = Draft(wanted("full", an_hour(harness)))
        made = await harness.calendar.update(seen, draft, frozenset({Field.TEXT, Field.LOCATION}))
        assert made.essence == wanted("full", an_hour(harness))

    async def test_making_an_entry_private_and_back(self, harness: Harness) -> None:
        """Privacy can be put on and taken off."""
        made = await harness.calendar.create(harness.draft(wanted("a", an_hour(harness))), harness.stamp())
        for private in (True, False):
            draft = harness.draft(wanted("a", an_hour(harness), private=private))
            made = await harness.calendar.update(made, draft, frozenset({Field.PRIVACY}))
            assert made.essence.private is private

    async def test_updating_what_a_person_changed_meanwhile(self, harness: Harness) -> None:
        """A stale update is refused and writes nothing; where the side cannot tell, other fields stay the person's."""
        entry = await harness.put("before", an_hour(harness), text="old")
        seen = await harness.calendar.read(entry)
        assert seen is not None
        await harness.edit(entry, text="theirs")
        draft, fields = Draft(wanted("ours", an_hour(harness), "old")), frozenset({Field.SUBJECT})
        if harness.detects_stale:
            with pytest.raises(ItemChanged):
                await harness.calendar.update(seen, draft, fields)
        else:
            await harness.calendar.update(seen, draft, fields)
        after = await harness.calendar.read(entry)
        assert after is not None
        assert after.essence.text == "theirs"
        assert after.essence.subject == ("before" if harness.detects_stale else "ours")

    async def test_updating_what_a_person_deleted_meanwhile(self, harness: Harness) -> None:
        """An update never brings an entry back."""
        entry = await harness.put("before", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        await harness.remove(entry)
        with pytest.raises(ItemChanged):
            await harness.calendar.update(seen, Draft(wanted("after", an_hour(harness))), frozenset({Field.SUBJECT}))
        assert await harness.calendar.read(entry) is None

    async def test_deleting(self, harness: Harness) -> None:
        """A deleted entry is gone from reads and views; others stay."""
        entry, other = await harness.put("a", an_hour(harness)), await harness.put("b", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        await harness.calendar.delete(seen)
        assert await harness.calendar.read(entry) is None
        assert [s.id for s in (await harness.calendar.view(harness.window)).sightings] == [other]

    async def test_deleting_what_is_gone(self, harness: Harness) -> None:
        """Deleting twice, or after a person did, is success (P31)."""
        entry = await harness.put("a", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        await harness.remove(entry)
        await harness.calendar.delete(seen)
        await harness.calendar.delete(seen)

    async def test_deleting_what_a_person_changed_meanwhile(self, harness: Harness) -> None:
        """A changed entry is not deleted: where there is no conditional delete, the calendar reads just before."""
        entry = await harness.put("a", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        await harness.edit(entry, subject="changed")
        with pytest.raises(ItemChanged):
            await harness.calendar.delete(seen)
        assert await harness.calendar.read(entry) is not None
