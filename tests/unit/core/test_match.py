"""First sync and every later newcomer (R6): which activity and event are the same. P03, P05."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.model.essence import Essence
from core.model.policy import Policy, PrivateWithoutPersonal
from core.model.sighting import Activity, Event, Role, Shape
from core.model.when import AllDay, timed
from core.sync.match import activity_key, event_key, match
from tests.support.pictures import LUNCH, NO_PERSONAL, NOW, POLICY, activity, at, entry, event

SKIP = replace(NO_PERSONAL, private_without_personal=PrivateWithoutPersonal.SKIP)


def ids(activities: list[Activity], events: list[Event], policy: Policy = POLICY) -> list[tuple[str, str]]:
    """What is matched, by ids."""
    return [(a.id, e.id) for a, e in match(activities, events, policy)]


def activities(*names: str, essence: Essence | None = None) -> list[Activity]:
    """Alike, made one after the other."""
    return [activity(essence or entry(), id=n, created=NOW + timedelta(hours=i)) for i, n in enumerate(names)]


def events(*names: str, essence: Essence | None = None) -> list[Event]:
    """Alike, made one after the other."""
    return [event(essence or entry(), id=n, created=NOW + timedelta(hours=i)) for i, n in enumerate(names)]


@pytest.mark.parametrize(
    ("severa", "microsoft"),
    [
        ("Lunch", "Lunch"),
        ("LUNCH", "lunch"),
        ("Straße", "STRASSE"),
        ("(No subject)", ""),
        ("x" * 300, "x" * 255),
        (entry("Lunch", text="Menu", location="Café"), entry("Lunch")),
        (
            entry("Off", AllDay(date(2026, 11, 25), date(2026, 11, 26))),
            entry("Off", AllDay(date(2026, 11, 25), date(2026, 11, 26))),
        ),
    ],
)
def test_alike(severa: Essence | str, microsoft: Essence | str) -> None:
    """Subject without case, start and end: the rest is merged afterwards."""
    assert ids([activity(severa)], [event(microsoft)]) == [("A", "E")]


@pytest.mark.parametrize(
    ("severa", "microsoft"),
    [
        ("Lunch", "Lunch with Bert"),
        (entry(when=at(11)), entry(when=at(11.5))),
        (entry(when=at(11)), entry(when=at(11, hours=2))),
        (entry(when=at(0, hours=24)), entry(when=AllDay(date(2026, 11, 25), date(2026, 11, 26)))),
    ],
)
def test_not_alike(severa: Essence | str, microsoft: Essence | str) -> None:
    """Another subject, start or end, or whole days against hours."""
    assert ids([activity(severa)], [event(microsoft)]) == []


def test_same_instants_in_another_zone() -> None:
    """The zone is not compared (R23)."""
    elsewhere = timed(LUNCH.start, LUNCH.end, "America/New_York")
    assert ids([activity()], [event(entry(when=elsewhere))]) == [("A", "E")]


@pytest.mark.parametrize(
    ("severa", "microsoft", "found"),
    [
        (("A1", "A2"), ("E1", "E2"), [("A1", "E1"), ("A2", "E2")]),
        (("A1", "A2", "A3"), ("E1", "E2"), [("A1", "E1"), ("A2", "E2")]),
        (("A1", "A2"), ("E1", "E2", "E3"), [("A1", "E1"), ("A2", "E2")]),
        (("A2", "A1"), ("E2", "E1"), [("A2", "E2"), ("A1", "E1")]),  # by age, not by id
    ],
)
def test_p05_several_alike(severa: tuple[str, ...], microsoft: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    """They are paired in creation order, whatever order they are listed in; the surplus is new."""
    assert ids(activities(*severa), events(*microsoft)) == found
    assert ids(activities(*severa)[::-1], events(*microsoft)[::-1]) == found


def test_several_alike_of_unknown_age() -> None:
    """Then ids decide, so that every run decides alike."""
    assert ids([activity(id="A2"), activity(id="A1")], [event(id="E2"), event(id="E1")]) == [("A1", "E1"), ("A2", "E2")]


def test_unticked_type() -> None:
    """It is matched, so that it is not doubled; whether it travels is another question."""
    assert ids([activity(kind="meeting")], [event()]) == [("A", "E")]


@pytest.mark.parametrize(
    "severa",
    [
        activity(kind="task"),
        replace(activity(owner="bert"), role=Role.NONE),
        replace(activity(), shape=Shape.OCCURRENCE),
        activity(entry(when=at(11, day=-140))),
    ],
)
def test_activity_that_may_not_be_linked(severa: Activity) -> None:
    """It is matched with nothing."""
    assert ids([severa], [event(severa.essence)]) == []


@pytest.mark.parametrize(
    "microsoft",
    [
        replace(event(), shape=Shape.OCCURRENCE),
        replace(event(), is_cancelled=True),
        event(entry(when=at(11, day=-140))),
    ],
)
def test_event_that_may_not_be_linked(microsoft: Event) -> None:
    """It is matched with nothing."""
    assert ids([activity(microsoft.essence)], [microsoft]) == []


# --- private entries --------------------------------------------------------------------------------------------------
DENTIST = entry("Dentist", private=True)


def test_masked_event() -> None:
    """It is recognized by its mask, as Severa shows it, and by nothing else."""
    assert ids([activity("Private")], [event(DENTIST)], NO_PERSONAL) == [("A", "E")]
    assert ids([activity("Dentist")], [event(DENTIST)], NO_PERSONAL) == []


def test_private_event_and_personal_activity() -> None:
    """Where there is a Personal type nothing is masked."""
    assert ids([activity("Dentist", "personal")], [event(DENTIST)]) == [("A", "E")]
    assert ids([activity("Private", "personal")], [event(DENTIST)]) == []


@pytest.mark.parametrize("policy", [POLICY, NO_PERSONAL, SKIP])
def test_absence_and_its_private_copy(policy: Policy) -> None:
    """In every company: an absence keeps its content to itself, so it is compared as it is."""
    copy = event(entry("Holiday", private=True))
    assert ids([activity("Holiday", "absence")], [copy], policy) == [("A", "E")]


def test_absence_before_the_mask() -> None:
    """Where both would do, the absence itself is meant."""
    private = activity("Private", id="A1", created=NOW)
    holiday = activity("Holiday", "absence", id="A2", created=NOW + timedelta(hours=1))
    assert ids([private, holiday], [event(entry("Holiday", private=True))], NO_PERSONAL) == [("A2", "E")]


def test_absence_and_a_call_of_the_same_name() -> None:
    """An event that is not private goes with the older of the two."""
    call = activity("Holiday", id="A1", created=NOW)
    holiday = activity("Holiday", "absence", id="A2", created=NOW + timedelta(hours=1))
    assert ids([call, holiday], events("E1", "E2", essence=entry("Holiday"))) == [("A1", "E1"), ("A2", "E2")]


def test_skipped_event() -> None:
    """What the company keeps out of Severa is matched with nothing that everybody sees."""
    assert ids([activity("Dentist"), activity("Private")], [event(DENTIST)], SKIP) == []


def test_keys() -> None:
    """What a twin is looked for by is what a match is made on."""
    assert activity_key(activity("LUNCH ")) == event_key(event("lunch"), POLICY)
    assert event_key(event(DENTIST), NO_PERSONAL) == activity_key(activity("Private"))


def test_those_with_the_same_text_go_together_first() -> None:
    """Whatever their ages say: nothing is overwritten that need not be; the others go by age."""
    older, newer = NOW - timedelta(days=2), NOW - timedelta(days=1)
    here = [
        activity(entry(text="with the dog"), id="A1", created=older),
        activity(entry(text="with Bert"), id="A2", created=newer),
        activity(entry(text="alone"), id="A3", created=newer),
    ]
    there = [
        event(entry(text="with Bert"), id="E1", created=older),
        event(entry(text="with the dog"), id="E2", created=newer),
        event(entry(text="by car"), id="E3", created=newer),
    ]
    assert set(ids(here, there)) == {("A1", "E2"), ("A2", "E1"), ("A3", "E3")}
