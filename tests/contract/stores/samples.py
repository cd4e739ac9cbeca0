"""Ids and rows for the contract of the stores; every company is a new one."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import End, Link
from core.model.rows import Commit
from core.model.state import Lease, Pending
from core.ports import PairStore

MASTER = bytes(range(32))
NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(minutes=3)


def a_company() -> CompanyId:
    """A company that no other test knows."""
    return CompanyId(str(uuid.uuid4()))


def a_pair(company: CompanyId | None = None) -> Pair:
    """A pair that no other test knows."""
    return Pair(company or a_company(), UserId(str(uuid.uuid4())))


def event_id(name: str) -> str:
    """As Exchange spells them: long, and with every character that a key cannot hold."""
    return f"AAMkAGI2/{name}+\\#?%= {'x' * 140}"


def a_link(activity: str, event: str, **changes: object) -> Link:
    """A living link with something in every part."""
    ends = (End("v1", {"subject": "d1", "time": "d2"}, "v1"), End('W/"1"', {"subject": "d3"}, ""))
    link = Link(activity, event, Side.SEVERA, *ends, uid="uid", ends=NOW, agreed=NOW)
    return replace(link, **changes)


def noticed(entry: str, side: Side = Side.MICROSOFT, **changes: object) -> Pending:
    """An entry of which a version was noticed."""
    return replace(Pending(side, entry, "v1"), **changes)


async def leased(pairs: PairStore, pair: Pair, now: datetime = NOW) -> Lease:
    """A lease that the test holds."""
    lease = await pairs.acquire(await pairs.head(pair), now, now + LEASE)
    assert lease is not None
    return lease


async def committed(pairs: PairStore, lease: Lease, **change: object) -> Lease:
    """The lease after a commit of that change."""
    return await pairs.commit(lease, NOW + LEASE, Commit(**change))
