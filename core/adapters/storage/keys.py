"""How partition and row keys are spelt: short, and free of slashes, `#`, `?` and `%` (facts/microsoft.md J6)."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from core.model.ids import CompanyId, Pair, Side

_SAFE = re.compile(r"[0-9A-Za-z._-]{1,120}")


def digest(text: str) -> str:
    """SHA-256 in hexadecimal: ids of events are long, case-sensitive and full of characters that keys cannot hold."""
    return hashlib.sha256(text.encode()).hexdigest()


def safe(text: str) -> str:
    """The text itself where a key can hold it, so that operators can read it; else `~` and its digest."""
    return text if _SAFE.fullmatch(text) else f"~{digest(text)}"


def range_of(prefix: str) -> tuple[str, str]:
    """The first key with this prefix and the first one after all of them. The prefix must not be empty."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


# --- pairs ------------------------------------------------------------------------------------------------------------
HEAD = "head:"
STATE = "head:state"
CURSOR = "head:cursor"
HINT = "head:hint"
PRESENCE = "head:presence"
SWITCH = "head:switch"
PENDING = "head:pending:"
LINK = "link:"
_LETTER = {Side.SEVERA: "s", Side.MICROSOFT: "m"}


def pair_partition(pair: Pair) -> str:
    """One pair, one partition: all of it can be written in one transaction."""
    return f"{pairs_of(pair.company)}{safe(pair.user)}"


def pairs_of(company: CompanyId) -> str:
    """What the partitions of a company's pairs begin with, in `pairs` and in `history`."""
    return f"{safe(company)}|"


def pending_key(side: Side, entry: str) -> str:
    """The row of a pending entry."""
    return f"{PENDING}{_LETTER[side]}:{digest(entry)}"


def link_key(side: Side, entry: str) -> str:
    """The row that finds a link from this end."""
    return f"{links_from(side)}{digest(entry)}"


def links_from(side: Side) -> str:
    """What the rows of links have in common that are found from this end."""
    return f"{LINK}{_LETTER[side]}:"


# --- due --------------------------------------------------------------------------------------------------------------
SHARDS = 16


def shard_of(company: CompanyId) -> str:
    """Two digits that are always the same for a company."""
    return f"{int(digest(company)[:8], 16) % SHARDS:02d}"


def due_partition(shard: str, at: datetime) -> str:
    """One shard's minute; later minutes sort later."""
    return f"{shard}|{at.astimezone(UTC):%Y%m%d%H%M}"


# --- history ----------------------------------------------------------------------------------------------------------
def history_partition(pair: Pair, at: datetime) -> str:
    """One pair's month, counted down, so that a table's own order is newest first."""
    instant = at.astimezone(UTC)
    return f"{pair_partition(pair)}|{999999 - (instant.year * 100 + instant.month):06d}"


def history_key(at: datetime, record: str) -> str:
    """Milliseconds counted down, then the record's id: written twice, it is one row."""
    return f"{10**14 - int(at.timestamp() * 1000):015d}|{safe(record)}"
