"""Graph's refusals in the words of core/errors.py: one table, read from the top."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.adapters.graph import quirks, wire
from core.errors import CursorGone, ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError


class Target(StrEnum):
    """What a request is about: what a refusal means depends on it."""

    ITEM = "item"
    CALENDAR = "calendar"
    DELTA = "delta"
    DIRECTORY = "directory"
    SUBSCRIBING = "subscribing"
    """A subscription that is to be made."""
    SUBSCRIPTION = "subscription"
    """One that is named by its id."""


class ItemMissing(ItemChanged):
    """This very item answers that it is gone. Where nobody catches it, it was changed since it was seen: deleted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `retry_after` in seconds, where the service named it."""

    status: int
    body: bytes = b""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One refusal and what had been asked. `code` is Graph's own, `message` only compared; both in lower case."""

    target: Target
    writes: bool
    conditional: bool
    status: int
    code: str
    message: str
    shown: str
    after: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: which statuses and codes (empty: any), of what (`where`), mean what (`then`)."""

    statuses: AbstractSet[int]
    codes: AbstractSet[str]
    where: Callable[[Case], bool]
    then: Callable[[Case], SyncError]

    def fits(self, case: Case) -> bool:
        """Whether the row speaks of this case."""
        by_status = not self.statuses or case.status in self.statuses
        return by_status and (not self.codes or case.code in self.codes) and self.where(case)


def failure(answer: Answer, target: Target, *, writes: bool = False, conditional: bool = False) -> SyncError | None:
    """What the answer means, None where it is a success.

    An answer about the mailbox never counts as "this item is gone" (R19). 429 and 503 mean that a write was not done;
    after other 5xx nobody knows.
    """
    if 200 <= answer.status < 300:
        return None
    code, message = wire.error_of(answer.body)
    shown = code if _CODE.fullmatch(code) else f"http_{answer.status}"
    case = Case(target, writes, conditional, answer.status, code.lower(), message.lower(), shown, answer.retry_after)
    return next(row for row in _ROWS if row.fits(case)).then(case)


def _stop(code: str, *, company: bool = False) -> Callable[[Case], SyncError]:
    return lambda case: Stop(code, _detail(case), whole_company=company)


def _later(code: str) -> Callable[[Case], SyncError]:
    return lambda case: RetryLater(code, _detail(case), after=case.after)


def _unknown(case: Case) -> SyncError:
    return OutcomeUnknown("outcome_unknown", _detail(case), after=case.after)


def _changed(case: Case) -> SyncError:
    return ItemChanged("changed_meanwhile", _detail(case))


def _missing(case: Case) -> SyncError:
    return ItemMissing("item_missing", _detail(case))


def _refused(case: Case) -> SyncError:
    return ItemRefused(case.shown, _detail(case))


def _crosses(case: Case) -> SyncError:
    return ItemRefused("occurrence_crosses", _detail(case))


def _taken(case: Case) -> SyncError:
    named = _GUID.search(case.message)
    return ItemChanged("subscription_exists", named[0] if named else "")


def _gone(case: Case) -> SyncError:
    return CursorGone("cursor_gone", _detail(case))


def _detail(case: Case) -> str:
    return f"{case.status} {case.shown}"


def _always(_: Case) -> bool:
    return True


def _writes(case: Case) -> bool:
    return case.writes


def _of_item(case: Case) -> bool:
    return case.target is Target.ITEM


def _of_delta(case: Case) -> bool:
    return case.target is Target.DELTA


def _subscribing(case: Case) -> bool:
    return case.target is Target.SUBSCRIBING


def _unanswered_handshake(case: Case) -> bool:
    return _subscribing(case) and quirks.HANDSHAKE_FAILED in case.message


def _of_directory(case: Case) -> bool:
    return case.target is Target.DIRECTORY


_CODE = re.compile(r"[A-Za-z][\w.]{0,63}", re.ASCII)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY: frozenset[Any] = frozenset()
_DENIED = frozenset({"", "accessdenied", "erroraccessdenied"})
_SERVER = frozenset({408, *range(500, 600)})
_ROWS = (
    Row({401}, _ANY, _always, _stop("consent_missing", company=True)),
    Row({403}, _ANY, _of_directory, _stop("consent_missing", company=True)),
    Row({403}, _ANY, lambda c: _of_item(c) and c.writes and c.code not in _DENIED, _refused),
    Row({403}, _ANY, lambda c: _subscribing(c) and c.code not in _DENIED, _stop("subscription_quota")),
    Row({404}, _ANY, lambda c: c.target is Target.SUBSCRIPTION, _missing),
    Row({409}, _ANY, _subscribing, _taken),
    Row({400}, _ANY, _unanswered_handshake, _stop("notifications_not_reached", company=True)),
    Row({403}, _ANY, _always, _stop("mailbox_access_denied")),
    Row({404}, {quirks.ITEM_GONE}, _of_item, _missing),
    Row({400, 404}, quirks.OCCURRENCE_GONE, _of_item, _missing),
    Row({400, 409}, quirks.OCCURRENCE_CROSSES, _of_item, _crosses),
    Row(_ANY, quirks.MAILBOX_ELSEWHERE, _always, _stop("mailbox_not_in_microsoft365")),
    Row({404}, quirks.MAILBOX_UNKNOWN, _always, _stop("mailbox_not_found")),
    Row(_ANY, quirks.CURSOR_GONE, _of_delta, _gone),
    Row({410}, _ANY, _of_delta, _gone),
    Row({400}, _ANY, lambda c: _of_delta(c) and quirks.MALFORMED_LINK in c.message, _gone),
    Row({409}, {"errorirresolvableconflict"}, _of_item, _changed),
    Row({412}, _ANY, lambda c: c.conditional, _changed),
    Row({412}, _ANY, _always, _later("spurious_conflict")),
    Row({400, 405, 413, 422}, _ANY, lambda c: c.writes or _of_item(c), _refused),
    Row({429}, _ANY, _always, _later("throttled")),
    Row({503}, _ANY, _always, _later("unavailable")),
    Row(_SERVER, _ANY, _writes, _unknown),
    Row(_SERVER, _ANY, _always, _later("unavailable")),
    Row(_ANY, _ANY, _always, _later("unexpected_answer")),
)
