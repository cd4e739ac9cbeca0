"""The one table of Exchange's refusals: every code that matters, and what it never means."""

from __future__ import annotations

import ssl

import pytest
import requests
from exchangelib import errors as ews
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import NewConnectionError

from core.adapters.ews.pinned import HttpRefusal
from core.adapters.ews.refusals import _TABLE, ItemMissing, of_code, of_exception
from core.errors import CursorGone, ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError

CODES = [
    ("ErrorItemNotFound", ItemMissing, "item_missing"),
    ("ErrorCalendarOccurrenceIsDeletedFromRecurrence", ItemMissing, "item_missing"),
    ("ErrorIrresolvableConflict", ItemChanged, "changed_meanwhile"),
    ("ErrorOccurrenceCrossingBoundary", ItemRefused, "occurrence_crosses"),
    ("ErrorTimeZone", ItemRefused, "exchange_zone_unknown"),
    ("ErrorInvalidSyncStateData", CursorGone, "cursor_gone"),
    ("ErrorServerBusy", RetryLater, "exchange_busy"),
    ("ErrorExceededConnectionCount", RetryLater, "exchange_busy"),
    ("ErrorMailboxMoveInProgress", RetryLater, "exchange_mailbox_moving"),
    ("ErrorMailboxFailover", RetryLater, "exchange_unavailable"),
    ("ErrorNonExistentMailbox", Stop, "exchange_mailbox_elsewhere"),
    ("ErrorInvalidSchemaVersionForMailboxVersion", Stop, "exchange_mailbox_on_older_server"),
    ("ErrorInvalidServerVersion", Stop, "exchange_version_not_supported"),
    ("ErrorImpersonateUserDenied", Stop, "exchange_impersonation_denied"),
    ("ErrorImpersonationDenied", Stop, "exchange_impersonation_denied_on_server"),
    ("ErrorAccessDenied", Stop, "exchange_calendar_denied"),
    ("ErrorFolderNotFound", Stop, "exchange_calendar_denied"),
]


@pytest.mark.parametrize(("code", "kind", "shown"), CODES)
@pytest.mark.parametrize("writes", [False, True])
def test_a_code(code: str, kind: type[SyncError], shown: str, *, writes: bool) -> None:
    """It means the same of reads and writes, and carries what the server asked for."""
    found = of_code(code, writes=writes, back_off=12.5)
    assert type(found) is kind
    assert (found.code, found.detail) == (shown, code)
    if isinstance(found, RetryLater) and not isinstance(found, ItemChanged):
        assert found.after == 12.5


@pytest.mark.parametrize("code", sorted(_TABLE))
def test_the_table_names_what_exchange_says(code: str) -> None:
    """Every code is one that exchangelib knows: a code that is spelt wrongly would never be met."""
    assert issubclass(getattr(ews, code), ews.EWSError)


@pytest.mark.parametrize("code", sorted(set(_TABLE) - {code for code, kind, _ in CODES if kind is ItemMissing}))
def test_only_the_item_speaks_of_the_item(code: str) -> None:
    """No answer about a mailbox, a folder or a server counts as "this item is gone" (R19)."""
    if code != "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange":
        assert not isinstance(of_code(code, writes=False), ItemMissing)


@pytest.mark.parametrize("code", ["ErrorInternalServerError", "ErrorTimeoutExpired", "ErrorBatchProcessingStopped"])
def test_what_leaves_a_write_open(code: str) -> None:
    """Nobody knows whether it was done; a read is tried again."""
    assert type(of_code(code, writes=True)) is OutcomeUnknown
    assert type(of_code(code, writes=False)) is RetryLater


def test_a_code_that_nobody_has_heard_of() -> None:
    """A write of one entry is refused, in Exchange's own word; a read waits."""
    assert of_code("ErrorItemSave", writes=True).code == "ErrorItemSave"
    assert isinstance(of_code("ErrorItemSave", writes=True), ItemRefused)
    assert type(of_code("ErrorNew", writes=False)) is RetryLater


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (429, RetryLater, RetryLater),
        (503, RetryLater, RetryLater),
        (502, RetryLater, OutcomeUnknown),
        (504, RetryLater, OutcomeUnknown),
        (403, Stop, Stop),
        (404, Stop, OutcomeUnknown),
        (307, Stop, OutcomeUnknown),
    ],
)
def test_a_status(status: int, read: type[SyncError], write: type[SyncError]) -> None:
    """429 and 503 come before anything has an effect; after a gateway's time-out nobody knows.

    A read that is sent away says that the address is wrong; a write may only have been too large.
    """
    assert type(of_exception(HttpRefusal(status, 3.0), writes=False)) is read
    found = of_exception(HttpRefusal(status, 3.0), writes=True)
    assert type(found) is write
    if isinstance(found, RetryLater):
        assert found.after == 3.0


def _raised(cause: Exception) -> Exception:
    failure = ews.ErrorTimeoutExpired("Reraised")
    failure.__context__ = cause
    return failure


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (requests.ReadTimeout("slow"), OutcomeUnknown),
        (requests.ConnectionError("dropped"), OutcomeUnknown),
        (requests.ConnectTimeout("nobody there"), RetryLater),
        (
            requests.ConnectionError(NewConnectionError(HTTPSConnection("mail.example"), "no address answers")),
            RetryLater,
        ),
    ],
)
def test_no_answer(cause: Exception, kind: type[SyncError]) -> None:
    """What was never sent was not done; after everything else a write may have been."""
    assert type(of_exception(_raised(cause), writes=True)) is kind
    assert type(of_exception(_raised(cause), writes=False)) is RetryLater


def test_what_the_library_says_is_not_told() -> None:
    """Its words may hold addresses."""
    for failure in (ews.SOAPError("canary"), ews.TransportError("canary"), ews.ErrorAccessDenied("canary")):
        for writes in (False, True):
            assert "canary" not in str(of_exception(failure, writes=writes))


def test_a_certificate_that_is_not_trusted() -> None:
    """Nothing goes on until somebody acts; another hitch of TLS passes, and leaves a write open."""
    untrusted = ews.TransportError("x")
    said = ssl.SSLCertVerificationError(1, "certificate verify failed")
    said.verify_code = 20
    untrusted.__context__ = requests.exceptions.SSLError(said)
    assert of_exception(untrusted, writes=True).code == "tls_certificate_untrusted"
    hitch = ews.TransportError("x")
    hitch.__context__ = requests.exceptions.SSLError("EOF occurred in violation of protocol")
    assert type(of_exception(hitch, writes=False)) is RetryLater
    assert type(of_exception(hitch, writes=True)) is OutcomeUnknown
