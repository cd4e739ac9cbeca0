"""What the vault's failures mean to us. Only verbs and numbers leave: no name, no value, no answer's text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from core.errors import RetryLater


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Let nothing of the clients' own failures out."""
    try:
        yield
    except AzureError as failure:
        raise _meaning(failure, action) from failure
    except TimeoutError as failure:
        raise RetryLater("vault_unavailable", f"{action} timeout") from failure
    except ValueError as failure:
        # the challenge names another service than the vault's own: no token goes there
        raise RetryLater("vault_forbidden", f"{action} challenge") from failure


def _meaning(failure: AzureError, action: str) -> RetryLater:
    status = (failure.status_code or 0) if isinstance(failure, HttpResponseError) else 0
    if isinstance(failure, ClientAuthenticationError) or status in {401, 403}:
        return RetryLater("vault_forbidden", f"{action} {status}")
    return RetryLater("vault_unavailable", f"{action} {status}", after=_asked(failure))


def _asked(failure: AzureError) -> float | None:
    """The seconds that the vault asks us to wait."""
    headers = getattr(getattr(failure, "response", None), "headers", {})
    text = str(headers.get("Retry-After", ""))
    return float(text) if text.isdigit() else None
