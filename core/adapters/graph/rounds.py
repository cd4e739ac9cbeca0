"""Tells a round that goes on from one that never ends (facts/microsoft.md A2, "Wedged stream")."""

from __future__ import annotations

from collections import Counter

from core.adapters.graph import quirks


class Progress:
    """Watches the pages of one round. A page's fingerprint is the set of (id, version) of its entries."""

    def __init__(self) -> None:
        self._pages = 0
        self._entries: set[tuple[str, str]] = set()
        self._shown: Counter[frozenset[tuple[str, str]]] = Counter()

    def stalls(self, fingerprint: frozenset[tuple[str, str]]) -> bool:
        """Note one more page that another one follows; whether the round goes in circles.

        It does when it shows the very same entries for the third time, or has used up more pages than it showed
        entries, and fifty.
        """
        self._pages += 1
        self._entries |= fingerprint
        self._shown[fingerprint] += bool(fingerprint)
        repeated = self._shown[fingerprint] >= quirks.STALL_REPEATS
        return repeated or self._pages > quirks.SPARE_PAGES + len(self._entries)
