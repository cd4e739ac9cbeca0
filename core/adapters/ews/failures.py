"""The one table from exchangelib's exceptions to the errors of core/errors.py (facts/microsoft.md G2, G6, H)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from exchangelib import errors as ews

from core.adapters.ews.pinned import HttpRefusal, refused
from core.errors import RetryLater, Stop, SyncError

_LOCKED = "locked out"
"""exchangelib's own words for a server that says so."""
_STOPS: dict[type[Exception], str] = {
    ews.RedirectError: "exchange_redirects",
    ews.ErrorImpersonateUserDenied: "exchange_impersonation_denied",
    ews.ErrorImpersonationDenied: "exchange_impersonation_denied_on_server",
    ews.ErrorImpersonationFailed: "exchange_impersonation_failed",
    ews.ErrorNonExistentMailbox: "exchange_mailbox_not_found",
    ews.ErrorNonPrimarySmtpAddress: "exchange_mailbox_not_found",
    ews.ErrorMissingEmailAddress: "exchange_mailbox_not_found",
    ews.ErrorAccessDenied: "exchange_calendar_denied",
    ews.ErrorFolderNotFound: "exchange_calendar_denied",
    ews.ErrorItemNotFound: "exchange_calendar_denied",
}
_LATER: dict[type[Exception], str] = {
    ews.ErrorTimeoutExpired: "exchange_unreachable",
    ews.ErrorServerBusy: "exchange_unavailable",
    ews.ErrorInternalServerTransientError: "exchange_unavailable",
    ews.ErrorMailboxMoveInProgress: "exchange_unavailable",
    ews.ErrorMailboxStoreUnavailable: "exchange_unavailable",
    ews.ErrorMailboxFailover: "exchange_unavailable",
    ews.ErrorADUnavailable: "exchange_unavailable",
    ews.ErrorInternalServerError: "exchange_unavailable",
    ews.ErrorExceededConnectionCount: "exchange_unavailable",
    ews.CASError: "exchange_unavailable",
}
_NOT_EWS = (ews.TransportError, ews.MalformedResponseError, ews.SOAPError, ews.ErrorInvalidServerVersion)


def meaning(failure: Exception) -> SyncError:
    """What an exception of exchangelib means. Its own text, which may hold addresses, is not told."""
    detail = type(failure).__name__
    if isinstance(failure, ews.UnauthorizedError):
        return login_refused(failure)
    if isinstance(failure, HttpRefusal):
        return refused(failure.status)
    for kind, code in _STOPS.items():
        if isinstance(failure, kind):
            return Stop(code, detail)
    for kind, code in _LATER.items():
        if isinstance(failure, kind):
            return RetryLater(code, detail)
    if isinstance(failure, _NOT_EWS):
        return Stop("exchange_not_ews", detail, whole_company=True)
    return RetryLater("exchange_unavailable", detail)


def login_refused(failure: Exception) -> Stop:
    """What a refused login means: name or password, or an account that is locked."""
    code = "exchange_account_locked" if _LOCKED in str(failure) else "exchange_login_refused"
    return Stop(code, whole_company=True)


@contextmanager
def understood() -> Iterator[None]:
    """Nothing of exchangelib's gets further than this."""
    try:
        yield
    except ews.EWSError as failure:
        raise meaning(failure) from failure
    except ValueError as failure:  # an answer that exchangelib reads and cannot make sense of
        raise Stop("exchange_not_ews", type(failure).__name__, whole_company=True) from failure
