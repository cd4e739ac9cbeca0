import subprocess
import sys
from types import SimpleNamespace

import pytest
from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError, ServiceResponseError

from core.adapters.storage.clients import Connection
from core.adapters.storage.failures import is_unanswered, translated
from core.errors import RetryLater, StorageConflict


def answered(status: int, **headers: str) -> HttpResponseError:
    """A failure with an answer that says more than anybody should hear."""
    response = SimpleNamespace(status_code=status, reason="r", headers=headers, text=lambda: "", content_type="")
    return HttpResponseError(message="PartitionKey=secret Äiti", response=response)


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (answered(404), StorageConflict, "storage_conflict"),
        (answered(409), StorageConflict, "storage_conflict"),
        (answered(412), StorageConflict, "storage_conflict"),
        (answered(401), RetryLater, "storage_forbidden"),
        (answered(403), RetryLater, "storage_forbidden"),
        (answered(400), RetryLater, "storage_refused"),
        (answered(413), RetryLater, "storage_refused"),
        (answered(429), RetryLater, "storage_unavailable"),
        (answered(500), RetryLater, "storage_unavailable"),
        (answered(503), RetryLater, "storage_unavailable"),
        (ServiceRequestError("secret"), RetryLater, "storage_unavailable"),
        (ServiceResponseError("secret"), RetryLater, "storage_unavailable"),
    ],
)
def test_a_failure_of_storage(failure: AzureError, kind: type[RetryLater], code: str) -> None:
    """It becomes one of ours, says what was done and the status, and nothing that was stored."""
    with pytest.raises(RetryLater) as caught, translated("pairs read"):
        raise failure
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(("asked", "after"), [("7", 7.0), ("Wed, 21 Oct", None), ("", None)])
def test_a_service_that_asks_us_to_wait(asked: str, after: float | None) -> None:
    """The seconds are passed on."""
    with pytest.raises(RetryLater) as caught, translated("pairs read"):
        raise answered(503, **{"Retry-After": asked})
    assert caught.value.after == after


def test_what_may_have_happened() -> None:
    """A lost answer and the service's own failure leave it open; a refusal does not."""
    open_ones = [answered(500), answered(503), ServiceResponseError("x"), ServiceRequestError("x")]
    assert all(map(is_unanswered, open_ones))
    assert not any(map(is_unanswered, [answered(400), answered(412), answered(429)]))


def test_a_mistake_of_ours() -> None:
    """It is not dressed up as storage's."""
    with pytest.raises(KeyError), translated("pairs read"):
        raise KeyError("x")


@pytest.mark.parametrize("given", [{}, {"table_endpoint": "https://t"}, {"table_endpoint": "t", "queue_endpoint": "q"}])
def test_a_connection_that_leads_nowhere(given: dict[str, str]) -> None:
    """It is refused before anything is opened."""
    with pytest.raises(ValueError, match="connection string"):
        Connection(**given)


def test_a_connection_string_in_a_log() -> None:
    """It is not shown: it holds the account's key."""
    assert "AccountKey" not in repr(Connection("AccountKey=x"))


def test_importing_the_package() -> None:
    """It loads nothing of Azure, aiohttp or cryptography."""
    code = "import sys, core.adapters.storage; print([m for m in sys.modules if m.split('.')[0] in sys.argv[1:]])"
    command = [sys.executable, "-c", code, "azure", "aiohttp", "cryptography"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == "[]"
