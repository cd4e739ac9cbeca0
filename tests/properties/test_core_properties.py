"""What holds in every world (design.md sections 1 and 11): settles, agrees, loses nothing, keeps to what is needed."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.link import LinkState
from core.model.policy import Policy
from core.model.sighting import Activity, Category, Event
from core.sync.mask import keeps_private
from core.sync.match import activity_key
from core.sync.plan import plan
from core.sync.project import on_microsoft, on_severa
from tests.properties.toy import Toy
from tests.properties.worlds import Act, Born, Edited, acts, essences, newborns, perform, policies, world
from tests.support.pictures import DIGESTER, NO_PERSONAL

births = st.lists(newborns, min_size=1, max_size=3)
both = acts(*Side)


def shout(essence: Essence) -> Essence:
    """A provider that rewrites what it is given."""
    return replace(essence, text=essence.text.upper(), subject=essence.subject.replace("D", "d"))


def agreed_world(policy: Policy, born: list[Born], *, lazy: bool = False) -> Toy:
    """A world after its first sync."""
    toy = world(policy, born, lazy=lazy)
    toy.settle()
    toy.writes.clear()
    toy.notes.clear()
    return toy


def ends(toy: Toy) -> list[tuple[Activity, Event, bool]]:
    """Linked entries of which both ends are there, and whether the mask is on."""
    living = [k for k in toy.current() if k.state is LinkState.LIVE]
    return [(toy.activities[k.activity], toy.events[k.event], k.masked) for k in living]


# --- settles ----------------------------------------------------------------------------------------------------------
@given(policy=policies, born=births, first=both, second=both, lazy=st.booleans())
def test_settles(policy: Policy, born: list[Born], first: list[Act], second: list[Act], *, lazy: bool) -> None:
    """A run right after a run writes nothing, on either side; not even where not everything was looked at."""
    toy = agreed_world(policy, born, lazy=lazy)
    for acted in (first, second):
        perform(toy, acted)
        toy.run()
        done = len(toy.writes)
        toy.run()
        assert toy.writes[done:] == []


@given(policies, births, both)
def test_settles_with_providers_that_rewrite(policy: Policy, born: list[Born], acted: list[Act]) -> None:
    """What a provider makes of our text is remembered as it is, and never fought over (P40)."""
    toy = world(policy, born, shout)
    toy.run()
    perform(toy, acted)
    toy.run()
    done = len(toy.writes)
    toy.run()
    assert toy.writes[done:] == []


# --- agrees -----------------------------------------------------------------------------------------------------------
@given(policies, births, both, both)
def test_agrees(policy: Policy, born: list[Born], first: list[Act], second: list[Act]) -> None:
    """Afterwards both sides hold the same, as far as each may; and a mask hides what it has to hide."""
    toy = agreed_world(policy, born)
    for acted in (first, second):
        perform(toy, acted)
        toy.run()
    for activity, event, masked in ends(toy):
        assert activity.essence.when == event.essence.when
        if masked:
            assert event.essence.private
            continue
        there, here = on_microsoft(activity.essence).essence, on_severa(event.essence, policy, masked=False).essence
        for name in (Field.SUBJECT, Field.TEXT, Field.LOCATION):
            assert there.value(name) == event.essence.value(name) or here.value(name) == activity.essence.value(name)
        if policy.personal_type and activity.category is not Category.ABSENCES:
            assert activity.essence.private == event.essence.private


@given(policies, births, both, both)
def test_nobody_sees_more(policy: Policy, born: list[Born], first: list[Act], second: list[Act]) -> None:
    """No text that is private in Microsoft reaches an activity that everybody sees, unless the company shows it."""
    policy = replace(policy, ticked=frozenset())
    born = [replace(one, sides=(Side.MICROSOFT,)) for one in born]
    toy = agreed_world(policy, born)
    for number, acted in enumerate((first, second)):
        # What people type in Microsoft is told from everything else by its capitals.
        perform(toy, [replace(act, value=_hushed(act.value, number)) for act in acted if act.side is Side.MICROSOFT])
        toy.run()
    shown = policy.private_without_personal == "show" and not policy.personal_type
    for link in toy.current():
        activity, event = toy.activities.get(link.activity), toy.events.get(link.event)
        if activity and event and event.essence.private and not shown and link.state is LinkState.LIVE:
            hidden = keeps_private(link, activity, DIGESTER) or activity.essence.text in {"", "Menu"}
            assert hidden or "SECRET" not in activity.essence.text


def _hushed(essence: Essence, number: int) -> Essence:
    return replace(essence, text=f"SECRET {number}" if essence.private else essence.text)


@given(essences(), st.lists(st.booleans(), min_size=1, max_size=3))
def test_privacy_goes_on_and_off(essence: Essence, flips: list[bool]) -> None:
    """Severa shows exactly what it may: the mask on every date while the event is private, all of it otherwise."""
    toy = Toy(NO_PERSONAL)
    toy.put_event("E", essence)
    toy.settle()
    for private in flips:
        toy.put_event("E", replace(essence, private=private))
        toy.settle()
        (activity,) = toy.activities.values()
        assert activity.essence == on_severa(toy.events["E"].essence, NO_PERSONAL).essence


# --- nothing is lost --------------------------------------------------------------------------------------------------
@given(policy=policies, born=births, first=both, second=both, lazy=st.booleans())
def test_no_edit_is_lost(policy: Policy, born: list[Born], first: list[Act], second: list[Act], *, lazy: bool) -> None:
    """Every value that a person gave is where they put it, or in history; and what they edited is there at all."""
    toy = agreed_world(policy, born, lazy=lazy)
    for acted in (first, second):
        edits = [edit for edit in perform(toy, acted) if counts(toy, edit)]
        toy.notes.clear()
        toy.settle()
        for edit in edits:
            assert is_kept(toy, edit), edit


def is_kept(toy: Toy, edit: Edited) -> bool:
    """Whether the value is still held by the entry that was edited, or told of it."""
    held = toy.activities.get(edit.id) if edit.side is Side.SEVERA else toy.events.get(edit.id)
    if held is not None and held.essence.value(edit.name) == edit.value:
        return True
    return edit.value in toy.said_of(edit.id)


def counts(toy: Toy, edit: Edited) -> bool:
    """Whether it is an edit to keep, measured on what was agreed last.

    Where nothing was ever agreed, an empty field is filled and the stricter privacy decides. Of an entry that rested,
    what was put back is no edit.
    """
    remembered = [k.end(edit.side).digests.get(edit.name) for k in toy.current() if k.id_on(edit.side) == edit.id]
    if any(remembered):
        return DIGESTER.of(edit.side, edit.name, edit.value) not in remembered
    return bool(edit.value) and edit.name is not Field.PRIVACY


# --- no more than is needed -------------------------------------------------------------------------------------------
@given(policies, births, st.sampled_from(Side), st.data())
def test_quiet_side_is_untouched(policy: Policy, born: list[Born], side: Side, data: st.DataObject) -> None:
    """Where only one side moved, nothing is written there, but where two are matched that were never agreed before."""
    toy = agreed_world(policy, born)
    known = {link.id_on(side) for link in toy.current() if link.severa.digests}
    perform(toy, data.draw(acts(side)))
    toy.settle()
    assert [w for w in toy.writes if w[1] is side and (w[0] == "create" or w[2] in known)] == []


@given(policies, births, both, st.randoms())
def test_order_does_not_matter(policy: Policy, born: list[Born], acted: list[Act], chance: Random) -> None:
    """The same entries in any order give the same plan; done in any order, it gives the same calendars."""
    one, other = agreed_world(policy, born), agreed_world(policy, born)
    for toy in (one, other):
        perform(toy, acted)
    for held in (other.activities, other.events, other.links):
        _shuffle(held, chance)
    pictures = other.pictures()
    chance.shuffle(pictures)
    assert plan(pictures, policy, DIGESTER) == plan(one.pictures(), policy, DIGESTER)
    other.order = lambda entries: chance.sample(entries, len(entries))
    one.run()
    other.run()
    assert one.content() == other.content()


def _shuffle(held: dict[Any, Any], chance: Random) -> None:
    items = list(held.items())
    chance.shuffle(items)
    held.clear()
    held.update(items)


@given(policies, births, both)
def test_looking_at_less_gives_the_same(policy: Policy, born: list[Born], acted: list[Act]) -> None:
    """An end of which there is no news need not be read: the calendars come out the same."""
    eager, lazy = agreed_world(policy, born), agreed_world(policy, born, lazy=True)
    for toy in (eager, lazy):
        perform(toy, acted)
        toy.settle()
    assert {n: v for n, v in eager.content().items() if not n.startswith("link")} == {
        n: v for n, v in lazy.content().items() if not n.startswith("link")
    }


# --- crashes ----------------------------------------------------------------------------------------------------------
@given(policies, births, both)
def test_crash_after_any_effect(policy: Policy, born: list[Born], acted: list[Act]) -> None:
    """Died after any one effect, before it was recorded: the next run leads to the same calendars, nothing doubled."""
    smooth = agreed_world(policy, born)
    perform(smooth, acted)
    smooth.settle()
    for after in range(len(smooth.writes)):
        toy = agreed_world(policy, born)
        perform(toy, acted)
        assert toy.run_and_die(after)
        toy.settle()
        assert toy.content() == smooth.content()


@given(policies, births)
def test_crash_in_the_first_sync(policy: Policy, born: list[Born]) -> None:
    """The same holds before anything is remembered (P01, P03)."""
    smooth = world(policy, born)
    smooth.settle()
    for after in range(len(smooth.writes)):
        toy = world(policy, born)
        assert toy.run_and_die(after)
        toy.settle()
        assert toy.content() == smooth.content()


@given(policies, births, both, both, st.integers(0, 5))
def test_edited_after_a_crash(
    policy: Policy, born: list[Born], first: list[Act], second: list[Act], after: int
) -> None:
    """People go on before the next run: what they do then is not lost either, and all settles.

    Two things cannot be told. Whoever puts back by hand exactly what was agreed before, while our write of the value
    in between was made and not recorded, looks as if they had done nothing. And an activity that we made and did not
    record can hold no mark: renamed or moved at once, it is not recognized.
    """
    toy = agreed_world(policy, born)
    perform(toy, first)
    toy.run_and_die(after)
    unrecorded = {n: a for n, a in toy.activities.items() if n not in {k.activity for k in toy.links.values()}}
    edits = [edit for edit in perform(toy, second) if counts(toy, edit)]
    now = {n: toy.activities[n] for n in unrecorded if n in toy.activities}
    assume(all(activity_key(a) == activity_key(unrecorded[n]) for n, a in now.items()))
    toy.notes.clear()
    toy.settle()
    for edit in edits:
        assert is_kept(toy, edit), edit


# --- what is remembered -----------------------------------------------------------------------------------------------
@given(policies, births, both)
def test_links_reveal_nothing(policy: Policy, born: list[Born], acted: list[Act]) -> None:
    """No content is in what is stored of an entry, be it a link or an intent; and digests differ from side to side."""
    toy = agreed_world(policy, born)
    perform(toy, acted)
    toy.run_and_die(0)
    stored = repr([replace(k, ends=None, agreed=None) for k in toy.links.values()])
    stored += repr([replace(i.base, ends=None) for i in toy.intents.values()])
    for value in ("Lunch", "Dinner", "Board", "zzz", "Menu", "Agenda", "Money", "Café", "Room", "timed", "all-day"):
        assert value not in stored
    for link in toy.links.values():
        assert not set(link.severa.digests.values()) & set(link.microsoft.digests.values())
