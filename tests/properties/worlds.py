"""Worlds for the properties: one agreed world, and what people do to both of its sides afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import islice

from hypothesis import strategies as st

from core.model.essence import Essence, with_exceptions
from core.model.exceptions import DateException
from core.model.expand import first_occurrences
from core.model.ids import Side
from core.model.pattern import WEEKDAYS, Day, Weekly
from core.model.policy import ConflictRule, Policy, PrivateWithoutPersonal
from core.model.recurrence import ClockTime, WholeDays, series
from core.model.sighting import Activity, Event
from core.model.when import AllDay, Series, Timed, When, timed
from tests.properties.toy import Rewrite, Toy
from tests.support.pictures import POLICY, at

SUBJECTS = ("Lunch", "Dinner", "Board", "z" * 300)
TEXTS = ("", "Menu", "Agenda\n\n1. Money")
PLACES = ("", "Café", "Room 7")
HOUR = timedelta(hours=1)
CONTENT = ("subject", "text", "location", "when", "exceptions")
KINDS = ("call", "visit", "absence", "meeting", "personal")


@dataclass(frozen=True)
class Born:
    """An entry before the first sync."""

    sides: tuple[Side, ...]
    essence: Essence
    kind: str


@dataclass(frozen=True)
class Act:
    """What a person does to one entry of one side; `target` is an index into what there is, `what` is done to it."""

    side: Side
    what: str
    target: int
    value: Essence
    kind: str
    seconds: int


@dataclass(frozen=True)
class Edited:
    """A value that a person gave to a field of an entry."""

    side: Side
    id: str
    name: str
    value: str


def times(day: int) -> st.SearchStrategy[When]:
    """A few stretches of a day, whole days among them."""
    whole = date(2026, 12, 1) + timedelta(days=day)
    return st.sampled_from((at(9, 7 + day), at(15, 7 + day, 0), AllDay(whole, whole + timedelta(days=1))))


def _recurring(day: int) -> tuple[Series, ...]:
    """Every weekday for a fortnight, and every Tuesday and Friday without an end."""
    first, clock = (
        date(2026, 12, 1) + timedelta(days=day),
        ClockTime(time(9, 30), timedelta(hours=1), "Europe/Helsinki"),
    )
    return (
        series(first, clock, Weekly(1, WEEKDAYS), times=10),
        series(first, WholeDays(1), Weekly(1, frozenset({Day.TUESDAY, Day.FRIDAY}))),
    )


@st.composite
def _exceptions(draw: st.DrawFn, when: Series) -> tuple[DateException, ...]:
    """Some of the first dates, cancelled, moved or edited."""
    made = []
    for day, stretch in islice(first_occurrences(when), 3):
        what = draw(st.sampled_from(("none", "none", "cancelled", "edited", "moved")))
        later = timed(stretch.start + HOUR, stretch.end + HOUR) if isinstance(stretch, Timed) else stretch
        if what == "cancelled":
            made.append(DateException(day))
        elif what != "none":
            subject = draw(st.sampled_from(("Other", "Board")))
            made.append(DateException(day, later if what == "moved" else stretch, subject))
    return tuple(made)


@st.composite
def essences(draw: st.DrawFn, day: st.SearchStrategy[int] | None = None) -> Essence:
    """Any content."""
    number = draw(day or st.integers(0, 3))
    when = draw(times(number) | st.sampled_from(_recurring(number)))
    subject, text, place = (draw(st.sampled_from(pool)) for pool in (SUBJECTS, TEXTS, PLACES))
    made = Essence(subject, when, text, place, private=draw(st.booleans()))
    return with_exceptions(made, draw(_exceptions(when))) if isinstance(when, Series) else made


policies: st.SearchStrategy[Policy] = st.builds(
    replace,
    st.just(POLICY),
    conflict=st.sampled_from(ConflictRule),
    personal_type=st.sampled_from(("personal", "personal", "")),
    private_without_personal=st.sampled_from(PrivateWithoutPersonal),
    ticked=st.sampled_from((frozenset(KINDS), frozenset({"call", "visit", "absence"}))),
)

newborns = st.builds(
    Born, st.sampled_from(((Side.SEVERA,), (Side.MICROSOFT,), tuple(Side))), essences(), st.sampled_from(KINDS)
)


def acts(*sides: Side) -> st.SearchStrategy[list[Act]]:
    """What people do between two runs."""
    content = (*CONTENT, "privacy", "all", "touch")
    one = st.builds(
        Act,
        st.sampled_from(sides),
        st.sampled_from((*content, *content, "delete", "restore", "new", "copy", "hours", "meeting")),
        st.integers(0, 2),
        essences(),
        st.sampled_from(KINDS),
        st.sampled_from((1, 100)),
    )
    return st.lists(one, max_size=8)


def world(policy: Policy, born: list[Born], rewrite: Rewrite | None = None, *, lazy: bool = False) -> Toy:
    """Both calendars before the first sync."""
    toy = Toy(policy, rewrite, lazy)
    for number, one in enumerate(born):
        if Side.SEVERA in one.sides:
            toy.put_activity(f"A{number}", one.essence, one.kind)
        if Side.MICROSOFT in one.sides:
            toy.put_event(f"E{number}", one.essence)
    return toy


def perform(toy: Toy, acted: list[Act]) -> list[Edited]:
    """People do all that; the values that they gave, as far as they did not take them back themselves."""
    before = _essences(toy)
    for number, act in enumerate(acted):
        held: dict[str, Activity] | dict[str, Event] = toy.activities if act.side is Side.SEVERA else toy.events
        fresh = f"{act.side.value[0]}-{len(held)}-{number}-{toy.ticks}"
        if act.what == "restore":
            _restore(toy)
        elif act.what == "new":
            _put(toy, act, fresh, act.value)
        elif held:
            _do(toy, act, sorted(held)[act.target % len(held)], fresh)
    after = _essences(toy)
    return [
        Edited(side, name, f, after[side, name].value(f))
        for side, name in before.keys() & after.keys()
        for f in sorted(before[side, name].names() | after[side, name].names())
        if before[side, name].value(f) != after[side, name].value(f)
    ]


def _essences(toy: Toy) -> dict[tuple[Side, str], Essence]:
    return {(end.side, end.id): end.essence for held in (toy.activities, toy.events) for end in held.values()}


def _put(toy: Toy, act: Act, name: str, essence: Essence, kind: str = "", **more: object) -> None:
    if act.side is Side.SEVERA:
        toy.put_activity(name, essence, kind or act.kind, act.seconds)
    else:
        toy.put_event(name, essence, act.seconds, **more)


def _restore(toy: Toy) -> None:
    """A person gets back from Deleted Items what was deleted last."""
    if toy.bin:
        name, event = toy.bin.popitem()
        toy.put_event(name, event.essence)
        toy.events[name] = replace(event, version=toy.events[name].version)


def _do(toy: Toy, act: Act, name: str, fresh: str) -> None:
    held = toy.activities[name] if act.side is Side.SEVERA else toy.events[name]
    if act.what == "delete":
        toy.remove(act.side, name)
    elif isinstance(held, Activity):
        if act.what == "hours":
            toy.activities[name] = replace(held, has_hours=True, version=f"s{toy.tick()}")
        else:
            kind = act.kind if act.what in {"privacy", "all"} else held.type_id
            _put(toy, act, name, _changed(held.essence, act), kind)
    elif act.what == "copy":
        _put(toy, act, fresh, held.essence, mark=held.mark)  # Our mark comes along (P04).
    else:
        _put(toy, act, name, _changed(held.essence, act), is_meeting=held.is_meeting or act.what == "meeting")


def _changed(before: Essence, act: Act) -> Essence:
    if act.what == "privacy":
        return replace(before, private=not before.private)
    if act.what == "all":
        return _lasting(before, act.value)
    if act.what not in CONTENT:
        return before
    return _lasting(before, replace(before, **{act.what: getattr(act.value, act.what)}))


def _lasting(before: Essence, after: Essence) -> Essence:
    """Nobody can bring a cancelled date back, but by another pattern, which forgets every exception."""
    if not isinstance(after.when, Series):
        return replace(after, exceptions=())
    kept = [one for one in before.exceptions if one.is_cancelled and before.when == after.when]
    return with_exceptions(after, [*(one for one in after.exceptions if one not in kept), *kept])
