"""Entra's refusals, by their AADSTS numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.responses import JSONResponse


class Refusal(NamedTuple):
    """What belongs to one AADSTS number."""

    status: int
    error: str
    message: str


KNOWN: Mapping[int, Refusal] = {
    50011: Refusal(
        400, "invalid_request", "The redirect URI specified in the request does not match a registered one."
    ),
    50020: Refusal(400, "invalid_request", "User account does not exist in the tenant and cannot access '{client}'."),
    54005: Refusal(400, "invalid_grant", "OAuth2 Authorization code was already redeemed, please retry."),
    65004: Refusal(400, "access_denied", "User declined to consent to access the app."),
    70000: Refusal(400, "invalid_grant", "The provided value for the input parameter 'code' is not valid."),
    70003: Refusal(400, "unsupported_grant_type", "The app requested an unsupported grant type."),
    70011: Refusal(400, "invalid_scope", "The provided value for the input parameter 'scope' is not valid."),
    70008: Refusal(400, "invalid_grant", "The provided authorization code has expired."),
    90002: Refusal(
        400, "invalid_request", "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
    ),
    90033: Refusal(503, "temporarily_unavailable", "A transient error has occurred. Please try again."),
    90055: Refusal(429, "temporarily_unavailable", "Tenant '{tenant}' throttled: too many requests were sent."),
    90094: Refusal(400, "access_denied", "An administrator of {tenant} needs to grant permission to '{client}'."),
    90099: Refusal(
        400, "access_denied", "The application '{client}' has not been authorized in the tenant '{tenant}'."
    ),
    501481: Refusal(
        400, "invalid_grant", "The Code_Verifier does not match the code_challenge of the authorization request."
    ),
    900144: Refusal(400, "invalid_request", "The request lacks a required parameter, or one has an unusual value."),
    500011: Refusal(400, "invalid_resource", "The resource principal was not found in the tenant."),
    700016: Refusal(
        400,
        "unauthorized_client",
        "Application with identifier '{client}' was not found in the directory '{tenant}'.",
    ),
    700027: Refusal(
        401, "invalid_client", "The certificate used to sign the client assertion is not registered on the application."
    ),
    700024: Refusal(401, "invalid_client", "Client assertion is not within its valid time range."),
    700211: Refusal(401, "invalid_client", "No matching federated identity record found for the assertion issuer."),
    700212: Refusal(401, "invalid_client", "No matching federated identity record found for the assertion audience."),
    700213: Refusal(401, "invalid_client", "No matching federated identity record found for the assertion subject."),
    7000112: Refusal(400, "unauthorized_client", "Application '{client}' is disabled."),
    7000215: Refusal(
        401, "invalid_client", "Invalid client secret provided. Ensure the secret being sent is the secret's value."
    ),
    7000218: Refusal(
        401,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    7000222: Refusal(401, "invalid_client", "The provided client secret keys for app '{client}' are expired."),
    7000229: Refusal(
        400,
        "unauthorized_client",
        "The client application {client} is missing service principal in the tenant {tenant}.",
    ),
}
"""The numbers that the simulator uses by itself or that tests script (facts/microsoft.md F1)."""


class EntraError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, number: int, tenant: str = "", client: str = "") -> None:
        self.number = number
        self.status, self.error, message = KNOWN[number]
        self.message = f"AADSTS{number}: {message.format(tenant=tenant, client=client)}"
        super().__init__(self.message)

    def body(self, trace_id: str, now: datetime) -> dict[str, object]:
        """The error document, which a test may also script as a fault's body."""
        stamp = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"{self.message} Trace ID: {trace_id} Correlation ID: {trace_id} Timestamp: {stamp}",
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace_id,
            "correlation_id": trace_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }

    def response(self, trace_id: str, now: datetime) -> JSONResponse:
        """The answer that carries it."""
        return JSONResponse(self.body(trace_id, now), self.status)


BY_STATUS: Mapping[int, int] = {400: 90002, 401: 7000215, 429: 90055}
"""The number for a scripted status without a body of its own; 90033 for every other."""
