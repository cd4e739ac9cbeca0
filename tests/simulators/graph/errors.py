"""Graph's refusals."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

USUAL: Mapping[int, tuple[str, str]] = {
    400: ("BadRequest", "The request is malformed or incorrect."),
    401: ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
    403: ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    404: ("ErrorItemNotFound", "The specified object was not found in the store."),
    409: ("ErrorIrresolvableConflict", "The send or update operation could not be performed."),
    410: ("SyncStateNotFound", "The sync state generation is not found."),
    412: (
        "ErrorIrresolvableConflict",
        (
            "The send or update operation could not be performed because the change key passed in the request does not "
            "match the current change key for the item."
        ),
    ),
    429: ("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    500: ("InternalServerError", "An internal server error occurred. The operation failed."),
    502: ("BadGateway", "Failed to execute backend request."),
    503: ("ServiceUnavailable", "The service is unavailable."),
    504: ("GatewayTimeout", "The operation timed out."),
}
"""Code and message by status, where nothing more special is said (facts/microsoft.md A, B, D)."""


class GraphError(Exception):
    """A refusal with its status, code and message, and a Retry-After in seconds where there is one."""

    def __init__(
        self, status: int, code: str | None = None, message: str | None = None, *, retry_after: int | None = None
    ) -> None:
        usual_code, usual_message = USUAL.get(status, ("UnknownError", "An unknown error has occurred."))
        self.status = status
        self.code = code or usual_code
        self.message = message or usual_message
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code}: {self.message}")

    def body(self, request_id: str, date: str) -> dict[str, object]:
        """The error document; `date` is UTC without an offset, as Graph writes it."""
        inner = {"date": date, "request-id": request_id, "client-request-id": request_id}
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}

    def response(self, request_id: str, date: str) -> JSONResponse:
        """The answer that carries it."""
        headers = {"request-id": request_id}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="", error="invalid_token"'
        return JSONResponse(self.body(request_id, date), self.status, headers=headers)


def bad_query(message: str) -> GraphError:
    """A query option that the resource refuses."""
    return GraphError(400, "ErrorInvalidUrlQuery", message)


def bad_parameter(name: str, value: str) -> GraphError:
    """A query parameter with a value that means nothing (facts/microsoft.md A1)."""
    return GraphError(400, "ErrorInvalidParameter", f"The value '{value}' of parameter '{name}' is invalid.")
