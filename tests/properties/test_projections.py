"""Projections, merges and normal forms of series with exceptions: whatever they hold (R10, R12, R22)."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from core.model.essence import MASKABLE, Essence, Field, with_exceptions
from core.model.exceptions import DateException, day_of
from core.model.expand import first_occurrences
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Create, Draft
from core.model.policy import Policy
from core.model.spelling import essence_of, with_value
from core.model.stretch import Timed, timed
from core.model.when import Series
from core.sync.mask import MASK, is_masked
from core.sync.merge import changed_fields
from core.sync.project import on_microsoft, on_severa
from core.sync.record import agreed, before_time, date_agreed
from core.sync.rejoin import base_link
from core.sync.series import as_merged, as_remembered, differing, unhidden
from tests.properties.worlds import HOUR, essences, policies
from tests.support.pictures import DIGESTER, POLICY, activity, event

LINES = st.sampled_from(("", "Lunch", "Board", "z" * 254 + " z", "y" * 1001))
"""Beyond what either side holds, and cut where a blank would be left."""


@st.composite
def entries(draw: st.DrawFn) -> Essence:
    """Any entry; of a series some of the first dates are cancelled, moved or edited, with lines of any length."""
    made = replace(draw(essences()), subject=draw(LINES), location=draw(LINES))
    if not isinstance(made.when, Series):
        return made
    dates = [
        DateException(day, when, made.subject, made.text, made.location)
        for day, when in islice(first_occurrences(made.when), 4)
    ]
    return with_exceptions(made, [draw(st.just(one) | _changed(one)) for one in dates])


@st.composite
def _changed(draw: st.DrawFn, one: DateException) -> DateException:
    if draw(st.booleans()):
        return DateException(one.day)
    when = one.when
    if isinstance(when, Timed) and draw(st.booleans()):
        when = timed(when.start + HOUR, when.end + HOUR, when.zone)
    return DateException(one.day, when, draw(LINES), draw(st.sampled_from(("", "Menu"))), draw(LINES))


# --- projections ------------------------------------------------------------------------------------------------------
@given(essence=entries(), policy=policies, kept=st.booleans())
def test_projection_to_severa_is_what_severa_holds(essence: Essence, policy: Policy, *, kept: bool) -> None:
    """Projected once more it is the same, with nothing left to narrow; and it is in normal form."""
    held = on_severa(essence, policy, kept=kept).essence
    again = on_severa(held, policy, kept=kept)
    assert (again.essence, again.narrowed) == (held, ())
    assert with_exceptions(held, held.exceptions) == held


@given(entries())
def test_projection_to_microsoft_is_what_a_mailbox_holds(essence: Essence) -> None:
    """The same the other way round."""
    held = on_microsoft(essence).essence
    again = on_microsoft(held)
    assert (again.essence, again.narrowed) == (held, ())
    assert with_exceptions(held, held.exceptions) == held


@given(entries(), policies)
def test_dates_that_take_place_and_those_that_do_not(essence: Essence, policy: Policy) -> None:
    """No projection cancels a date, brings one back, or moves one."""
    days = {one.day for one in essence.exceptions}
    for held in (on_severa(essence, policy).essence, on_microsoft(essence).essence):
        assert {one.day for one in held.exceptions} <= days
        for day in days:
            before, after = essence.on(day), held.on(day)
            assert before is not None
            assert after is not None
            assert before.when == after.when


@given(entries(), policies)
def test_mask_hides_all(essence: Essence, policy: Policy) -> None:
    """Of a masked entry no line and no text is shown, on no date."""
    if not is_masked(essence, policy):
        return
    held = on_severa(essence, policy).essence
    shown = [held, *(one for one in held.exceptions if not one.is_cancelled)]
    assert {(one.subject, one.text, one.location) for one in shown} == {(MASK, "", "")}


@given(entries(), policies)
def test_mask_is_nobodys_edit(essence: Essence, policy: Policy) -> None:
    """What Severa shows of a masked series, unhidden, is what the mailbox holds on every date that it shows."""
    shown = on_severa(essence, policy, masked=True).essence
    found = unhidden(shown, essence)
    assert {one.day for one in found.exceptions} <= {one.day for one in essence.exceptions}
    assert all(essence.exception(one.day) == one for one in found.exceptions)
    assert replace(found, exceptions=()) == replace(shown, exceptions=())


# --- merging ----------------------------------------------------------------------------------------------------------
@given(entries(), entries())
def test_merging_all_or_nothing(own: Essence, source: Essence) -> None:
    """All fields of the source make it the source; none of them leave a series as it is."""
    assert as_merged(own, source, {*own.names(), *source.names()}) == source
    if isinstance(source.when, Series):
        assert as_merged(own, source, set()) == own


@given(entries(), entries(), st.data())
def test_merging_some(own: Essence, other: Essence, data: st.DataObject) -> None:
    """Where the pattern stays, each date is the source's or its own, and is told by `differing`."""
    if not isinstance(own.when, Series):
        return
    source = with_exceptions(replace(other, when=own.when), other.exceptions)
    names = set(data.draw(st.sets(st.sampled_from(sorted({*own.names(), *source.names()} - MASKABLE)))))
    merged = as_merged(own, source, names)
    for name in {*own.names(), *source.names()} - {*Field}:
        day = day_of(name)
        assert day is not None
        wanted = (source if name in names else own).exception(day)
        plain = replace(merged, exceptions=()).on(day)
        assert merged.exception(day) == (None if wanted == plain else wanted)
    changed = {day_of(name) for name in differing(own, merged)}
    days = {one.day for one in (*own.exceptions, *merged.exceptions)}
    assert changed == {day for day in days if merged.exception(day) != own.exception(day)}


# --- what is remembered -----------------------------------------------------------------------------------------------
@given(entries(), entries())
def test_agreement_is_complete(severa: Essence, microsoft: Essence) -> None:
    """Nothing has changed right after it, on either side, whatever was remembered before."""
    there, here = activity(severa), event(microsoft)
    link = agreed(Link("A", "E", Side.SEVERA), activity(microsoft), event(severa), POLICY, DIGESTER)
    link = agreed(link, there, here, POLICY, DIGESTER)
    assert changed_fields(link, Side.SEVERA, there.essence, DIGESTER) == frozenset()
    assert changed_fields(link, Side.MICROSOFT, here.essence, DIGESTER) == frozenset()


@given(entries(), entries())
def test_dates_are_agreed_on_one_by_one(before: Essence, after: Essence) -> None:
    """It comes to the same as all at once, and touches nothing else."""
    link = agreed(Link("A", "E", Side.SEVERA), activity(before), event(before), POLICY, DIGESTER)
    names = {n for n in changed_fields(link, Side.MICROSOFT, after, DIGESTER) if day_of(n)}
    for name in sorted(names):
        link = date_agreed(link, name, {Side.MICROSOFT: after}, POLICY, DIGESTER)
    assert not {n for n in changed_fields(link, Side.MICROSOFT, after, DIGESTER) if day_of(n)}
    assert changed_fields(link, Side.SEVERA, activity(before).essence, DIGESTER) == frozenset()


@given(entries(), entries())
def test_before_a_new_time_nothing_but_dates_is_forgotten(before: Essence, wanted: Essence) -> None:
    """And of those exactly the ones that are to stay: they look new on both sides."""
    link = agreed(Link("A", "E", Side.SEVERA), activity(before), event(before), POLICY, DIGESTER)
    after = before_time(link, Draft(wanted))
    for side in Side:
        forgotten = link.end(side).digests.keys() - after.end(side).digests.keys()
        assert forgotten == {one.name for one in wanted.exceptions} & {one.name for one in before.exceptions}


@given(entries())
def test_series_that_was_made_lacks_its_exceptions(essence: Essence) -> None:
    """Its link finds exactly those changed on the side that it was made from."""
    source = event(essence)
    link = base_link(source, Create(Side.SEVERA, Draft(on_severa(essence, POLICY).essence)), None, POLICY, DIGESTER)
    assert changed_fields(link, Side.MICROSOFT, essence, DIGESTER) == {one.name for one in essence.exceptions}


@given(entries())
def test_series_as_remembered(essence: Essence) -> None:
    """One that nobody touched is as it is read, and so is one of which nothing is remembered."""
    held = activity(essence)
    link = agreed(Link("A", "E", Side.SEVERA), held, None, POLICY, DIGESTER)
    assert as_remembered(held, link, DIGESTER) == held
    assert as_remembered(held, Link("A", "E", Side.SEVERA), DIGESTER) == held


# --- history ----------------------------------------------------------------------------------------------------------
@given(entries(), entries())
def test_values_of_history(one: Essence, other: Essence) -> None:
    """An entry is read again from its values; one value at a time, it is the other's."""
    assert essence_of({str(name): one.value(name) for name in one.names()}) == one
    for name in {*one.names(), *other.names()} - {Field.TIME}:
        if day_of(name) is None:
            assert with_value(one, name, other.value(name)).value(name) == other.value(name)
