from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.head_rows import HeadRows, head_of
from core.adapters.storage.link_rows import LinkRows
from core.model.claim import Claim
from core.model.company import (
    ActivityRow,
    CompanySettings,
    ExchangeRelease,
    ExchangeTls,
    FeedState,
    MeetingEdits,
    SyncWhile,
    Version,
)
from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.link import End, Link, LinkState, ParkReason
from core.model.policy import ActivityType, ConflictRule, PrivateWithoutPersonal
from core.model.rows import Hold
from core.model.sighting import Category
from core.model.state import Health, PairState, Pending, Repair, Verdict
from core.sync.digest import Digester

AT = datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)
PAIR = Pair(CompanyId("c"), UserId("u"))
LINK = Link(
    "a",
    "e",
    Side.MICROSOFT,
    End("1", {"subject": "x"}, "0"),
    End("2", {"time": "y"}, "3"),
    LinkState.PARKED,
    ParkReason.MEETING,
    Side.SEVERA,
    generation=3,
    uid="uid",
    masked=True,
    earlier_type="t1",
    given_type="t2",
    ends=AT,
    agreed=AT,
    recurs=True,
    era=4,
    claim="k",
    organized=True,
    people="p",
    followed=True,
)
TYPE = ActivityType("i", "n", Category.TASK, is_active=False, is_default=True)
FULL: list[Any] = [
    LINK,
    PairState(
        MailboxId("m"), AT, matched=True, compared=AT, listed=AT, noticed=AT, turn=AT,
        deleted=(("h", 1),), created=(("d", 2), ("e", 3)),
        zone="Europe/Helsinki", default_type="t", origin="o", era=4, health=Health("c", AT, 3),
        repair=Repair(AT, AT, (("f", 1),)),
    ),
    CompanySettings(
        Version.EXCHANGE_SERVER, enabled=True, enabled_since=AT, tenant="t", domain="d", ews_url="e",
        user_name="u", release=ExchangeRelease.EX2010,
        exchange_tls=ExchangeTls.OLD, exchange_authority="a", severa_client_id="s",
        synced_types=frozenset({"1", "2"}), default_type="d", sync_while=SyncWhile.ALWAYS,
        conflict=ConflictRule.MICROSOFT, private_without_personal=PrivateWithoutPersonal.SKIP,
        meeting_edits=MeetingEdits.NEVER, time_zone="Asia/Kathmandu",
    ),
    ActivityRow("a", Side.MICROSOFT, (UserId("u1"), UserId("u2")), "claim", "run", AT),
    Claim(
        "k", "uid", "a", UserId("u1"), (UserId("u2"),), UserId("u3"), AT, "series", ((UserId("u4"), "2026-11-24"),),
        ((UserId("u5"), "digest"),), ((UserId("u6"), "2026-12-01"),), (UserId("u7"),),
    ),
    FeedState(AT, (("a", "1"), ("b", "2")), AT, (TYPE,), AT, AT, 4, "late"),
    Hold("h", CompanyId("c"), UserId("u"), "delete", "too_many", AT, ((Side.SEVERA, "a"), (Side.MICROSOFT, "e"))),
]  # fmt: skip


def name(value: object) -> str:
    """How the example is called in a report."""
    return type(value).__name__


@pytest.mark.parametrize("value", FULL, ids=name)
def test_every_stored_kind(value: Any) -> None:
    """It comes back equal, and the example leaves no field at its default, so that a new field is not forgotten."""
    assert from_json(type(value), to_json(value)) == value
    for field in fields(value):
        assert getattr(value, field.name) != field.default or not field.compare, field.name


def test_a_row_of_an_earlier_deployment() -> None:
    """What it does not know takes its default."""
    assert from_json(PairState, '{"matched":true}') == PairState(matched=True)


def test_a_row_of_a_later_deployment() -> None:
    """What this one does not know is left out."""
    assert from_json(Health, '{"code":"late","mood":{"deep":[1]}}') == Health("late")


def test_what_is_not_stored() -> None:
    """Tags, None, and what is named."""
    row = ActivityRow("a", locked_by="run", tag="etag")
    assert to_json(row, frozenset({"locked_by"})) == '{"activity":"a","origin":"severa","holders":[],"claim":""}'


class Stored(dict[str, Any]):
    """A row as it comes back, with its tag."""

    metadata = {"etag": "tag"}  # noqa: RUF012 - as the client's


@pytest.mark.parametrize("side", Side)
def test_a_link_as_a_row(side: Side) -> None:
    """It comes back equal from either row; when it ends is not to be read in it."""
    rows = LinkRows(PAIR, Cipher(bytes(32)))
    row = rows.row(LINK, side)
    assert rows.link(row) == LINK
    assert "ends" not in row["link"]
    assert rows.link(rows.row(replace(LINK, ends=None), side)) == replace(LINK, ends=None)


def test_a_pending_entry_as_a_row() -> None:
    """It comes back equal, tag and all."""
    row = Pending(Side.SEVERA, "a", "v", gone=True, named=True, fingerprint="print", changed=AT, attempts=2)
    row = replace(row, not_before=AT, hold="hold", verdict=Verdict.RELEASE)
    assert all(getattr(row, field.name) != field.default for field in fields(row) if field.compare)
    (found,) = head_of(PAIR, [Stored(HeadRows(PAIR).pending(row))]).pending
    assert (found, found.tag) == (row, "tag")


@pytest.mark.parametrize("side", Side)
def test_a_link_of_a_series_with_many_exceptions(side: Side) -> None:
    """A property holds 32 Ki UTF-16 units (facts/microsoft.md J6): what is longer is compressed over several."""
    rows, digester = LinkRows(PAIR, Cipher(bytes(32))), Digester(bytes(32))
    names = [f"exception:{date(2026, 1, 1) + timedelta(days=n)}" for n in range(1500)]
    ends = [End("v1", {name: digester.of(of, name) for name in names}) for of in Side]
    link = replace(LINK, severa=ends[0], microsoft=ends[1])
    row = rows.row(link, side)
    assert rows.link(row) == link
    assert max(len(value) for value in row.values() if isinstance(value, str)) <= 32 * 1024
    assert max(len(value) for value in row.values() if isinstance(value, bytes)) <= 64 * 1024
