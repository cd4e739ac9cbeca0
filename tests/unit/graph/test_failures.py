"""Graph's refusals, row by row."""

from __future__ import annotations

import itertools
import json

import pytest

from core.adapters.graph.failures import Answer, ItemMissing, Target, failure
from core.errors import CursorGone, ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError


def answer(status: int, code: str = "", message: str = "") -> Answer:
    """An answer with Graph's error document, or none."""
    body = json.dumps({"error": {"code": code, "message": message}}).encode() if code else b"<html>gateway</html>"
    return Answer(status, body, 7.0)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success(status: int) -> None:
    """No failure."""
    assert failure(answer(status), Target.ITEM) is None


READS = [
    (Target.ITEM, 404, "ErrorItemNotFound", ItemMissing, "item_missing"),
    (Target.ITEM, 404, "erroritemnotfound", ItemMissing, "item_missing"),
    (Target.ITEM, 404, "MailboxNotEnabledForRESTAPI", Stop, "mailbox_not_in_microsoft365"),
    (Target.ITEM, 404, "ResourceNotFound", Stop, "mailbox_not_found"),
    (Target.ITEM, 404, "ErrorInvalidUser", Stop, "mailbox_not_found"),
    (Target.ITEM, 404, "Request_ResourceNotFound", Stop, "mailbox_not_found"),
    (Target.ITEM, 404, "", RetryLater, "unexpected_answer"),
    (Target.ITEM, 404, "ErrorFolderNotFound", RetryLater, "unexpected_answer"),
    (Target.ITEM, 410, "", RetryLater, "unexpected_answer"),
    (Target.ITEM, 400, "ErrorInvalidIdMalformed", ItemRefused, "ErrorInvalidIdMalformed"),
    (Target.ITEM, 403, "ErrorAccessDenied", Stop, "mailbox_access_denied"),
    (Target.ITEM, 401, "InvalidAuthenticationToken", Stop, "consent_missing"),
    (Target.ITEM, 412, "ErrorIrresolvableConflict", RetryLater, "spurious_conflict"),
    (Target.ITEM, 400, "ErrorCalendarOccurrenceIsDeletedFromRecurrence", ItemMissing, "item_missing"),
    (Target.ITEM, 404, "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange", ItemMissing, "item_missing"),
    (Target.CALENDAR, 404, "ErrorItemNotFound", RetryLater, "unexpected_answer"),
    (Target.CALENDAR, 400, "ErrorInvalidParameter", RetryLater, "unexpected_answer"),
    (Target.CALENDAR, 410, "SyncStateNotFound", RetryLater, "unexpected_answer"),
    (Target.DELTA, 410, "", CursorGone, "cursor_gone"),
    (Target.DELTA, 410, "Whatever", CursorGone, "cursor_gone"),
    (Target.DELTA, 400, "SyncStateNotFound", CursorGone, "cursor_gone"),
    (Target.DELTA, 404, "resyncRequired", CursorGone, "cursor_gone"),
    (Target.DELTA, 400, "syncStateInvalid", CursorGone, "cursor_gone"),
    (Target.DELTA, 400, "BadRequest", RetryLater, "unexpected_answer"),
    (Target.DELTA, 404, "ErrorItemNotFound", RetryLater, "unexpected_answer"),
    (Target.DIRECTORY, 403, "Authorization_RequestDenied", Stop, "consent_missing"),
    (Target.DIRECTORY, 400, "Request_UnsupportedQuery", RetryLater, "unexpected_answer"),
    (Target.CALENDAR, 429, "ApplicationThrottled", RetryLater, "throttled"),
    (Target.CALENDAR, 503, "", RetryLater, "unavailable"),
    (Target.CALENDAR, 504, "", RetryLater, "unavailable"),
    (Target.CALENDAR, 302, "", RetryLater, "unexpected_answer"),
    (Target.CALENDAR, 418, "", RetryLater, "unexpected_answer"),
]


@pytest.mark.parametrize(("target", "status", "code", "kind", "ours"), READS)
def test_reads(target: Target, status: int, code: str, kind: type[SyncError], ours: str) -> None:
    """What each refusal of a read means."""
    problem = failure(answer(status, code), target)
    assert type(problem) is kind
    assert problem.code == ours
    if isinstance(problem, RetryLater) and not isinstance(problem, ItemChanged):
        assert problem.after == 7.0


WRITES = [
    (Target.ITEM, 404, "ErrorItemNotFound", ItemMissing, "item_missing"),
    (Target.ITEM, 409, "ErrorIrresolvableConflict", ItemChanged, "changed_meanwhile"),
    (Target.ITEM, 400, "ErrorOccurrenceCrossingBoundary", ItemRefused, "occurrence_crosses"),
    (Target.ITEM, 400, "ErrorOccurrenceTimeSpanTooBig", ItemRefused, "occurrence_crosses"),
    (Target.ITEM, 409, "Other", RetryLater, "unexpected_answer"),
    (Target.ITEM, 412, "ErrorIrresolvableConflict", ItemChanged, "changed_meanwhile"),
    (Target.ITEM, 403, "ErrorCannotDeleteObject", ItemRefused, "ErrorCannotDeleteObject"),
    (Target.ITEM, 403, "ErrorAccessDenied", Stop, "mailbox_access_denied"),
    (Target.ITEM, 403, "", Stop, "mailbox_access_denied"),
    (Target.ITEM, 400, "ErrorPropertyValidationFailure", ItemRefused, "ErrorPropertyValidationFailure"),
    (Target.CALENDAR, 400, "ErrorPropertyValidationFailure", ItemRefused, "ErrorPropertyValidationFailure"),
    (Target.CALENDAR, 413, "", ItemRefused, "http_413"),
    (Target.CALENDAR, 404, "ErrorItemNotFound", RetryLater, "unexpected_answer"),
    (Target.CALENDAR, 429, "", RetryLater, "throttled"),
    (Target.CALENDAR, 503, "", RetryLater, "unavailable"),
    (Target.CALENDAR, 500, "", OutcomeUnknown, "outcome_unknown"),
    (Target.CALENDAR, 502, "", OutcomeUnknown, "outcome_unknown"),
    (Target.CALENDAR, 504, "", OutcomeUnknown, "outcome_unknown"),
    (Target.CALENDAR, 408, "", OutcomeUnknown, "outcome_unknown"),
]


@pytest.mark.parametrize(("target", "status", "code", "kind", "ours"), WRITES)
def test_writes(target: Target, status: int, code: str, kind: type[SyncError], ours: str) -> None:
    """What each refusal of a write with a precondition means."""
    problem = failure(answer(status, code), target, writes=True, conditional=True)
    assert type(problem) is kind
    assert problem.code == ours


def test_a_malformed_link() -> None:
    """Only the message tells, in whatever case."""
    problem = failure(answer(400, "BadRequest", "Badly Formed Token."), Target.DELTA)
    assert type(problem) is CursorGone


def test_who_stops() -> None:
    """What is wrong with the consent stops the company, what is wrong with a mailbox stops its pair."""
    consent, mailbox = failure(answer(401), Target.ITEM), failure(answer(403), Target.ITEM)
    assert isinstance(consent, Stop)
    assert consent.whole_company
    assert isinstance(mailbox, Stop)
    assert not mailbox.whole_company


@pytest.mark.parametrize("code", ["<script>", "a b", "x" * 80, "n\nl", "caf\u00e9"])
def test_a_code_that_is_no_code(code: str) -> None:
    """It is not shown; the message never is."""
    problem = failure(answer(400, code, "the subject of somebody's event"), Target.ITEM)
    assert str(problem) == "http_400: 400 http_400"


def test_every_status_means_something() -> None:
    """The table has no hole, and no status alone says that an event is gone."""
    for target, writes, status in itertools.product(Target, (False, True), range(300, 600)):
        problem = failure(answer(status), target, writes=writes)
        assert problem is not None
        assert not isinstance(problem, ItemMissing) or target is Target.SUBSCRIPTION
