"""What storage's failures mean to us. Only codes leave: no key, no property, no answer's text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, HttpResponseError

from core.errors import RetryLater, StorageConflict

CONDITION_FAILED = frozenset({404, 409, 412})
"""What a row answers that is not as a condition says: it is not there, it is there already, it was changed."""


def status_of(failure: AzureError) -> int:
    """The HTTP status, 0 where there was no answer."""
    return (failure.status_code or 0) if isinstance(failure, HttpResponseError) else 0


def is_unanswered(failure: AzureError) -> bool:
    """Whether the request may or may not have been carried out."""
    return status_of(failure) == 0 or status_of(failure) >= 500


def meaning(failure: AzureError, action: str) -> RetryLater:
    """The failure of ours that stands for this one; `action` is the table or queue and the verb."""
    status = status_of(failure)
    if status in CONDITION_FAILED:
        return StorageConflict("storage_conflict", f"{action} {status}")
    if status in {401, 403}:
        return RetryLater("storage_forbidden", f"{action} {status}")
    if status in {0, 429} or status >= 500:
        return RetryLater("storage_unavailable", f"{action} {status}", after=_asked(failure))
    return RetryLater("storage_refused", f"{action} {status}")


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Let nothing of the client's own failures out."""
    try:
        yield
    except AzureError as failure:
        raise meaning(failure, action) from failure


def _asked(failure: AzureError) -> float | None:
    """The seconds that the service asks us to wait."""
    headers = getattr(getattr(failure, "response", None), "headers", {})
    text = str(headers.get("Retry-After", ""))
    return float(text) if text.isdigit() else None
