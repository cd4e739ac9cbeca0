"""The one table from what Severa answers to the errors of core/errors.py (facts/severa.md 1.3, 1.5). Pure.

Which status goes with which error type is undocumented, so the type counts first, where there is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from core.adapters.severa.parsing import Malformed
from core.errors import ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError

CREDENTIALS = "AuthenticationRequired"
_STOPS = {
    CREDENTIALS: "severa_credentials_refused",
    "InsufficientApiScope": "severa_scope_missing",
    "AddonMissing": "severa_addon_missing",
    "AddonMissingTermsOfServiceApproval": "severa_terms_not_approved",
    "TermsOfServiceNotApproved": "severa_terms_not_approved",
    "FeatureIsNotEnabled": "severa_feature_not_enabled",
    "OrganizationNotActive": "severa_organization_not_active",
    "TrialExpired": "severa_trial_expired",
    "NotAvailableInTrial": "severa_not_available_in_trial",
    "ExcludedFromTrial": "severa_not_available_in_trial",
    "InvalidApiVersion": "severa_api_version_refused",
    "HttpsRequired": "severa_https_required",
}
_REFUSALS = {
    "InvalidParameter": "severa_invalid_parameter",
    "InvalidOperation": "severa_invalid_operation",
    "InvalidRequest": "severa_invalid_request",
    "PermissionDenied": "severa_permission_denied",
    "UserLicenseType": "severa_user_license_type",
    "ConfigurationError": "severa_configuration_error",
}
_BY_STATUS = {400: "severa_invalid_request", 403: "severa_permission_denied", 404: "severa_not_found"}
_LARGEST_ERROR = 64 * 1024


def failure(status: int, kind: str, where: str, *, writes: bool, after: float | None = None) -> SyncError:
    """The error of an answer that is no success and not 404. `kind` is Severa's error type, empty where it named none.

    `writes`: the request was to change something. `where` is method and path template; no value from the answer gets
    into the message.
    """
    detail = f"{where} {status}"
    if status == 429:
        return RetryLater("severa_throttled", detail, after=after)
    if status == 401 or kind in _STOPS:
        return Stop(_STOPS.get(kind, _STOPS[CREDENTIALS]), detail, whole_company=True)
    if status == 408 or status >= 500:
        # an overloaded or crashed server may have done the write all the same (P01)
        lost = OutcomeUnknown if writes else RetryLater
        return lost("severa_unavailable", detail, after=after)
    code = _REFUSALS.get(kind, _BY_STATUS.get(status, "severa_unexpected_answer"))
    # a refused read proves nothing about what is there (R19, P23)
    return ItemRefused(code, detail) if writes and 400 <= status < 500 else RetryLater(code, detail)


def error_type(body: bytes) -> str:
    """`error.type` of an ExceptionModel, empty for anything else (a 429 is plain text, a 404 has no body)."""
    if len(body) > _LARGEST_ERROR:
        return ""
    try:
        kind = json.loads(body)["error"]["type"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return kind if isinstance(kind, str) and (kind in _STOPS or kind in _REFUSALS) else ""


@contextmanager
def understood(where: str, *, writes: bool = False) -> Iterator[None]:
    """Turns an answer that cannot be understood into "retry later": it is never taken for an empty one (P23)."""
    try:
        yield
    except Malformed as error:
        lost = OutcomeUnknown if writes else RetryLater
        raise lost("severa_answer_malformed", f"{where}: {error}") from error
