"""What a run costs: calls of the stores and of both services, counted."""

from core.usecases.hints import note_activity_changed, note_presence
from tests.support.stage import ANNA, COMPANY, Stage, at, entry, make_stage

SERVICES = ("severa", "microsoft", "company")


async def calm(**options: object) -> Stage:
    """A stage in agreement, counting from here on."""
    stage = await make_stage(**options)
    await stage.linked("Lunch", "Dinner", "Supper")
    await stage.settle()
    stage.watch.reset()
    return stage


def services(stage: Stage) -> dict[str, int]:
    """Calls of both services."""
    return {name: count for name, count in sorted(stage.watch.calls.items()) if name.split(".")[0] in SERVICES}


def stores(stage: Stage) -> int:
    """Calls of the tables."""
    return stage.watch.of("pairs", "companies", "due", "history", "holds")


async def test_an_idle_run() -> None:
    """One round of the mailbox, nothing in Severa, at most five calls of the tables."""
    stage = await calm()
    await stage.run()
    assert services(stage) == {"microsoft.changes": 1}
    assert stores(stage) <= 5
    assert stage.watch.of("queues") == 0


async def test_one_event_was_changed() -> None:
    """One round and no further read there; Severa is read and written."""
    stage = await calm()
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    await stage.run()
    assert services(stage) == {"microsoft.changes": 1, "severa.read": 1, "severa.update": 1}
    assert stores(stage) <= 14


async def test_a_new_event() -> None:
    """Its mark is read, Severa's calendar is looked at around its time, and the activity is made."""
    stage = await calm()
    stage.anna.add(entry("New", at(15)))
    await stage.run()
    assert services(stage) == {"microsoft.changes": 1, "microsoft.read": 1, "severa.create": 1, "severa.view": 1}
    assert stores(stage) <= 17


async def test_one_activity_was_changed() -> None:
    """After the feed told of it: Severa is read, the event is read and written."""
    stage = await calm()
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "edited"))
    await stage.poll()
    assert services(stage) == {"company.changes": 1}
    stage.watch.reset()
    await stage.run()
    assert services(stage) == {
        "microsoft.changes": 1,
        "microsoft.read": 1,
        "microsoft.update": 1,
        "severa.read": 1,
    }
    assert stores(stage) <= 12


async def test_a_new_activity() -> None:
    """The mailbox is looked at around its time, and the event is made."""
    stage = await calm()
    stage.severa.add(ANNA, entry("New", at(15)))
    await stage.poll()
    stage.watch.reset()
    await stage.run()
    assert services(stage) == {"microsoft.changes": 1, "microsoft.create": 1, "microsoft.view": 1, "severa.read": 1}
    assert not stage.watch.calls["pairs.links"]
    assert stores(stage) <= 16


async def test_our_own_writes_come_back() -> None:
    """What the round and the feed tell of them is settled without a look."""
    stage = await calm()
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    await stage.run()
    await stage.poll()
    stage.watch.reset()
    report = await stage.run()
    assert report.noticed == 1
    assert services(stage) == {"microsoft.changes": 1}
    stage.watch.reset()
    await stage.run()
    assert stores(stage) <= 5


async def test_an_idle_poll() -> None:
    """One listing."""
    stage = await calm()
    await stage.poll()
    assert services(stage) == {"company.changes": 1}
    assert stores(stage) <= 4


async def test_the_first_look_at_many_entries_that_are_all_there() -> None:
    """A matched entry costs no call of its own on either side; two hundred cost what two cost, but for the tables."""
    stage = await make_stage()
    for number in range(200):
        stage.anna.add(entry(f"Event {number}", at(number / 4)))
        stage.severa.add(ANNA, entry(f"Event {number}", at(number / 4)))
    await stage.poll()
    stage.watch.reset()
    await stage.run()
    assert services(stage)["severa.view"] == services(stage)["microsoft.changes"] == 1
    assert sum(services(stage).values()) <= 8
    assert stores(stage) <= 50


async def test_a_day_without_any_change() -> None:
    """Each user's calendars are looked at four times an hour; Severa is listed once a day."""
    stage = await calm()
    await stage.work(minutes=24 * 60)
    assert stage.watch.calls["severa.view"] <= 4
    assert stage.watch.calls["microsoft.changes"] <= 2 * 24 * 4 + 8
    assert stage.watch.calls["company.changes"] <= 24 * 60 + 1


async def test_a_sign_of_life_and_the_front_end_s_word() -> None:
    """At most three calls of the tables for each pair concerned, and one for the activity's holders."""
    stage = await calm()
    await note_presence(stage.ports, stage.pair)
    assert stores(stage) <= 3
    stage.watch.reset()
    await note_activity_changed(stage.ports, COMPANY, ANNA, stage.activity("Lunch").id)
    assert stores(stage) <= 4
