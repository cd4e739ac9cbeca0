"""Entra's refusals in the words of core/errors.py, by their AADSTS numbers (facts/microsoft.md F1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.errors import RetryLater, Stop, SyncError

STOPS: Mapping[int, str] = {
    7000215: "app_credentials_refused",  # wrong secret
    7000222: "app_credentials_refused",  # expired secret
    7000218: "app_credentials_refused",  # neither secret nor assertion
    700027: "app_credentials_refused",  # certificate not registered
    700024: "app_credentials_refused",  # assertion outside its time
    700211: "app_credentials_refused",  # federated: issuer not trusted
    700212: "app_credentials_refused",  # federated: audience not trusted
    700213: "app_credentials_refused",  # federated: subject not trusted
    65001: "consent_missing",
    700016: "consent_missing",  # application not found in the tenant
    7000112: "consent_missing",  # application disabled there
    7000229: "consent_missing",  # no service principal there
    90002: "tenant_unknown",
    900023: "tenant_unknown",
}
_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down", "timeout"})


def refusal(answer: Mapping[str, Any]) -> SyncError:
    """What an error answer of the token endpoint means. Only its numbers are told, never its text."""
    numbers = [number for number in answer.get("error_codes") or () if isinstance(number, int)]
    numbers += [int(number) for number in _NUMBER.findall(str(answer.get("error_description", "")))]
    for number in numbers:
        if number in STOPS:
            return Stop(STOPS[number], f"AADSTS{number}", whole_company=True)
    detail = f"AADSTS{numbers[0]}" if numbers else ""
    error = answer.get("error")
    if error in _PASSING:
        return RetryLater("login_unavailable", detail)
    if error in ("invalid_client", "unauthorized_client"):
        code = "app_credentials_refused" if error == "invalid_client" else "consent_missing"
        return Stop(code, detail, whole_company=True)
    return RetryLater("login_refused", detail)
