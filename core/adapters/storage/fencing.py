"""Transactions that begin with the pair's state row, so that only the holder of the lease writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from azure.core.exceptions import AzureError
from azure.data.tables import TableTransactionError

from core.adapters.storage.failures import CONDITION_FAILED, is_unanswered, meaning, status_of
from core.adapters.storage.keys import HINT
from core.adapters.storage.rows import tag_of
from core.adapters.storage.tables import Table, Write
from core.errors import LeaseLost

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction left: the tag of the state row, and that of the hint row, empty where it was not written."""

    state_tag: str
    hint_tag: str = ""


async def fenced(table: Table, writes: Sequence[Write], nonce: str) -> Written:
    """Write; the first row is the state row, holds `nonce` and has the condition that fences all.

    Where the answer is lost, the state row tells by its nonce whether this very transaction took place; if it did not,
    it is sent again, which the fence makes harmless. Raises LeaseLost where the state row is somebody else's.
    """
    unanswered: AzureError | None = None
    for _ in range(_ATTEMPTS):
        try:
            tags = await table.transact(writes)
        except AzureError as failure:
            lost = isinstance(failure, TableTransactionError) and status_of(failure) in CONDITION_FAILED
            if not lost and not is_unanswered(failure):
                raise meaning(failure, "pairs transaction") from failure
            done = await _look(table, writes[0], nonce)
            if done is not None:
                return done
            if lost:
                raise LeaseLost("lease_lost") from failure
            unanswered = failure
        else:
            return Written(tags[writes[0].key], tags.get(HINT, ""))
    raise meaning(unanswered or AzureError("unanswered"), "pairs transaction") from unanswered


async def _look(table: Table, state: Write, nonce: str) -> Written | None:
    """What the transaction with this nonce left, None where it did not take place."""
    partition = state.row["PartitionKey"]
    row = await table.read(partition, state.key)
    if row is None or row.get("nonce") != nonce:
        return None
    hint = await table.read(partition, HINT)
    return Written(tag_of(row), tag_of(hint) if hint is not None and hint.get("taken") == nonce else "")
