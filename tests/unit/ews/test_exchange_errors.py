"""Every way in which an Exchange Server fails: a meaning, a sentence, a remedy (facts/microsoft.md G)."""

from __future__ import annotations

import ssl

import pytest
import requests
from exchangelib import errors as ews

from core.adapters.ews import failures, pinned
from core.adapters.ews.pinned import HttpRefusal
from core.adapters.ews.refusals import of_code, of_exception
from core.errors import CursorGone, ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError
from core.usecases.words import TABLE, waits_for_a_person

STOPS = {
    "ErrorImpersonateUserDenied": "exchange_impersonation_denied",
    "ErrorImpersonationDenied": "exchange_impersonation_denied_on_server",
    "ErrorImpersonationFailed": "exchange_impersonation_failed",
    "ErrorNonExistentMailbox": "exchange_mailbox_elsewhere",
    "ErrorNonPrimarySmtpAddress": "exchange_mailbox_elsewhere",
    "ErrorMissingEmailAddress": "exchange_calendar_denied",
    "ErrorAccessDenied": "exchange_calendar_denied",
    "ErrorSyncFolderNotFound": "exchange_calendar_denied",
    "ErrorAccountDisabled": "exchange_mailbox_disabled",
    "ErrorPasswordExpired": "exchange_password_expired",
    "ErrorPasswordChangeRequired": "exchange_password_expired",
    "ErrorInvalidServerVersion": "exchange_version_not_supported",
    "ErrorInvalidSchemaVersionForMailboxVersion": "exchange_mailbox_on_older_server",
    "ErrorWrongServerVersion": "exchange_mailbox_on_older_server",
    "ErrorCrossSiteRequest": "exchange_mailbox_on_older_server",
}
LATER = {
    "ErrorServerBusy": "exchange_busy",
    "ErrorExceededConnectionCount": "exchange_busy",
    "ErrorExceededSubscriptionCount": "exchange_busy",
    "ErrorExceededFindCountLimit": "exchange_busy",
    "ErrorTooManyObjectsOpened": "exchange_busy",
    "ErrorNotEnoughMemory": "exchange_busy",
    "ErrorMailboxMoveInProgress": "exchange_mailbox_moving",
    "ErrorMailboxStoreUnavailable": "exchange_unavailable",
    "ErrorMailboxFailover": "exchange_unavailable",
    "ErrorADUnavailable": "exchange_unavailable",
    "ErrorNoRespondingCASInDestinationSite": "exchange_unavailable",
}
UNSETTLED = {
    "ErrorTimeoutExpired": "exchange_unavailable",
    "ErrorInternalServerTransientError": "exchange_unavailable",
    "ErrorInternalServerError": "exchange_unavailable",
    "ErrorBatchProcessingStopped": "exchange_busy",
}
REFUSED = {
    "ErrorTimeZone": "exchange_zone_unknown",
    "ErrorCalendarInvalidTimeZone": "exchange_zone_unknown",
    "ErrorOccurrenceCrossingBoundary": "occurrence_crosses",
    "ErrorOccurrenceTimeSpanTooBig": "occurrence_crosses",
    "ErrorCalendarDurationIsTooLong": "exchange_duration",
    "ErrorQuotaExceeded": "exchange_mailbox_full",
}
CHANGED = {
    "ErrorIrresolvableConflict": "changed_meanwhile",
    "ErrorStaleObject": "changed_meanwhile",
    "ErrorItemNotFound": "item_missing",
    "ErrorCalendarOccurrenceIsDeletedFromRecurrence": "item_missing",
    "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange": "item_missing",
}
OURS = {
    "ErrorSendMeetingInvitationsRequired",
    "ErrorChangeKeyRequiredForWriteOperations",
    "ErrorCalendarViewRangeTooBig",
    "ErrorInvalidIdMalformed",
}
"""What only a request of ours that is wrong would be answered."""
KINDS: tuple[tuple[type[SyncError], dict[str, str]], ...] = (
    (Stop, STOPS),
    (RetryLater, LATER),
    (ItemRefused, REFUSED),
    (ItemChanged, CHANGED),
    (CursorGone, {"ErrorInvalidSyncStateData": "cursor_gone"}),
)
BY_CODE = [(code, kind, ours) for kind, table in KINDS for code, ours in table.items()]


def is_told(failure: SyncError) -> bool:
    """A sentence for whoever it concerns, and what to do; a stop is known to wait for a person."""
    said = TABLE[failure.code]
    needs_a_person = waits_for_a_person(failure.code) is isinstance(failure, Stop)
    return bool(said.sentence and said.remedy) and needs_a_person


@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize(("code", "kind", "ours"), BY_CODE)
def test_a_code_of_exchanges(code: str, kind: type[SyncError], ours: str, *, writes: bool) -> None:
    """It means one thing, of an item's own answer or of a whole request, and that is told."""
    for found in (of_code(code, writes=writes), of_exception(getattr(ews, code)("canary"), writes=writes)):
        assert isinstance(found, kind)
        assert found.code == ours
        assert is_told(found)


@pytest.mark.parametrize(("code", "ours"), UNSETTLED.items())
def test_a_code_that_leaves_a_write_open(code: str, ours: str) -> None:
    """A read is tried again; a write is looked for first."""
    read, write = of_code(code, writes=False), of_code(code, writes=True)
    assert (type(read), read.code) == (RetryLater, ours)
    assert (type(write), write.code) == (OutcomeUnknown, "exchange_outcome_unknown")
    assert is_told(read)
    assert is_told(write)


@pytest.mark.parametrize("code", sorted(OURS))
def test_a_request_that_was_wrong(code: str) -> None:
    """One entry's write is refused under Exchange's own name; a read is tried again. Neither ends anything else."""
    assert (type(of_code(code, writes=True)), of_code(code, writes=True).code) == (ItemRefused, code)
    assert is_told(of_code(code, writes=False))


@pytest.mark.parametrize(("code", "ours"), {**STOPS, **LATER}.items())
def test_the_same_in_the_test_of_the_connection(code: str, ours: str) -> None:
    """It tells the same of the server; of a mailbox that was never seen it is only known that it is not found."""
    found = failures.meaning(getattr(ews, code)("canary"))
    assert isinstance(found, Stop if code in STOPS else RetryLater)
    assert is_told(found)
    unseen = ours == "exchange_mailbox_elsewhere" or code == "ErrorMissingEmailAddress"
    assert found.code == ("exchange_mailbox_not_found" if unseen else ours)


def test_how_long_it_wants_to_be_left_alone() -> None:
    """The server's own word is kept, whether it comes as a fault or as a status."""
    busy = ews.ErrorServerBusy("x")
    busy.back_off = 7.5
    for failure in (busy, HttpRefusal(503, 7.5)):
        for found in (
            failures.meaning(failure),
            of_exception(failure, writes=False),
            of_exception(failure, writes=True),
        ):
            assert isinstance(found, RetryLater)
            assert found.after == 7.5


def verification(code: int) -> requests.exceptions.SSLError:
    """A certificate that OpenSSL refuses, as requests raises it."""
    said = ssl.SSLCertVerificationError(1, "certificate verify failed")
    said.verify_code = code
    return requests.exceptions.SSLError(said)


def refusal(reason: str) -> requests.exceptions.SSLError:
    """A handshake that failed."""
    said = ssl.SSLError(1, reason)
    said.reason = reason
    return requests.exceptions.SSLError(said)


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (verification(10), Stop, "tls_certificate_expired"),
        (verification(18), Stop, "tls_certificate_untrusted"),
        (verification(20), Stop, "tls_certificate_untrusted"),
        (verification(62), Stop, "tls_certificate_of_another_name"),
        (verification(64), Stop, "tls_certificate_of_another_name"),
        (verification(66), Stop, "tls_certificate_weak"),
        (verification(68), Stop, "tls_certificate_weak"),
        (refusal("UNSUPPORTED_PROTOCOL"), Stop, "tls_refused"),
        (refusal("TLSV1_ALERT_PROTOCOL_VERSION"), Stop, "tls_refused"),
        (refusal("UNEXPECTED_EOF_WHILE_READING"), RetryLater, "exchange_unreachable"),
        (requests.exceptions.SSLError(), RetryLater, "exchange_unreachable"),
        (requests.ConnectTimeout(), RetryLater, "exchange_unreachable"),
    ],
)
def test_no_connection(failure: Exception, kind: type[SyncError], code: str) -> None:
    """A certificate says why it is not trusted; a connection that broke off says nothing."""
    found = pinned.unreached(failure)
    assert (type(found), found.code) == (kind, code)
    assert is_told(found)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (200, Stop, "exchange_not_ews"),
        (302, Stop, "exchange_redirects"),
        (403, Stop, "exchange_forbidden"),
        (404, Stop, "exchange_not_ews"),
        (429, RetryLater, "exchange_unavailable"),
        (500, RetryLater, "exchange_unavailable"),
        (503, RetryLater, "exchange_unavailable"),
    ],
)
def test_a_url_that_is_wrong(status: int, kind: type[SyncError], code: str) -> None:
    """What answers is not Exchange Web Services, or not now."""
    found = pinned.refused(status)
    assert (type(found), found.code) == (kind, code)
    assert is_told(found)


@pytest.mark.parametrize(
    ("said", "code"),
    [("Invalid credentials", "exchange_login_refused"), ("The account is locked out", "exchange_account_locked")],
)
def test_a_password_that_is_wrong_or_expired(said: str, code: str) -> None:
    """The company stops at once; nobody knocks again."""
    for found in (
        failures.meaning(ews.UnauthorizedError(said)),
        of_exception(ews.UnauthorizedError(said), writes=True),
    ):
        assert isinstance(found, Stop)
        assert (found.code, found.whole_company) == (code, True)
        assert is_told(found)
    assert "expired" in TABLE["exchange_login_refused"].sentence
