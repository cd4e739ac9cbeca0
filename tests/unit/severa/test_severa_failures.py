"""From Severa's answers to the failure tree."""

from __future__ import annotations

import json

import pytest

from core.adapters.severa.failures import error_type, failure, understood
from core.adapters.severa.parsing import Malformed, row, rows
from core.errors import ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError


@pytest.mark.parametrize(
    ("status", "kind", "read", "write", "code"),
    [
        (429, "", RetryLater, RetryLater, "severa_throttled"),
        (401, "", Stop, Stop, "severa_credentials_refused"),
        (401, "OrganizationNotActive", Stop, Stop, "severa_organization_not_active"),
        (403, "InsufficientApiScope", Stop, Stop, "severa_scope_missing"),
        (403, "AddonMissing", Stop, Stop, "severa_addon_missing"),
        (400, "TermsOfServiceNotApproved", Stop, Stop, "severa_terms_not_approved"),
        (500, "OrganizationNotActive", Stop, Stop, "severa_organization_not_active"),
        (403, "PermissionDenied", RetryLater, ItemRefused, "severa_permission_denied"),
        (403, "", RetryLater, ItemRefused, "severa_permission_denied"),
        (400, "InvalidParameter", RetryLater, ItemRefused, "severa_invalid_parameter"),
        (500, "InternalSystemError", RetryLater, OutcomeUnknown, "severa_unavailable"),
        (502, "", RetryLater, OutcomeUnknown, "severa_unavailable"),
        (503, "", RetryLater, OutcomeUnknown, "severa_unavailable"),
        (408, "", RetryLater, OutcomeUnknown, "severa_unavailable"),
        (409, "", RetryLater, ItemRefused, "severa_unexpected_answer"),
        (404, "", RetryLater, ItemRefused, "severa_not_found"),
        (206, "", RetryLater, RetryLater, "severa_unexpected_answer"),
        (302, "", RetryLater, RetryLater, "severa_unexpected_answer"),
    ],
)
def test_every_kind_of_answer(status: int, kind: str, read: type[SyncError], write: type[SyncError], code: str) -> None:
    """The error's class depends on status, type, and on whether something was to be changed."""
    for writes, expected in ((False, read), (True, write)):
        error = failure(status, kind, "GET /x", writes=writes, after=7.0)
        assert type(error) is expected
        assert error.code == code
        assert str(status) in error.detail
        if isinstance(error, Stop):
            assert error.whole_company
        elif status in (429, 503):
            assert isinstance(error, RetryLater)
            assert error.after == 7.0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"error": {"type": "AddonMissing"}}).encode(), "AddonMissing"),
        (json.dumps({"error": {"type": "Invented"}}).encode(), ""),
        (json.dumps({"error": {"type": ["AddonMissing"]}}).encode(), ""),
        (b'{"error": null}', ""),
        (b"API calls quota exceeded! maximum admitted 10 per 1s.", ""),
        (b"", ""),
        (b"[" * 50_000, ""),
        (b'{"error": {"type": "AddonMissing"}}' + b" " * 70_000, ""),
    ],
)
def test_the_type_of_an_error(body: bytes, kind: str) -> None:
    """Only documented types are believed, whatever the body is."""
    assert error_type(body) == kind


@pytest.mark.parametrize("body", [b"", b"[{]", b"\xff", b"{}", b"null", b"[1]", b"[" * 50_000, b"[{}"])
def test_a_page_that_is_no_page(body: bytes) -> None:
    """It is never taken for an empty one (P23), and its content is nowhere in the error."""
    with pytest.raises(RetryLater) as read, understood("GET /v1/activities"):
        rows(body)
    assert type(read.value) is RetryLater
    assert read.value.code == "severa_answer_malformed"


def test_a_write_whose_answer_makes_no_sense() -> None:
    """It may have happened."""
    with pytest.raises(OutcomeUnknown) as lost, understood("POST /v1/activities", writes=True):
        row(b'{"name": "secret"')
    assert isinstance(lost.value.__cause__, Malformed)
    assert lost.value.__cause__.__cause__ is None
    assert "secret" not in repr(lost.value.__cause__.__dict__)
