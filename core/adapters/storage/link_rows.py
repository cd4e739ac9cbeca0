"""A link as a row. It is stored twice, found by its activity and by its event; both rows hold all of it.

An end's row tells which link that end belongs to now. When an activity is linked to another event (or an event to
another activity), the new link's rows take the place of those that they share with the old one, and the old link's
other row stays as it was: the two ends that it names no longer agree on it. Such a link is dead, whatever its row says
(`is_displaced`). So a write needs no read to find what it displaces, and a displaced end is still found, as dead.
A dead link that is written is kept off rows that belong to another link (core/adapters/storage/pairs.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.keys import link_key, pair_partition
from core.adapters.storage.rows import Row, instant_of, instant_text, joined_text, split_text
from core.model.ids import Pair, Side
from core.model.link import Link, LinkState

MOST_PLAIN = 30_000
"""UTF-16 units of a link as text; a property holds 32 Ki (facts/microsoft.md J6). A series with some 300 exceptions on
each side is longer, and is stored compressed."""
_SEALED = frozenset({"ends", "uid"})
"""Encrypted: when an entry is over would tell when somebody is busy, and other systems' uids may hold an address.

The digests are keyed already.
"""


class LinkRows:
    """Links to rows and back, for one pair."""

    def __init__(self, pair: Pair, cipher: Cipher) -> None:
        self._pair = pair
        self._cipher = cipher
        self.partition = pair_partition(pair)

    def row(self, link: Link, side: Side) -> Row:
        """The row that finds the link from its end on `side`."""
        row: Row = {
            "PartitionKey": self.partition,
            "RowKey": link_key(side, link.id_on(side)),
            "activity": link.activity,
            "event": link.event,
            "state": link.state.value,
        }
        text = to_json(link, without=_SEALED)
        if len(text) <= MOST_PLAIN:
            row["link"] = text
        elif (packed := split_text("packed", text)) is not None:
            row |= packed
        else:
            raise ValueError("a link is too large for a row")
        if link.ends is not None:
            row["ends"] = self._seal(link, instant_text(link.ends))
        if link.uid:
            row["uid"] = self._seal(link, link.uid)
        return row

    def link(self, row: Mapping[str, Any]) -> Link:
        """The link that a row holds."""
        link = stored_link(row)
        if (ends := row.get("ends")) is not None:
            link = replace(link, ends=instant_of(self._open(link, ends)))
        if (uid := row.get("uid")) is not None:
            link = replace(link, uid=self._open(link, uid))
        return link

    def _seal(self, link: Link, text: str) -> bytes:
        return self._cipher.seal(self._pair.company, text.encode(), self._place(link))

    def _open(self, link: Link, sealed: bytes) -> str:
        return self._cipher.open(self._pair.company, sealed, self._place(link)).decode()

    def _place(self, link: Link) -> str:
        return f"{self.partition} {link.activity} {link.event}"


def stored_link(row: Mapping[str, Any]) -> Link:
    """The link of a row but for what is encrypted in it; a long one is stored compressed."""
    return from_json(Link, row["link"] if "link" in row else joined_text("packed", row) or "")


def is_displaced(link: Link, other_row: Mapping[str, Any] | None, side: Side) -> bool:
    """Whether the row of the link's end on `side` belongs to another link by now."""
    if other_row is None:
        return False
    name = "activity" if side is Side.MICROSOFT else "event"
    return bool(other_row[name] != link.id_on(side.other))


def as_dead(link: Link) -> Link:
    """What remains of a link whose end found another partner."""
    return link if link.state is LinkState.DEAD else replace(link, state=LinkState.DEAD, parked=None)
