"""The process dies, or an answer is lost, at every point of a whole play: the end is always the same."""

import pytest

from core.errors import OutcomeUnknown, RetryLater
from tests.support.memory_theatre import MemoryTheatre, memory_theatre
from tests.support.theatre import (
    SCRIPT,
    Act,
    Fate,
    check_links,
    edit_texts_in_microsoft,
    edit_texts_in_severa,
    first_sync,
    move_events,
    play,
    shown,
)

PARTS = 4
"""So that no single test takes long on a busy machine."""
WRITES = ("severa.create", "severa.update", "severa.delete", "microsoft.create", "microsoft.update", "microsoft.delete")


async def performed(
    fate: Fate | None = None, script: tuple[Act, ...] = SCRIPT, meanwhile: Act | None = None
) -> MemoryTheatre:
    """The play on memory, from its beginning to its end."""
    theatre = await memory_theatre()
    await play(theatre, fate, script, meanwhile)
    return theatre


async def test_nothing_goes_wrong() -> None:
    """Both calendars show the same, every entry once, with every edit; the value that lost is in history."""
    theatre = await performed()
    end = await shown(theatre)
    assert end.activities == end.events
    assert [len(entries) for entries in end.activities.values()] == [3, 2]
    await check_links(theatre)
    lost = [r.note.values for r in await theatre.stage.history() if r.note.code == "conflict_subject"]
    assert lost == [{"subject": "Review of plans"}]


@pytest.mark.parametrize("part", range(PARTS))
async def test_the_process_dies_before_and_after_every_effect(part: int) -> None:
    """Every one of them: same end, nothing doubled, nothing lost, one line of history for the conflict."""
    count = Fate()
    wanted = await shown(await performed(count))
    assert count.points > 400
    for number in count.apart[part::PARTS]:
        fate = Fate(number)
        theatre = await performed(fate)
        assert fate.point
        assert await shown(theatre) == wanted, f"died {fate.point} ({number})"
        await check_links(theatre)
        told = [r for r in await theatre.stage.history() if r.note.code == "conflict_subject"]
        assert len(told) == 1, f"died {fate.point} ({number})"


@pytest.mark.parametrize("meanwhile", [edit_texts_in_severa, edit_texts_in_microsoft, move_events])
async def test_people_go_on_while_the_process_is_dead(meanwhile: Act) -> None:
    """What they edit on either side between a crash in the first sync and the next run is on both sides in the end."""
    count = Fate()
    await performed(count, (first_sync,))
    for number in count.apart:
        fate = Fate(number)
        theatre = await performed(fate, (first_sync,), meanwhile)
        end = await shown(theatre)
        assert end.activities == end.events, f"died {fate.point} ({number})"
        assert [len(entries) for entries in end.activities.values()] == [4, 2], f"died {fate.point} ({number})"
        await check_links(theatre)
        assert await theatre.stage.told() == []


class Loses(Fate):
    """Lets one answer be lost, or one request be refused for the moment: the process goes on."""

    def __init__(self, number: int, when: str, failure: Exception) -> None:
        super().__init__()
        self._number, self._when, self._failure, self.tried = number, when, failure, 0

    def __call__(self, point: str) -> None:
        when, effect = point.split(" ")
        if when == self._when and effect in WRITES:
            self.tried += 1
            if self.tried == self._number:
                raise self._failure


@pytest.mark.parametrize(
    ("when", "failure"),
    [
        ("before", OutcomeUnknown("severa_timeout")),
        ("after", OutcomeUnknown("severa_timeout")),
        ("before", RetryLater("throttled")),
    ],
)
async def test_every_answer_is_lost_once(when: str, failure: Exception) -> None:
    """A write whose answer is lost, done or not, and a throttled one, come to the same end as one that went well."""
    count = Loses(0, when, failure)
    wanted = await shown(await performed(count))
    assert count.tried >= 15
    for number in range(1, count.tried + 1):
        theatre = await performed(Loses(number, when, failure))
        assert await shown(theatre) == wanted, number
        await check_links(theatre)
