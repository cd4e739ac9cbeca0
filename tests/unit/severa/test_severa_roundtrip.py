"""What is written to Severa and comes back unchanged is the same essence."""

from __future__ import annotations

import json
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.adapters.severa.drafts import build_activity, build_patch
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.wire import parse_activity
from core.model.essence import Essence, Field, essence
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.when import When, all_day, timed
from tests.unit.severa.rows import patched, stored

ANNA = UserId("anna")
TYPES = {False: "t-meeting", True: "t-personal"}
ZONES = st.sampled_from(sorted(zoneinfo.available_timezones())).map(ZoneInfo)
DAYS = st.dates(date(2012, 1, 1), date(2037, 12, 31))
TIMED = st.builds(
    lambda start, seconds: timed(start, start + timedelta(seconds=seconds)),
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - zone beside it
    st.integers(0, 10**7),
)
WHOLE = st.builds(lambda first, days: all_day(first, first + timedelta(days=days)), DAYS, st.integers(1, 400))
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
NAMES = TEXTS.filter(lambda text: essence(text, all_day(date.min, date.min), "", "", private=False).subject)


def _essences(when: st.SearchStrategy[When]) -> st.SearchStrategy[Essence]:
    return st.builds(
        lambda name, when, text, place, private: essence(name, when, text, place, private=private),
        NAMES,
        when,
        TEXTS,
        TEXTS,
        st.booleans(),
    )


ESSENCES = _essences(st.one_of(TIMED, WHOLE))


@given(wanted=ESSENCES, zone=ZONES)
def test_a_created_single_entry(wanted: Essence, zone: ZoneInfo) -> None:
    """Any single entry, in any owner's zone, comes back as it was written."""
    body = json.loads(json.dumps(build_activity(Draft(wanted, TYPES[wanted.private]), ANNA, zone)))
    assert parse_activity(stored(body), zone).essence == wanted


@given(before=ESSENCES, wanted=ESSENCES, zone=ZONES, fields=st.frozensets(st.sampled_from(Field)))
def test_an_updated_single_entry(before: Essence, wanted: Essence, zone: ZoneInfo, fields: frozenset[Field]) -> None:
    """A patch brings exactly the named fields."""
    row = stored(build_activity(Draft(before, TYPES[before.private]), ANNA, zone))
    kind = TYPES[wanted.private] if Field.PRIVACY in fields else ""
    seen = parse_activity(row, zone)
    operations = build_patch(seen, Draft(wanted, kind), fields, zone, PatchValues.NATIVE)
    after = parse_activity(patched(row, operations), zone).essence
    for field in Field:
        assert after.value(field) == (wanted if field in fields else before).value(field)
