"""All that is stored of one user, readable: their right to a copy (docs/data-protection.md).

What their calendars hold is not among it but for the values that history keeps, which are theirs alone (section 9):
without `with_values` the lines tell what happened, and which fields are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from core.model.ids import Pair
from core.model.rows import LineKey, Record
from core.model.state import Head
from core.ports import Ports
from core.ports_live import LivePorts

PAGE = 500
WITHHELD = "withheld"
_TAGS = frozenset({"tag"})
"""What says which version of a row it is; nothing about anybody."""
Document = dict[str, Any]


async def export_user(live: LivePorts, pair: Pair, *, with_values: bool) -> Document:
    """Everything as one JSON document, times in UTC (RFC 3339). `with_values`: for nobody but the user themself.

    Raises RetryLater where the storage does not answer.
    """
    ports, company = live.ports, pair.company
    head = await ports.pairs.head(pair)
    named = await ports.companies.mentions(company, pair.user)
    members = [member for member in await ports.companies.members(company) if member.user == pair.user]
    history = [_line(record, with_values=with_values) for record in await _history(ports, pair)]
    return {
        "company": company,
        "user": pair.user,
        "exported": plain(ports.clock.now()),
        "member": plain(members[0]) if members else None,
        "pair": _pair(head),
        "links": [plain(link) for link in await ports.pairs.links(pair)],
        "intents": [plain(intent) for intent in await ports.companies.intents(pair)],
        "subscription": plain(await live.subscriptions.find(company, pair.user)),
        "mailboxes": list(named.mailboxes),
        "activities_held": list(named.activities),
        "meetings": [plain(await ports.companies.claim(company, key)) for key in named.claims],
        "holds": [plain(hold) for hold in await ports.holds.of_company(company) if hold.user == pair.user],
        "history": history,
    }


def _pair(head: Head) -> Document:
    return {
        "state": plain(head.state),
        "switch": plain(head.switch),
        "present_until": plain(head.present_until),
        "asked_for_until": plain(head.hint.queued_until),
        "cursor": head.cursor is not None,
        "pending": [plain(row) for row in head.pending],
    }


async def _history(ports: Ports, pair: Pair) -> list[Record]:
    found: list[Record] = []
    after: LineKey | None = None
    while page := await ports.history.read(
        pair, datetime.min.replace(tzinfo=ports.clock.now().tzinfo), PAGE, after=after
    ):
        found += page
        after = page[-1].key
    return found


def _line(record: Record, *, with_values: bool) -> Document:
    line: Document = plain(record)
    if not with_values:
        for part in ("values", "stayed"):
            line["note"][part] = dict.fromkeys(line["note"][part], WITHHELD)
    return line


def plain(value: Any) -> Any:
    """What JSON can hold of the model's values: fields by name, times as text, sets as lists."""
    return json.loads(json.dumps(value, default=_spelt))


def _spelt(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value) if one.name not in _TAGS}
    return dict(value) if isinstance(value, Mapping) else list(value)
