"""Entra's refusals and the ways to prove who we are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from azure.identity import CredentialUnavailableError

from core.adapters.identity import federated
from core.adapters.identity.credentials import AssertionCredential, SecretCredential, for_msal
from core.adapters.identity.refusals import STOPS, refusal
from core.errors import RetryLater, Stop


@pytest.mark.parametrize(("number", "code"), sorted(STOPS.items()))
def test_known_numbers(number: int, code: str) -> None:
    """Each stops the company, whether it comes as a number or within the text."""
    for answer in (
        {"error": "x", "error_codes": [number]},
        {"error": "x", "error_description": f"AADSTS{number}: somebody@example.com did something. Trace ID: 1"},
    ):
        problem = refusal(answer)
        assert isinstance(problem, Stop)
        assert (problem.code, problem.detail, problem.whole_company) == (code, f"AADSTS{number}", True)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ({"error": "temporarily_unavailable", "error_codes": [90033]}, RetryLater, "login_unavailable"),
        ({"error": "invalid_client", "error_codes": [1]}, Stop, "app_credentials_refused"),
        ({"error": "unauthorized_client"}, Stop, "consent_missing"),
        ({"error": "invalid_scope", "error_codes": [70011]}, RetryLater, "login_refused"),
        ({"error": None, "error_codes": ["x", None], "error_description": None}, RetryLater, "login_refused"),
        ({}, RetryLater, "login_refused"),
    ],
)
def test_other_refusals(answer: dict[str, Any], kind: type[Exception], code: str) -> None:
    """What is not known by its number is judged by its kind; what is not known at all comes later."""
    problem = refusal(answer)
    assert type(problem) is kind
    assert problem.code == code


def test_a_secret_is_what_msal_takes() -> None:
    """As it is, and nowhere in what is printed."""
    assert for_msal(SecretCredential("s3cret")) == "s3cret"
    assert "s3cret" not in repr(SecretCredential("s3cret"))


def test_an_assertion_is_made_when_msal_asks() -> None:
    """MSAL gets the callable, not its result."""

    def assertion() -> str:
        return "a.b.c"

    assert for_msal(AssertionCredential(assertion)) == {"client_assertion": assertion}


class Identity:
    """A managed identity outside Azure."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id

    def get_token(self, scope: str) -> SimpleNamespace:
        """A token for the scope, or none."""
        if self.client_id == "broken":
            raise CredentialUnavailableError(message="no endpoint")
        return SimpleNamespace(token=f"{self.client_id} {scope}")


def test_a_managed_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token for the exchange's audience is the assertion; no endpoint means later."""
    monkeypatch.setattr(federated, "ManagedIdentityCredential", Identity)
    assert federated.managed_identity("mi").assertion() == "mi api://AzureADTokenExchange/.default"
    with pytest.raises(RetryLater):
        federated.managed_identity("broken").assertion()
