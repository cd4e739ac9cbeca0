"""What is remembered after an effect: never more than is true, and nothing that can be read."""

from dataclasses import replace
from datetime import timedelta

from core.model.essence import Field
from core.model.ids import Side
from core.model.link import End, Link, LinkState, ParkReason
from core.model.operation import Agree, Draft, Park
from core.sync.merge import changed_fields
from core.sync.record import agreed, buried, parked, remembered, with_types
from tests.support.pictures import (
    DIGESTER,
    LUNCH,
    NO_PERSONAL,
    NOW,
    POLICY,
    activity,
    at,
    decided,
    entry,
    event,
    linked,
    picture,
    written,
)
from tests.support.pictures import parked as at_rest


def test_agreement_on_everything() -> None:
    """Both ends as seen: versions, digests by field and side, when it is over, when it was agreed."""
    link = agreed(Link("A", "E", Side.SEVERA), activity(), event(), POLICY, DIGESTER)
    assert link.severa == End("s2", DIGESTER.fields(Side.SEVERA, entry()))
    assert link.microsoft == End("m2", DIGESTER.fields(Side.MICROSOFT, entry()))
    assert (link.ends, link.agreed, link.uid, link.state) == (LUNCH.end, NOW, "uid-E", LinkState.LIVE)


def test_agreement_on_what_each_side_holds() -> None:
    """A side that cannot hold all is remembered as it is: the difference is never fought over again (R22)."""
    severa, microsoft = activity("x" * 300), event("x" * 255)
    link = agreed(Link("A", "E", Side.SEVERA), severa, microsoft, POLICY, DIGESTER)
    assert decided(link, severa, microsoft).operations == (Agree(),)
    assert written(decided(link, severa, event(entry("x" * 255, text="Menu")))) == {Side.SEVERA: {Field.TEXT: "Menu"}}


def test_end_that_was_not_seen() -> None:
    """It stays as remembered."""
    before = linked()
    assert agreed(before, activity("Dinner"), None, POLICY, DIGESTER).microsoft == before.microsoft
    after = agreed(before, None, event(entry("Dinner", at(15))), POLICY, DIGESTER)
    assert (after.severa, after.ends) == (before.severa, at(15).end)


def test_neither_end_was_seen() -> None:
    """Then both stay as remembered, and so does when it is over."""
    before = linked()
    after = agreed(before, None, None, POLICY, DIGESTER)
    assert (after.severa, after.microsoft, after.ends) == (before.severa, before.microsoft, before.ends)


def test_event_without_a_uid() -> None:
    """What is known of it stays known."""
    assert agreed(linked(), None, replace(event(), uid=""), POLICY, DIGESTER).uid == "uid-E"


def test_only_a_part_is_settled() -> None:
    """After the first of two writes: its fields are agreed, all others are still as they were, and so is the version.

    A crash between the two loses nothing: the other edit still shows as one.
    """
    severa, microsoft = activity(entry("Dinner", text="Menu")), event(entry("Lunch", location="Café"))
    link = agreed(
        linked(), severa, event(entry("Lunch", location="Café")), POLICY, DIGESTER, names=frozenset({Field.LOCATION})
    )
    assert (link.severa.version, link.microsoft.version) == ("", "")
    assert changed_fields(link, Side.SEVERA, severa.essence, DIGESTER) == {
        Field.SUBJECT,
        Field.TEXT,
        Field.LOCATION,
    } - {Field.LOCATION}
    assert changed_fields(link, Side.MICROSOFT, microsoft.essence, DIGESTER) == frozenset()


def test_only_a_part_is_settled_and_the_mask_is_not() -> None:
    """Whether the mask is on is settled with the last write."""
    private = event(entry(private=True))
    link = linked(policy=NO_PERSONAL)
    part = agreed(link, activity(), private, NO_PERSONAL, DIGESTER, names=frozenset({Field.TIME}))
    assert not part.masked
    assert agreed(link, activity(), private, NO_PERSONAL, DIGESTER).masked


def test_our_own_write() -> None:
    """Its version is remembered, so that its moment is taken for nobody's edit (P43); later sightings keep that."""
    link = agreed(linked(), activity(), event(), POLICY, DIGESTER, wrote=Side.SEVERA)
    assert (link.severa.wrote, link.microsoft.wrote) == ("s2", "")
    later = agreed(link, activity(version="s3"), event(), POLICY, DIGESTER, wrote=Side.MICROSOFT)
    assert (later.severa.wrote, later.microsoft.wrote) == ("s2", "m2")


def test_echo_is_what_is_remembered() -> None:
    """What the provider made of our text is no edit when it is seen again (P40)."""
    echo = event(entry("Lunch", text="<rewritten>"))
    link = agreed(linked(), activity(entry("Lunch", text="Menu")), echo, POLICY, DIGESTER, wrote=Side.MICROSOFT)
    assert decided(link, activity(entry("Lunch", text="Menu")), echo).operations == (Agree(),)


def test_one_side_only() -> None:
    """`remembered` moves one end, and by default all of it."""
    end = remembered(linked().severa, activity("Dinner"), DIGESTER)
    assert end == End("s2", DIGESTER.fields(Side.SEVERA, entry("Dinner")))


# --- resting ----------------------------------------------------------------------------------------------------------
def test_parking() -> None:
    """Versions move on, so that only a newer one wakes it; digests stay, so that no edit is lost."""
    before = linked()
    link = parked(before, picture(before, activity("Dinner")), Park(ParkReason.TYPE_NOT_TICKED), POLICY)
    assert (link.state, link.parked, link.missing) == (LinkState.PARKED, ParkReason.TYPE_NOT_TICKED, None)
    assert (link.severa.version, link.severa.digests) == ("s2", before.severa.digests)
    assert link.microsoft == before.microsoft


def test_parking_with_a_missing_end() -> None:
    """The link knows which."""
    before = linked()
    park = Park(ParkReason.ARCHIVED, Side.SEVERA)
    link = parked(before, picture(before, microsoft=event()), park, POLICY)
    assert (link.missing, link.microsoft.version, link.severa) == (Side.SEVERA, "m2", before.severa)


def test_waking_up() -> None:
    """While it rested its digests stood still: an end that was not looked at is as good as unknown until it is."""
    link = agreed(at_rest(linked()), activity("Dinner"), None, POLICY, DIGESTER)
    assert (link.state, link.parked, link.severa.version, link.microsoft.version) == (LinkState.LIVE, None, "s2", "")
    assert link.microsoft.digests == linked().microsoft.digests


def test_missing_end_is_back() -> None:
    """Nothing is missing any more."""
    link = agreed(at_rest(linked(), ParkReason.ARCHIVED, Side.MICROSOFT), activity(), event(), POLICY, DIGESTER)
    assert (link.missing, link.microsoft.version) == (None, "m2")


def test_burying() -> None:
    """The link of an entry that is gone on both sides keeps what both held last."""
    link = buried(at_rest(linked(), ParkReason.ARCHIVED, Side.SEVERA), replace(POLICY, now=NOW + timedelta(days=1)))
    assert (link.state, link.parked, link.missing) == (LinkState.DEAD, None, None)
    assert (link.severa, link.microsoft) == (linked().severa, linked().microsoft)
    assert link.agreed == NOW + timedelta(days=1)


# --- types (R10) ------------------------------------------------------------------------------------------------------
def test_write_without_a_type() -> None:
    """Nothing is remembered of types."""
    before = replace(linked(), earlier_type="visit", given_type="personal")
    assert with_types(before, activity(), Draft(entry("Dinner"))) == before


def test_write_that_makes_it_private() -> None:
    """The type of before is the one that comes back."""
    link = with_types(linked(), activity(kind="visit"), Draft(entry(private=True), "personal"))
    assert (link.earlier_type, link.given_type) == ("visit", "personal")


def test_write_that_ends_privacy() -> None:
    """The earlier type is back: there is no earlier one any more."""
    before = replace(linked(), earlier_type="visit", given_type="personal")
    link = with_types(before, activity(kind="personal"), Draft(entry(), "visit"))
    assert (link.earlier_type, link.given_type) == ("", "visit")
