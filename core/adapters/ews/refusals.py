"""Exchange's refusals of calendar requests in the words of core/errors.py: one table (facts/microsoft.md G2-G6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import requests
from exchangelib import errors as ews
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from core.adapters.ews.pinned import HttpRefusal, refused, unreached
from core.errors import CursorGone, ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError

_LOCKED = "locked out"
"""exchangelib's own words for a server that says so."""
Maker = Callable[[str, float | None], SyncError]
"""From Exchange's own code, and the seconds that it wants to be left alone for, to what it means."""


class ItemMissing(ItemChanged):
    """This very item answers that it is gone. Where nobody catches it, it was changed since it was seen: deleted."""


def of_code(code: str, *, writes: bool, back_off: float | None = None) -> SyncError:
    """What a response code means. Only an item's own answer speaks of that item; all others prove nothing (R19)."""
    if code in _UNSETTLED and writes:
        return OutcomeUnknown("exchange_outcome_unknown", code, after=back_off)
    known = _TABLE.get(code)
    if known is not None:
        return known(code, back_off)
    if not writes and code in _UNREADABLE:
        return ItemRefused("unreadable_event", code)
    return ItemRefused(code, "") if writes else RetryLater("exchange_unexpected_answer", code)


def of_exception(failure: Exception, *, writes: bool) -> SyncError:
    """What an exception of exchangelib's means. Its own text, which may hold addresses, is not told."""
    if isinstance(failure, ews.UnauthorizedError):
        return login_refused(failure)
    if isinstance(failure, ews.RedirectError):
        return Stop("exchange_redirects", whole_company=True)
    if isinstance(failure, HttpRefusal):
        return _of_status(failure, writes=writes)
    cause = failure.__context__
    if isinstance(cause, requests.exceptions.SSLError):
        found = unreached(cause)  # a broken connection may have broken after the request was sent
        return OutcomeUnknown(found.code, found.detail) if writes and isinstance(found, RetryLater) else found
    if isinstance(failure, ews.ErrorTimeoutExpired) and cause is not None:
        return _unanswered(cause, writes=writes)
    if isinstance(failure, ews.ResponseMessageError):
        return of_code(type(failure).__name__, writes=writes, back_off=getattr(failure, "back_off", None))
    kind = OutcomeUnknown if writes else RetryLater
    return kind("exchange_malformed_answer", type(failure).__name__)


def login_refused(failure: Exception) -> Stop:
    """What a refused login means: name or password, or an account that is locked."""
    code = "exchange_account_locked" if _LOCKED in str(failure) else "exchange_login_refused"
    return Stop(code, whole_company=True)


def _of_status(failure: HttpRefusal, *, writes: bool) -> SyncError:
    if failure.status == 403:
        return Stop("exchange_forbidden", whole_company=True)
    if 300 <= failure.status < 500 and failure.status not in (408, 429) and not writes:
        return refused(failure.status)  # a write may be one that only this entry is too much for
    if failure.is_settled or not writes:
        return RetryLater("exchange_busy", f"{failure.status}", after=failure.after)
    return OutcomeUnknown("exchange_outcome_unknown", f"{failure.status}", after=failure.after)


def _unanswered(cause: BaseException, *, writes: bool) -> SyncError:
    """No answer came. A connection that was never made has sent nothing."""
    reason = getattr(cause.args[0], "reason", cause.args[0]) if cause.args else None
    unsent = isinstance(cause, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError)
    kind = OutcomeUnknown if writes and not unsent else RetryLater
    return kind("exchange_unreachable", type(cause).__name__)


def _stop(code: str, *, company: bool = False) -> Maker:
    return lambda named, _: Stop(code, named, whole_company=company)


def _later(code: str) -> Maker:
    return lambda named, after: RetryLater(code, named, after=after)


def _changed(named: str, _: float | None) -> SyncError:
    return ItemChanged("changed_meanwhile", named)


def _missing(named: str, _: float | None) -> SyncError:
    return ItemMissing("item_missing", named)


def _refused(code: str) -> Maker:
    return lambda named, _: ItemRefused(code, named)


_UNSETTLED = frozenset(
    {
        "ErrorTimeoutExpired",
        "ErrorInternalServerError",
        "ErrorInternalServerTransientError",
        "ErrorBatchProcessingStopped",
    }
)
"""After these nobody knows whether a write was done."""
_UNREADABLE = frozenset(
    {
        *("ErrorCalendarInvalidRecurrence", "ErrorCalendarInvalidAttributeValue", "ErrorCalendarOutOfRange"),
        *("ErrorCalendarInvalidPropertyState", "ErrorCalendarInvalidPropertyValue", "ErrorRecurrenceHasNoOccurrence"),
        *("ErrorCalendarEndDateIsEarlierThanStartDate", "ErrorCalendarCannotUseIdForRecurringMasterId"),
        *("ErrorMimeContentConversionFailed", "ErrorMimeContentInvalid", "ErrorItemPropertyRequestFailed"),
        *("ErrorInvalidPropertyRequest", "ErrorPropertyValidationFailure", "ErrorObjectTypeChanged"),
    }
)
"""What a read is answered for one item that is broken, or of a series that is: it is not to keep all others waiting."""
_MEANINGS: Mapping[Maker, tuple[str, ...]] = {
    _missing: (
        "ErrorItemNotFound",
        "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
        "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
    ),
    _changed: ("ErrorIrresolvableConflict", "ErrorStaleObject", "ErrorInvalidChangeKey"),
    _refused("occurrence_crosses"): ("ErrorOccurrenceCrossingBoundary", "ErrorOccurrenceTimeSpanTooBig"),
    _refused("exchange_zone_unknown"): ("ErrorTimeZone", "ErrorCalendarInvalidTimeZone"),
    _refused("exchange_duration"): ("ErrorCalendarDurationIsTooLong",),
    _refused("exchange_mailbox_full"): ("ErrorQuotaExceeded",),
    _refused("unreadable_event"): ("ErrorItemCorrupt", "ErrorCorruptData", "ErrorContentConversionFailed"),
    lambda named, _: CursorGone("cursor_gone", named): ("ErrorInvalidSyncStateData",),
    _later("exchange_busy"): (
        *(
            "ErrorServerBusy",
            "ErrorExceededConnectionCount",
            "ErrorExceededFindCountLimit",
            "ErrorExceededSubscriptionCount",
            "ErrorTooManyObjectsOpened",
        ),
        *("ErrorNotEnoughMemory", "ErrorBatchProcessingStopped"),
    ),
    _later("exchange_unavailable"): (
        *("ErrorTimeoutExpired", "ErrorInternalServerError", "ErrorInternalServerTransientError"),
        *("ErrorMailboxStoreUnavailable", "ErrorMailboxFailover", "ErrorADUnavailable", "ErrorADOperation"),
        *("ErrorNoRespondingCASInDestinationSite", "ErrorConnectionFailed"),
    ),
    _later("exchange_mailbox_moving"): ("ErrorMailboxMoveInProgress",),
    _stop("exchange_mailbox_elsewhere"): ("ErrorNonExistentMailbox", "ErrorNonPrimarySmtpAddress"),
    _stop("exchange_mailbox_on_older_server"): (
        *("ErrorInvalidSchemaVersionForMailboxVersion", "ErrorWrongServerVersion", "ErrorCrossSiteRequest"),
    ),
    _stop("exchange_version_not_supported", company=True): (
        *("ErrorInvalidServerVersion", "ErrorIncorrectSchemaVersion"),
    ),
    _stop("exchange_password_expired", company=True): ("ErrorPasswordExpired", "ErrorPasswordChangeRequired"),
    _stop("exchange_mailbox_disabled"): ("ErrorAccountDisabled",),
    _stop("exchange_impersonation_denied"): ("ErrorImpersonateUserDenied",),
    _stop("exchange_impersonation_denied_on_server", company=True): ("ErrorImpersonationDenied",),
    _stop("exchange_impersonation_failed"): ("ErrorImpersonationFailed",),
    _stop("exchange_calendar_denied"): (
        *("ErrorAccessDenied", "ErrorFolderNotFound", "ErrorSyncFolderNotFound", "ErrorMissingEmailAddress"),
    ),
}
_TABLE: Mapping[str, Maker] = {code: maker for maker, codes in _MEANINGS.items() for code in codes}
