"""Mirror symmetry: with the sides swapped, the table says the same of the other side.

It is meant to hold for ordinary entries only. Where the rules themselves know left from right, it does not: types,
ticks and work hours (R9, R10, R19) and masks (R10) are Severa's, meetings are Microsoft's (R16), each side narrows by
limits of its own (R22), within a minute Microsoft's value stays (R17), a revived activity lacks its customer (R18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.model.essence import Essence
from core.model.ids import Side
from core.model.link import Link, LinkState, ParkReason
from core.model.operation import Create, Decision, Delete, Park, Update
from core.model.policy import ConflictRule
from core.model.sighting import GONE, UNSEEN, Activity, Event, Gone, Unseen
from core.model.when import Series
from core.sync.reconcile import decide
from core.sync.record import agreed
from tests.properties.worlds import times
from tests.support.pictures import DIGESTER, NOW, POLICY, activity, event, picture
from tests.support.series import cancelled, changed, nth, weekly

WEEKS = (weekly(times=4), weekly(times=2))
CONTENTS = st.builds(
    Essence,
    st.sampled_from(("Lunch", "Dinner")),
    times(0) | st.sampled_from(WEEKS),
    st.sampled_from(("", "Menu")),
    st.sampled_from(("", "Café")),
)


@st.composite
def contents(draw: st.DrawFn) -> Essence:
    """Any content; of a series one date may be cancelled, moved or edited, and one of those that the shorter lacks."""
    essence = draw(CONTENTS)
    for day in (nth(1), nth(3)):
        if essence.on(day) is not None:
            ways = (essence, cancelled(essence, day), changed(essence, day, subject="Other"))
            essence = draw(st.sampled_from((*ways, changed(essence, day, hour=12))))
    return essence


MIRRORED = {ConflictRule.SEVERA: ConflictRule.MICROSOFT, ConflictRule.MICROSOFT: ConflictRule.SEVERA}


@dataclass(frozen=True)
class Half:
    """One side: what it held when it was agreed, and what is known of it now, under which version, since when."""

    before: Essence
    now: Essence | Gone | Unseen | None
    version: int
    hours_ago: int

    def activity(self) -> Activity | Gone | Unseen | None:
        """As Severa's."""
        if not isinstance(self.now, Essence):
            return self.now
        return activity(self.now, version=f"{self.version}", modified=NOW - timedelta(hours=self.hours_ago))

    def event(self) -> Event | Gone | Unseen | None:
        """As Microsoft's."""
        if not isinstance(self.now, Essence):
            return self.now
        return event(self.now, version=f"{self.version}", modified=NOW - timedelta(hours=self.hours_ago))


@dataclass(frozen=True)
class Seen:
    """A picture that can be swapped. `state` is None where there is no link; `ended` is days ago."""

    severa: Half
    microsoft: Half
    state: LinkState | None
    missing: Side | None
    ended: int
    rule: ConflictRule

    def swapped(self) -> Seen:
        """The mirror picture."""
        return Seen(
            self.microsoft,
            self.severa,
            self.state,
            self.missing.other if self.missing else None,
            self.ended,
            MIRRORED.get(self.rule, self.rule),
        )

    def decision(self) -> Decision:
        """What the table says."""
        policy = replace(POLICY, conflict=self.rule, default_type="call")
        return decide(picture(self._link(), self.severa.activity(), self.microsoft.event()), policy, DIGESTER)

    def _link(self) -> Link | None:
        if self.state is None:
            return None
        held, copy = activity(self.severa.before, version="1"), event(self.microsoft.before, version="1")
        link = agreed(Link("A", "E", Side.SEVERA, generation=2), held, copy, POLICY, DIGESTER)
        parked = ParkReason.ARCHIVED if self.state is LinkState.PARKED else None
        missing = self.missing if self.state is LinkState.PARKED else None
        ends = NOW - timedelta(days=self.ended)
        return replace(link, state=self.state, parked=parked, missing=missing, ends=ends)


def told_plainly(decision: Decision, *, swap: bool) -> object:
    """A decision without what the sides are known by, seen from one side or from the other."""

    def seen(side: Side | None) -> Side | None:
        return side.other if swap and side else side

    operations: list[object] = []
    for operation in decision.operations:
        match operation:
            case Create(side, draft, generation):
                operations.append(("create", seen(side), draft.essence, generation))
            case Update(side, draft, fields):
                whole = draft.essence if isinstance(draft.essence.when, Series) else None
                operations.append(("update", seen(side), {f: draft.essence.value(f) for f in fields}, whole))
            case Delete(side):
                operations.append(("delete", seen(side)))
            case Park(reason, missing):
                operations.append(("park", reason, seen(missing)))
            case _:
                operations.append((operation,))
    notes = [(n.kind, n.code.removesuffix("_without_customer"), seen(n.side), n.values) for n in decision.notes]
    return sorted(operations, key=repr), sorted(notes, key=repr)


@st.composite
def pictures(draw: st.DrawFn) -> Seen:
    """Linked entries in every state, and newcomers."""
    agreed_on = draw(contents())
    state = draw(st.sampled_from((LinkState.LIVE, LinkState.LIVE, LinkState.PARKED, LinkState.DEAD)))
    now = st.one_of(st.just(agreed_on), contents(), st.sampled_from((GONE, UNSEEN)))
    hours = draw(st.permutations((1, 2)))
    halves = [Half(agreed_on, draw(now), draw(st.integers(1, 2)), h) for h in hours]
    missing = draw(st.sampled_from((None, *Side)))
    return Seen(
        halves[0], halves[1], state, missing, draw(st.sampled_from((-1, 6, 8))), draw(st.sampled_from(ConflictRule))
    )


@given(pictures())
def test_linked_entry(seen: Seen) -> None:
    """Whatever happened to an ordinary entry, on either side: the mirror image gets the mirror image."""
    assert told_plainly(seen.decision(), swap=False) == told_plainly(seen.swapped().decision(), swap=True)


@given(contents())
def test_newcomer(essence: Essence) -> None:
    """An ordinary newcomer travels both ways alike."""
    there = Half(essence, essence, 1, 1), Half(essence, None, 1, 1)
    seen = Seen(*there, None, None, -1, ConflictRule.NEWEST)
    assert told_plainly(seen.decision(), swap=False) == told_plainly(seen.swapped().decision(), swap=True)
