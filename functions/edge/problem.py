"""Problem documents (RFC 9457): a stable type, a sentence for people, a remedy. No input comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem. Its type is `/problems/<name>`, which is stable; its wording is not."""

    name: str
    status: int
    title: str
    detail: str
    remedy: str = ""

    @property
    def type(self) -> str:
        """The URI reference that callers may compare."""
        return f"/problems/{self.name}"


class Refused(Exception):
    """The answer to a call is this problem. `retry_after`: seconds after which waiting has helped."""

    def __init__(
        self,
        problem: Problem,
        *,
        detail: str = "",
        remedy: str = "",
        code: str = "",
        errors: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.detail = detail or problem.detail
        self.remedy = remedy or problem.remedy
        self.code = code
        self.errors = errors
        self.retry_after = retry_after

    def document(self) -> bytes:
        """The answer's body."""
        members: dict[str, object] = {
            "type": self.problem.type,
            "title": self.problem.title,
            "status": self.problem.status,
            "detail": self.detail,
        }
        if self.remedy:
            members["remedy"] = self.remedy
        if self.code:
            members["code"] = self.code
        if self.errors:
            members["errors"] = dict(self.errors)
        return json.dumps(members, ensure_ascii=False).encode()


NOT_AUTHENTICATED = Problem(
    "not-authenticated",
    401,
    "You are not signed in",
    "The request carries no bearer token that is valid here now.",
    "Sign in to Severa again.",
)
NOT_ALLOWED = Problem(
    "not-allowed",
    403,
    "Only an administrator may do this",
    "This call is for the administrators of the company.",
    "Ask an administrator of your Severa organization.",
)
BODY_TOO_LARGE = Problem(
    "body-too-large", 413, "The request is too large", "The request's body has more than 65536 bytes."
)
NOT_JSON = Problem(
    "not-json",
    415,
    "The request's body is not JSON",
    "The request needs a body of the content type application/json.",
)
INVALID = Problem(
    "invalid",
    422,
    "Something in the request is not as it should be",
    "The member `errors` names each field and what is wrong with it.",
    "Correct these fields and send the request again.",
)
IF_MATCH_MISSING = Problem(
    "if-match-missing",
    428,
    "The request must say which version it changes",
    "The header If-Match is missing.",
    "Read the settings, and send their ETag as If-Match.",
)
CHANGED_MEANWHILE = Problem(
    "changed-meanwhile",
    412,
    "Somebody else changed this in the meantime",
    "What is stored now is not the version that If-Match names. Nothing was written.",
    "Read it again, look at what changed, and send your change once more.",
)
COMPANY_OFF = Problem(
    "company-off",
    409,
    "Calendar sync is off for your company",
    "An administrator has not switched calendar sync on for your company, or has switched it off.",
    "Ask an administrator of your Severa organization to switch calendar sync on.",
)
SWITCHED_OFF = Problem(
    "switched-off",
    409,
    "Your calendar sync is off",
    "Your calendars can only be compared while your own calendar sync is on.",
    "Switch your calendar sync on.",
)
NOT_CONNECTED = Problem(
    "not-connected",
    409,
    "The company is not set up yet",
    "No settings are stored for this company.",
    "Save the settings first.",
)
SEVERA_NOT_CONNECTED = Problem(
    "severa-not-connected",
    409,
    "Severa's API cannot be used",
    "The credentials for Severa's API are missing, or Severa does not accept them.",
    "Check client id and client secret in the settings, and that the client is active in Severa.",
)
SECRETS_READ_ONLY = Problem(
    "secrets-read-only",
    409,
    "Secrets cannot be stored here yet",
    "This installation reads its secrets from its environment and cannot store any. Nothing was written.",
    "Leave the secrets out of the request, and ask whoever runs this service to set them.",
)
STOPPED = Problem("stopped", 409, "This cannot go on until somebody acts", "Something must be put in order first.", "")
RUN_UNDER_WAY = Problem(
    "run-under-way",
    409,
    "Your calendars are being compared just now",
    "A run of your calendar sync is under way.",
    "Wait half a minute and try again.",
)
JUST_COMPARED = Problem(
    "just-compared",
    429,
    "Your calendars were compared just now",
    "The last full comparison ended less than five minutes ago.",
    "Wait a few minutes if you still need another one.",
)
NO_SUCH_LINE = Problem(
    "no-such-line",
    404,
    "There is no such line in your history",
    "Your history of the last 90 days has no line of this name.",
    "Read the history again.",
)
NOT_UNDONE = Problem(
    "not-undone",
    409,
    "This cannot be taken back",
    "What was lost cannot be put back as things are now.",
    "Make the change by hand.",
)
PREVIEW_TOO_LONG = Problem(
    "preview-too-long",
    503,
    "Your calendars hold too much for a preview",
    "Both calendars hold so much that they could not be looked through in a minute.",
    "Try again later, or switch your calendar sync on: the first synchronization has all the time that it needs.",
)
TRY_LATER = Problem(
    "try-later",
    503,
    "This does not work just now",
    "A service that is needed for this does not answer now.",
    "Try again in a moment.",
)
NOT_CONFIGURED = Problem(
    "not-configured",
    503,
    "This service is not set up completely",
    "Calls cannot be answered until whoever runs this service completes its settings.",
    "Ask whoever runs this service to read its start-up log.",
)
UNEXPECTED = Problem(
    "unexpected",
    500,
    "Something unexpected went wrong",
    "The call failed for a reason that was not foreseen. It is in the service's log, without your data.",
    "Try again; if it happens again, tell Severa's support when it happened.",
)
EVERY = tuple(value for value in list(globals().values()) if isinstance(value, Problem))
"""The catalogue, in the order above."""
