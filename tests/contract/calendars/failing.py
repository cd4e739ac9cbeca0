"""The calendar contract, third part: failures leave as the errors of core/errors.py, and nothing is doubled."""

from __future__ import annotations

import contextlib

import pytest

from core.errors import OutcomeUnknown, RetryLater
from core.model.essence import Field
from core.model.operation import Draft
from tests.contract.calendars.content import an_hour, wanted
from tests.contract.calendars.harness import FaultKind, Harness

_LOST = frozenset({FaultKind.DROPPED, FaultKind.TRUNCATED, FaultKind.HANGING})
_AFTER_EFFECT = frozenset({FaultKind.DROPPED, FaultKind.TRUNCATED})


def _needs(harness: Harness, kind: FaultKind) -> None:
    if kind not in harness.faults:
        pytest.skip(f"this side has no network that could fail as {kind}")


class FailingContract:
    """Every call under every fault."""

    @pytest.mark.parametrize("kind", FaultKind)
    async def test_reading_while_the_service_fails(self, harness: Harness, kind: FaultKind) -> None:
        """A read or a view fails as "retry later"; it never shows less than there is (P23)."""
        _needs(harness, kind)
        entry = await harness.put("a", an_hour(harness))
        harness.fault(kind)
        with pytest.raises(RetryLater):
            await harness.calendar.read(entry)
        with pytest.raises(RetryLater):
            await harness.calendar.view(harness.window)
        harness.heal()
        assert len((await harness.calendar.view(harness.window)).sightings) == 1

    @pytest.mark.parametrize("kind", FaultKind)
    async def test_verifying_while_the_service_fails(self, harness: Harness, kind: FaultKind) -> None:
        """A failed read never proves a deletion (P23)."""
        _needs(harness, kind)
        entry = await harness.put("doomed", an_hour(harness))
        await harness.remove(entry)
        harness.fault(kind)
        with pytest.raises(RetryLater):
            await harness.calendar.verify(entry, "")
        harness.heal()
        assert await harness.calendar.verify(entry, "") is None

    @pytest.mark.parametrize("kind", FaultKind)
    async def test_creating_while_the_service_fails(self, harness: Harness, kind: FaultKind) -> None:
        """A create whose answer was lost says so; a throttled one says "later"; nothing is sent twice (P01, P56)."""
        _needs(harness, kind)
        draft, stamp = harness.draft(wanted("once", an_hour(harness))), harness.stamp()
        harness.fault(kind)
        with pytest.raises(OutcomeUnknown if kind in _LOST else RetryLater):
            await harness.calendar.create(draft, stamp)
        harness.heal()
        there = (await harness.calendar.view(harness.window)).sightings
        assert len(there) == (1 if kind in _AFTER_EFFECT else 0)
        if harness.stamps:
            made = await harness.calendar.create(draft, stamp)
            assert [s.id for s in (await harness.calendar.view(harness.window)).sightings] == [made.id]

    @pytest.mark.parametrize("kind", FaultKind)
    async def test_updating_while_the_service_fails(self, harness: Harness, kind: FaultKind) -> None:
        """An update whose answer was lost says so, and can be done again after a look."""
        _needs(harness, kind)
        entry = await harness.put("before", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        draft, fields = Draft(wanted("after", an_hour(harness))), frozenset({Field.SUBJECT})
        harness.fault(kind)
        with pytest.raises(OutcomeUnknown if kind in _LOST else RetryLater):
            await harness.calendar.update(seen, draft, fields)
        harness.heal()
        again = await harness.calendar.read(entry)
        assert again is not None
        assert again.essence.subject == ("after" if kind in _AFTER_EFFECT else "before")
        assert (await harness.calendar.update(again, draft, fields)).essence.subject == "after"

    @pytest.mark.parametrize("kind", FaultKind)
    async def test_deleting_while_the_service_fails(self, harness: Harness, kind: FaultKind) -> None:
        """A failed delete says "retry later" and can be repeated."""
        _needs(harness, kind)
        entry = await harness.put("a", an_hour(harness))
        seen = await harness.calendar.read(entry)
        assert seen is not None
        harness.fault(kind)
        if kind is FaultKind.TRUNCATED:  # an answer without a body cannot be cut short: it may count as success
            with contextlib.suppress(RetryLater):
                await harness.calendar.delete(seen)
        else:
            with pytest.raises(RetryLater):
                await harness.calendar.delete(seen)
        harness.heal()
        await harness.calendar.delete(seen)
        assert await harness.calendar.read(entry) is None
