"""Edits on either side, on both, and what is kept of the one that loses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.memory.severa import STANDARD_TYPES
from core.errors import RetryLater
from core.model.essence import Essence
from core.model.ids import Side
from core.model.link import ParkReason
from core.model.operation import NoteKind
from core.model.policy import ConflictRule, PrivateWithoutPersonal
from core.model.sighting import Category
from tests.support.stage import ANNA, BERT, COMPANY, at, entry, make_stage
from tests.support.theatre import Died


@pytest.mark.parametrize(
    "change",
    [{"subject": "Long lunch"}, {"text": "bring the offer"}, {"location": "Turku"}, {"when": at(15)}],
)
async def test_an_edit_on_either_side(change: dict[str, object]) -> None:
    """It arrives on the other side, field by field, and nothing is written back."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    activity, event = stage.activity("Lunch"), stage.event("Dinner")
    stage.severa.edit(activity.id, replace(activity.essence, **change))
    stage.anna.edit(event.id, replace(event.essence, **change))
    twin, source = await stage.link("Lunch"), await stage.link("Dinner")
    reports = await stage.settle()
    assert sum((r.written for r in reports[1:]), reports[0].written) == {"updated_severa": 1, "updated_microsoft": 1}
    assert stage.anna.get(twin.event).essence == replace(activity.essence, **change)  # type: ignore[union-attr]
    assert stage.severa.get(source.activity).essence == replace(event.essence, **change)  # type: ignore[union-attr]
    assert not await stage.history()


async def test_edits_of_different_fields_on_both_sides() -> None:
    """Both arrive; there is no conflict."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "bring the offer"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "", "Turku"))
    await stage.settle()
    assert (
        stage.activity("Lunch").essence
        == stage.event("Lunch").essence
        == entry("Lunch", at(8), "bring the offer", "Turku")
    )
    assert not await stage.history()


@pytest.mark.parametrize(
    ("rule", "severa_first", "stays"),
    [
        (ConflictRule.NEWEST, True, "from Outlook"),
        (ConflictRule.NEWEST, False, "from Severa"),
        (ConflictRule.SEVERA, True, "from Severa"),
        (ConflictRule.MICROSOFT, False, "from Outlook"),
    ],
)
async def test_a_conflict_of_one_field(rule: ConflictRule, severa_first: bool, stays: str) -> None:  # noqa: FBT001
    """The company's rule decides; the value that loses is in the user's own history, readable and complete."""
    stage = await make_stage(settings={"conflict": rule})
    await stage.linked("Lunch")
    for in_severa in (severa_first, not severa_first):
        if in_severa:
            stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "from Severa"))
        else:
            stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "from Outlook"))
        stage.clock.advance(timedelta(minutes=5))
    await stage.settle()
    assert stage.activity("Lunch").essence.text == stage.event("Lunch").essence.text == stays
    [record] = await stage.history()
    assert (record.note.kind, record.note.code) == (NoteKind.CONFLICT, "conflict_text")
    assert record.note.values == {"text": ({"from Outlook", "from Severa"} - {stays}).pop()}
    assert not await stage.history(BERT)


async def test_changes_within_a_minute_of_each_other() -> None:
    """R17: neither is the newer one; Microsoft's value stays."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "from Outlook"))
    stage.clock.advance(timedelta(seconds=50))
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "from Severa"))
    await stage.settle()
    assert stage.activity("Lunch").essence.text == "from Outlook"


@pytest.mark.parametrize("loser", list(Side))
async def test_history_comes_before_the_effect(loser: Side) -> None:
    """The losing value is stored before it is overwritten, on whichever side."""
    rule = ConflictRule.MICROSOFT if loser is Side.SEVERA else ConflictRule.SEVERA
    stage = await make_stage(settings={"conflict": rule})
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "from Severa"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "from Outlook"))
    points: list[str] = []
    stage.watch.interrupt = points.append
    await stage.settle()
    assert points.index("after history.append") < points.index(f"before {loser.value}.update")


async def test_a_conflict_whose_write_fails_several_times() -> None:
    """P42: it is told once, however often the write has to be tried again."""
    stage = await make_stage(settings={"conflict": ConflictRule.MICROSOFT})
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "from Severa"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "from Outlook"))
    stage.fail("before severa.update", RetryLater("throttled"), times=3)
    await stage.settle(rounds=40)
    assert await stage.told() == ["conflict_text"]
    assert stage.activity("Lunch").essence.text == "from Outlook"


async def test_an_edit_in_severa_in_the_very_second_of_our_write() -> None:
    """Severa has no ETag: what a person changed between our read and our write is neither lost nor taken for agreed."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.anna.edit(stage.event("Lunch").id, entry("Long lunch", at(8)))
    stage.meddle(
        "before severa.update",
        lambda: stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "typed just now")),
    )
    await stage.settle()
    assert (
        stage.activity("Long lunch").essence
        == stage.event("Long lunch").essence
        == entry("Long lunch", at(8), "typed just now")
    )


async def test_the_other_side_turns_out_to_be_a_target_too() -> None:
    """Severa is written under the company's lock on the activity only, and after a fresh look, then as ever."""
    stage = await make_stage()
    await stage.linked("Lunch")
    activity, event = stage.activity("Lunch"), stage.event("Lunch")
    stage.severa.edit(activity.id, entry("Lunch", at(8), "typed in Severa"))
    await stage.poll()
    locked = replace(
        await stage.ports.companies.activity(COMPANY, activity.id),
        locked_by="another run",
        locked_until=stage.clock.now() + timedelta(minutes=1),
    )
    await stage.ports.companies.put_activity(COMPANY, locked)
    stage.meddle("after pairs.commit", lambda: stage.anna.edit(event.id, entry("Lunch", at(8), location="Turku")))
    stage.watch.reset()
    await stage.run()
    assert not {"severa.update", "microsoft.update"} & set(stage.watch.calls)
    stage.clock.advance(timedelta(minutes=2))
    await stage.settle()
    both = entry("Lunch", at(8), "typed in Severa", "Turku")
    assert stage.activity("Lunch").essence == stage.event("Lunch").essence == both


async def test_an_edit_in_the_mailbox_in_the_very_second_of_our_write() -> None:
    """The ETag tells: nothing is written, and the next try merges both edits."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    stage.meddle(
        "before microsoft.update",
        lambda: stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "typed just now")),
    )
    await stage.settle()
    assert (
        stage.activity("Long lunch").essence
        == stage.event("Long lunch").essence
        == entry("Long lunch", at(8), "typed just now")
    )


async def test_the_text_of_an_online_meeting_is_edited_in_severa() -> None:
    """Its way in is not overwritten (R12); other edits travel, nothing is tried again, and history keeps the text."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch", at(8), "Join here"), is_online=True)
    await stage.settle()
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "Menu"))
    await stage.settle()
    stage.severa.edit(stage.activity("Lunch").id, entry("Dinner", at(8), "Menu"))
    await stage.settle()
    assert stage.event("Dinner").essence.text == "Join here"
    assert stage.activity("Dinner").essence.text == "Menu"
    assert (await stage.told(), await stage.pending()) == (["online_meeting_text"], ())


async def test_p34_a_change_that_is_no_change_of_content() -> None:
    """P34: a new version with the same content writes nothing, on either side."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id)
    stage.anna.edit(stage.event("Lunch").id)
    reports = await stage.settle()
    assert not any(r.written for r in reports)


def _rewrite(essence: Essence) -> Essence:
    """What a provider makes of our text."""
    return replace(essence, text=f"[{essence.text.strip('[]')}]", subject=essence.subject.replace(":)", "🙂"))


@pytest.mark.parametrize("side", ["severa", "mailbox"])
@pytest.mark.parametrize("restless", [False, True])
async def test_p40_a_provider_that_rewrites_what_we_write(side: str, restless: bool) -> None:  # noqa: FBT001
    """P40: the echo is what is remembered: neither the second run nor a comparison writes anything."""
    options: dict[str, dict[str, object]] = {"mailbox": {"restless": restless}, "severa": {}}
    options[side]["rewrite"] = _rewrite
    stage = await make_stage(**options)
    stage.anna.add(entry("Lunch :)", text="at noon"))
    stage.severa.add(ANNA, entry("Call :)", at(12), "about it"))
    await stage.settle()
    reports = await stage.settle()
    assert not any(r.written for r in reports)
    stage.clock.advance(timedelta(days=8))
    reports = await stage.settle()
    assert reports[0].full
    assert not any(r.written for r in reports)
    written = stage.activity("Lunch 🙂") if side == "severa" else stage.event("Call 🙂")
    assert written.essence.text in ("[at noon]", "[about it]")


async def test_p43_an_old_edit_and_a_later_touch_of_something_else() -> None:
    """P43: what counts is when the content was changed, not when the entry was touched last."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "old edit"))
    await stage.poll()
    stage.clock.advance(timedelta(minutes=10))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "new edit"))
    stage.clock.advance(timedelta(minutes=10))
    stage.severa.edit(stage.activity("Lunch").id)  # Its phase, say.
    await stage.settle()
    assert stage.activity("Lunch").essence.text == stage.event("Lunch").essence.text == "new edit"


async def test_p43_our_own_write_is_nobody_s_edit() -> None:
    """P43: a write of ours after a person's edit does not make that edit look newer than it is."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    await stage.settle()  # Our write moved the event's time of change.
    stage.anna.edit(stage.event("Long lunch").id, entry("Long lunch", at(8), "from Outlook"))
    stage.clock.advance(timedelta(minutes=5))
    stage.severa.edit(stage.activity("Long lunch").id, entry("Long lunch", at(8), "from Severa"))
    await stage.settle()
    assert stage.event("Long lunch").essence.text == "from Severa"


# --- private ----------------------------------------------------------------------------------------------------------
async def test_p59_private_on_and_off() -> None:
    """P59: a private event becomes a Personal activity; taken off, the earlier type comes back."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Dentist"), "type-call")
    await stage.change_settings(synced_types=frozenset({"type-call", "type-personal"}))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.edit(stage.event("Dentist").id, entry("Dentist", private=True))
    await stage.settle()
    assert stage.activity("Dentist").category is Category.PERSONAL
    stage.anna.edit(stage.event("Dentist").id, entry("Dentist"))
    await stage.settle()
    assert stage.activity("Dentist").type_id == "type-call"


async def test_p59_a_crash_right_after_the_type_was_written() -> None:
    """The type that comes back is remembered before it is overwritten, so no crash loses it."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Dentist"), "type-call")
    await stage.change_settings(synced_types=frozenset({"type-call", "type-personal"}))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.edit(stage.event("Dentist").id, entry("Dentist", private=True))

    def dies(point: str) -> None:
        if point == "after severa.update" or stage.watch.calls["died"]:
            stage.watch.calls["died"] += 1
            raise Died(point)

    stage.watch.interrupt = dies
    with pytest.raises(Died):
        await stage.run()
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=30))
    stage.restart()
    await stage.settle()
    assert stage.activity("Dentist").category is Category.PERSONAL
    stage.anna.edit(stage.event("Dentist").id, entry("Dentist"))
    await stage.settle()
    assert stage.activity("Dentist").type_id == "type-call"


async def test_personal_activities_and_absences_in_the_mailbox() -> None:
    """R11: both are private there; an absence shows as out of office."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Doctor"), "type-personal")
    stage.severa.add(ANNA, entry("Holiday", at(12)), "type-absence")
    await stage.settle()
    assert all(event.essence.private for event in stage.anna.events())
    assert stage.anna.busy[stage.event("Holiday").id] == "oof"
    assert stage.anna.busy[stage.event("Doctor").id] == "busy"


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        (PrivateWithoutPersonal.MASK, ["Private"]),
        (PrivateWithoutPersonal.SHOW, ["Dentist"]),
        (PrivateWithoutPersonal.SKIP, []),
    ],
)
async def test_p59_a_private_event_without_a_personal_type(choice: PrivateWithoutPersonal, shown: list[str]) -> None:
    """P59, R10: masked by default, shown or left out by the company's choice; a second run writes nothing."""
    types = [kind for kind in STANDARD_TYPES if kind.category is not Category.PERSONAL]
    stage = await make_stage(severa={"types": types}, settings={"private_without_personal": choice})
    stage.anna.add(entry("Dentist", text="root canal", location="Main street", private=True))
    await stage.settle()
    assert stage.subjects()[0] == shown
    if choice is PrivateWithoutPersonal.MASK:
        assert stage.activity("Private").essence == entry("Private")
        stage.severa.edit(stage.activity("Private").id, entry("Secret?", at(11)))
        await stage.settle()
        assert stage.event("Dentist").essence == entry("Dentist", at(11), "root canal", "Main street", private=True)
        assert "masked_subject" in await stage.told()
    stage.clock.advance(timedelta(days=8))
    assert not any(r.written for r in await stage.settle())


# --- what turns out only when the target is read ----------------------------------------------------------------------
async def test_the_same_edit_on_both_sides_of_which_one_was_noticed() -> None:
    """They agree: nothing is written, nothing is told."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "the same"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "the same"))
    report = await stage.run()
    assert (report.noticed, report.written, report.told) == (1, {}, {})
    assert not any(r.written for r in await stage.settle())


async def test_an_activity_turns_out_to_be_of_an_unticked_type() -> None:
    """The entry is put to rest instead of being written."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.severa.edit(stage.activity("Call").id, type_id="type-visit")
    stage.anna.edit(stage.event("Call").id, entry("Call", text="edited"))
    report = await stage.run()
    assert report.written == {}
    assert (await stage.link("Call")).parked is ParkReason.TYPE_NOT_TICKED
    assert await stage.pending() == ()


async def test_an_event_was_edited_while_its_entry_rested() -> None:
    """R9: once the activity's type is a ticked one again, that edit travels at once."""
    stage = await make_stage()
    await stage.linked("Call")
    stage.clock.advance(timedelta(minutes=30))
    call = stage.activity("Call")
    stage.severa.edit(call.id, type_id="type-visit")
    await stage.settle()
    stage.anna.edit(stage.event("Call").id, entry("Long call", at(8)))
    await stage.settle()
    assert stage.subjects() == (["Call"], ["Long call"])
    stage.severa.edit(call.id, type_id=call.type_id)
    await stage.settle()
    assert stage.subjects() == (["Long call"], ["Long call"])
    assert (await stage.link("Long call")).parked is None


@pytest.mark.parametrize("side", list(Side))
async def test_the_target_turns_out_to_be_gone(side: Side) -> None:
    """Nothing is written to what is not there; it is looked into a minute later, and the edit outlives the deletion."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    if side is Side.SEVERA:
        stage.severa.remove(stage.activity("Lunch").id)
        stage.anna.edit(stage.event("Lunch").id, entry("Long lunch", at(8)))
    else:
        stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
        await stage.poll()
        gone = stage.event("Lunch").id
        read = stage.anna.read
        stage.anna.read = _not_there  # type: ignore[method-assign, assignment]
    report = await stage.run()
    assert (report.written, report.again) == ({}, stage.clock.now() + timedelta(minutes=1))
    if side is Side.MICROSOFT:
        stage.anna.read = read  # type: ignore[method-assign]
        stage.anna.remove(gone)
    stage.clock.advance(timedelta(minutes=1))
    await stage.run()
    assert stage.subjects() == (["Dinner", "Long lunch"], ["Dinner", "Long lunch"])
    assert await stage.pending() == ()


async def _not_there(_: str) -> None:
    return None
