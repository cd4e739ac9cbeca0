"""A round that goes on, and one that never ends."""

from __future__ import annotations

from core.adapters.graph import quirks
from core.adapters.graph.rounds import Progress


def entries(*ids: int) -> frozenset[tuple[str, str]]:
    """A page's fingerprint."""
    return frozenset((str(number), "v") for number in ids)


def test_a_long_round_goes_on() -> None:
    """New entries on every page are progress, however many pages it takes."""
    progress = Progress()
    assert not any(progress.stalls(entries(2 * page, 2 * page + 1)) for page in range(5000))


def test_the_same_page_again_and_again() -> None:
    """The third time is once too often."""
    progress = Progress()
    assert [progress.stalls(entries(1, 2)) for _ in range(3)] == [False, False, True]


def test_a_circle_of_several_pages() -> None:
    """It is seen as well."""
    progress = Progress()
    seen = [progress.stalls(entries(page % 4)) for page in range(12)]
    assert seen.index(True) == 8


def test_empty_pages() -> None:
    """Some are ordinary, but not without end."""
    progress = Progress()
    seen = [progress.stalls(entries()) for _ in range(quirks.SPARE_PAGES + 1)]
    assert seen == [False] * quirks.SPARE_PAGES + [True]


def test_pages_that_are_always_a_little_different() -> None:
    """Ever-new combinations of the same few entries run out of pages."""
    progress = Progress()
    pages = [entries(*(bit for bit in range(8) if number >> bit & 1)) for number in range(1, 200)]
    assert any(progress.stalls(page) for page in pages)
