"""Where a test may interrupt: before and after everything that changes a calendar or a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

OnEffect = Callable[[str], None]
"""Called with `before NAME` and `after NAME`; what it raises is what the caller of the effect sees.

Raised before, the effect did not happen (a crash, a refusal, a throttled request); raised after, it did and its caller
does not know (a crash, OutcomeUnknown).
"""


def _nothing(_: str) -> None:
    """Let every effect pass."""


class Effects:
    """One hook for all the memory adapters of a test; `on_effect` may be exchanged at any time."""

    def __init__(self, on_effect: OnEffect | None = None) -> None:
        self.on_effect: OnEffect = on_effect or _nothing

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        """Frame one effect. An effect that fails by itself has no `after`."""
        self.on_effect(f"before {name}")
        yield
        self.on_effect(f"after {name}")
