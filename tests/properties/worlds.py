"""Worlds for the properties: one agreed world, and what people do to both of its sides afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.policy import ConflictRule, Policy, PrivateWithoutPersonal
from core.model.sighting import Activity, Event
from core.model.when import AllDay, When
from tests.properties.toy import Rewrite, Toy
from tests.support.pictures import POLICY, at

SUBJECTS = ("Lunch", "Dinner", "Board", "z" * 300)
TEXTS = ("", "Menu", "Agenda\n\n1. Money")
PLACES = ("", "Café", "Room 7")
CONTENT = ("subject", "text", "location", "when")
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
    name: Field
    value: str


def times(day: int) -> st.SearchStrategy[When]:
    """A few stretches of a day, whole days among them."""
    whole = date(2026, 12, 1) + timedelta(days=day)
    return st.sampled_from((at(9, 7 + day), at(15, 7 + day, 0), AllDay(whole, whole + timedelta(days=1))))


@st.composite
def essences(draw: st.DrawFn, day: st.SearchStrategy[int] | None = None) -> Essence:
    """Any content."""
    when = draw(times(draw(day or st.integers(0, 3))))
    subject, text, place = (draw(st.sampled_from(pool)) for pool in (SUBJECTS, TEXTS, PLACES))
    return Essence(subject, when, text, place, private=draw(st.booleans()))


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
        for f in Field
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
    if act.what == "all":
        return act.value
    if act.what == "privacy":
        return replace(before, private=not before.private)
    return replace(before, **{act.what: getattr(act.value, act.what)}) if act.what in CONTENT else before
