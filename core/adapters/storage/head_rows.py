"""The rows of a pair that every run reads: state with lease, cursor, switch, presence, hint, pending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.adapters.storage import keys
from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.rows import Row, instant_of, instant_text, joined_text, split_text, tag_of
from core.model.ids import Pair, Side
from core.model.state import Head, Hint, PairState, Pending, Switch, Verdict


def head_of(pair: Pair, rows: Iterable[Any]) -> Head:
    """The head that those rows are."""
    found: dict[str, Any] = {}
    pending = []
    for row in rows:
        if row["RowKey"].startswith(keys.PENDING):
            pending.append(_pending(row))
        else:
            found[row["RowKey"]] = row
    state, hint, switch = found.get(keys.STATE), found.get(keys.HINT), found.get(keys.SWITCH, {})
    return Head(
        pair,
        from_json(PairState, state["state"]) if state is not None and "state" in state else PairState(),
        tag_of(state) if state is not None else "",
        Switch(switch.get("on", False), instant_of(switch.get("since"))),
        joined_text("cursor", found.get(keys.CURSOR, {})),
        instant_of(found.get(keys.PRESENCE, {}).get("until")),
        _hint(hint) if hint is not None else Hint(),
        tuple(pending),
        instant_of(state.get("lease_until")) if state is not None else None,
        state.get("epoch", 0) if state is not None else 0,
    )


class HeadRows:
    """The head's rows to be written."""

    def __init__(self, pair: Pair) -> None:
        self.partition = keys.pair_partition(pair)

    def _row(self, key: str, **values: Any) -> Row:
        return {"PartitionKey": self.partition, "RowKey": key, **values}

    def lease(self, epoch: int, until: datetime | None, nonce: str, state: PairState | None = None) -> Row:
        """The state row's part about the lease, and the state where it changed; to be merged."""
        values = {"state": to_json(state)} if state is not None else {}
        return self._row(keys.STATE, epoch=epoch, lease_until=instant_text(until), nonce=nonce, **values)

    def hint(self, hint: Hint, taken: str = "") -> Row:
        """The hint; `taken` is the nonce of the transaction that took it."""
        asked, causes = instant_text(hint.asked), "\n".join(hint.causes)
        return self._row(
            keys.HINT, queued_until=instant_text(hint.queued_until), taken=taken, asked=asked, causes=causes
        )

    def presence(self, until: datetime) -> Row:
        """That the user is logged in."""
        return self._row(keys.PRESENCE, until=instant_text(until))

    def switch(self, switch: Switch) -> Row:
        """The user's own switch."""
        return self._row(keys.SWITCH, on=switch.on, since=instant_text(switch.since))

    def cursor(self, cursor: str | None) -> Row:
        """The cursor. One too large for a row is dropped, which means a full round (design.md section 6)."""
        return self._row(keys.CURSOR, **((split_text("cursor", cursor) if cursor else None) or {}))

    def pending(self, pending: Pending) -> Row:
        """A pending entry as it is."""
        return self._row(
            keys.pending_key(pending.side, pending.id),
            side=pending.side.value,
            id=pending.id,
            version=pending.version,
            gone=pending.gone,
            named=pending.named,
            fingerprint=pending.fingerprint,
            changed=instant_text(pending.changed),
            attempts=pending.attempts,
            not_before=instant_text(pending.not_before),
            hold=pending.hold,
            verdict=pending.verdict or "",
        )

    def noticed(self, pending: Pending) -> Row:
        """A pending entry to be merged into an earlier row, which keeps what the new one does not know better."""
        row = self.pending(pending)
        return {name: value for name, value in row.items() if value or name not in _KEPT}


_KEPT = frozenset({"named", "fingerprint", "changed", "hold", "verdict"})


def _hint(row: Any) -> Hint:
    causes = tuple(row.get("causes", "").splitlines())
    return Hint(instant_of(row.get("queued_until")), tag_of(row), instant_of(row.get("asked")), causes)


def _pending(row: Any) -> Pending:
    return Pending(
        Side(row["side"]),
        row["id"],
        row["version"],
        row["gone"],
        row.get("named", False),
        row.get("fingerprint", ""),
        instant_of(row.get("changed")),
        row["attempts"],
        instant_of(row["not_before"]),
        row.get("hold", ""),
        Verdict(row["verdict"]) if row.get("verdict") else None,
        tag_of(row),
    )
