"""What exchangelib raises while a server is opened or tried, in the words of core/errors.py (facts/microsoft.md G2, H).

What Exchange's codes mean is in refusals.py; here is only what a test of the connection says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests
from exchangelib import errors as ews

from core.adapters.ews.pinned import HttpRefusal, refused, unreached
from core.adapters.ews.refusals import login_refused, of_code
from core.errors import RetryLater, Stop, SyncError

_STOPS: Mapping[str, str] = {
    "ErrorNonExistentMailbox": "exchange_mailbox_not_found",
    "ErrorNonPrimarySmtpAddress": "exchange_mailbox_not_found",
    "ErrorMissingEmailAddress": "exchange_mailbox_not_found",
    "ErrorItemNotFound": "exchange_calendar_denied",
}
"""Nothing is known yet of a mailbox that is tried: it has not moved, and no item of it was seen."""


def meaning(failure: Exception) -> SyncError:
    """What an exception of exchangelib means. Its own text, which may hold addresses, is not told."""
    if isinstance(failure, ews.UnauthorizedError):
        return login_refused(failure)
    if isinstance(failure, HttpRefusal):
        return refused(failure.status, failure.after)
    cause = failure.__context__
    if isinstance(cause, requests.exceptions.SSLError):
        return unreached(cause)
    if isinstance(failure, ews.ResponseMessageError) and not isinstance(failure, ews.ErrorTimeoutExpired):
        code = type(failure).__name__
        ours = _STOPS.get(code)
        return Stop(ours, code) if ours else of_code(code, writes=False, back_off=getattr(failure, "back_off", None))
    return _without_code(failure)


def _without_code(failure: Exception) -> SyncError:
    """The library takes its own time-outs for Exchange's ErrorTimeoutExpired."""
    detail = type(failure).__name__
    if isinstance(failure, ews.RedirectError):
        return Stop("exchange_redirects", detail, whole_company=True)
    if isinstance(failure, ews.ErrorTimeoutExpired):
        return RetryLater("exchange_unreachable", detail)
    if isinstance(failure, ews.CASError):  # a client access server's own trouble
        return RetryLater("exchange_unavailable", detail)
    if isinstance(failure, ews.TransportError | ews.MalformedResponseError | ews.SOAPError):
        return _not_ews(detail)
    return RetryLater("exchange_unavailable", detail)


def _not_ews(detail: str) -> Stop:
    return Stop("exchange_not_ews", detail, whole_company=True)


@contextmanager
def understood() -> Iterator[None]:
    """Nothing of exchangelib's gets further than this."""
    try:
        yield
    except ews.EWSError as failure:
        raise meaning(failure) from failure
    except ValueError as failure:  # an answer that exchangelib reads and cannot make sense of
        raise _not_ews(type(failure).__name__) from failure
