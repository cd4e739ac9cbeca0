"""Keyed digests: what links remember instead of content."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from core.model.essence import PLAIN, Essence, Field, privacy
from core.model.ids import CompanyId, MailboxId, Side
from core.model.sighting import Mark

_APART = "\x1f"
"""Keeps neighbours apart."""
_AT_HAND = 64
"""Digests that are not made anew: a few entries' own, and those that nearly all entries have, as of an empty place."""


@dataclass(frozen=True, slots=True)
class Digester:
    """HMAC-SHA-256 (RFC 2104) under one company's key, cut to 128 bits, as 22 characters of base64url."""

    key: bytes
    _sealed: Callable[[str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the key once for all digests."""
        object.__setattr__(self, "_sealed", lru_cache(_AT_HAND)(_sealing(self.key)))

    def of(self, *parts: str) -> str:
        """The digest of a sequence of strings; the separator keeps neighbours apart."""
        return self._sealed(_APART.join(parts))

    def field(self, side: Side, name: str, essence: Essence) -> str:
        """What one field holds on one side. The side is part of it, so equal values do not show as equal digests.

        Empty for a date of a series that is no exception: what is not there is not remembered either.
        """
        value = essence.value(name)
        return self.of(side, name, value) if value or name in PLAIN else ""

    def fields(self, side: Side, essence: Essence) -> dict[str, str]:
        """Every field's digest, by field name."""
        where, sealed = side + _APART, self._sealed
        return {name: sealed(f"{where}{name}{_APART}{value}") for name, value in sorted(essence.values().items())}

    def private(self, side: Side) -> str:
        """What a private entry's privacy looks like on that side."""
        return self.of(side, Field.PRIVACY, privacy(private=True))

    def mark(self, company: CompanyId, mailbox: MailboxId, activity: str, generation: int) -> Mark:
        """Our stamp for an event made from that activity in that mailbox."""
        sealed = self.of("mark", company, mailbox, activity, str(generation))
        return Mark(company, mailbox, activity, generation, sealed)

    def vouches_for(self, mark: Mark, company: CompanyId, mailbox: MailboxId) -> bool:
        """Whether the mark is ours, of this company and mailbox; a mark carried elsewhere by a copy is not (P04)."""
        genuine = self.mark(company, mailbox, mark.activity, mark.generation)
        return mark.company == company and mark.mailbox == mailbox and hmac.compare_digest(genuine.digest, mark.digest)


def _sealing(key: bytes) -> Callable[[str], str]:
    """What makes digests under that key, which is prepared once and copied (RFC 2104 section 4): that is quicker."""
    prepared = hmac.new(key, digestmod="sha256")

    def sealed(text: str) -> str:
        made = prepared.copy()
        made.update(text.encode())
        return urlsafe_b64encode(made.digest()[:16])[:22].decode()

    return sealed
