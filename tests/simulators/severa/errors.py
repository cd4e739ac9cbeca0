"""Severa's errors (facts/severa.md 1.5). Which status goes with which type is undocumented: these are likely."""

from __future__ import annotations

from starlette.responses import JSONResponse, PlainTextResponse, Response

QUOTA_TEXT = "API calls quota exceeded! maximum admitted 10 per 1s."
_TYPES = {
    400: "InvalidParameter",
    401: "AuthenticationRequired",
    403: "PermissionDenied",
    500: "InternalSystemError",
}


class SeveraError(Exception):
    """A request that Severa refuses.

    `kind` is a value of the schema's ExceptionTypeEnum, `where` one of its location types, `name` the field or
    parameter at fault.
    """

    def __init__(
        self, status: int, kind: str, message: str, *, where: str = "RequestBody", name: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.where, self.name = status, kind, where, name

    def response(self) -> Response:
        """The ExceptionModel."""
        location = None if self.name is None else {"type": self.where, "name": self.name, "identifier": None}
        detail = {"message": str(self), "url": None} | ({"location": location} if location else {})
        error = {"httpStatusCode": self.status, "type": self.kind, "details": [detail], "stack": None}
        return JSONResponse({"error": error}, self.status)


def invalid(name: str, message: str) -> SeveraError:
    """A field of the body that cannot be."""
    return SeveraError(400, "InvalidParameter", message, name=name)


def bad_parameter(name: str, message: str) -> SeveraError:
    """A query parameter that cannot be."""
    return SeveraError(400, "InvalidParameter", message, where="UriParameter", name=name)


def unauthenticated(message: str) -> SeveraError:
    """No token, a wrong one, or one that has expired."""
    return SeveraError(401, "AuthenticationRequired", message, where="RequestHeader", name="Authorization")


def not_found() -> Response:
    """404 without a body."""
    return Response(status_code=404)


def usual_error(status: int) -> Response:
    """What Severa would answer with this status: plain text for 429, nothing for 404, else the ExceptionModel."""
    if status == 429:
        return PlainTextResponse(QUOTA_TEXT, 429)
    if status == 404:
        return not_found()
    return SeveraError(status, _TYPES.get(status, "InternalSystemError"), "Scripted failure.").response()
