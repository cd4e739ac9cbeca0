"""What the use cases raise, as problems. One table; what is not in it is a bug, and says nothing of itself."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import NotAuthenticated, RetryLater, Stop, SyncError
from core.settings import SettingsError
from core.usecases.settings import InvalidSettingsError
from core.usecases.words import words
from functions.edge import problem
from functions.edge.problem import Problem, Refused

SOON = 5.0
"""Seconds to wait where nobody said how long."""
STOPS: Mapping[str, Problem] = {
    "company_off": problem.COMPANY_OFF,
    "switched_off": problem.SWITCHED_OFF,
    "not_connected": problem.NOT_CONNECTED,
    "severa_credentials_missing": problem.SEVERA_NOT_CONNECTED,
    "severa_credentials_refused": problem.SEVERA_NOT_CONNECTED,
    "secrets_read_only": problem.SECRETS_READ_ONLY,
    "storage_key_unknown": problem.NOT_CONFIGURED,
    "storage_tampered": problem.NOT_CONFIGURED,
}
KINDS: Mapping[type[Exception], Problem] = {
    NotAuthenticated: problem.NOT_AUTHENTICATED,
    SettingsError: problem.NOT_CONFIGURED,
}
WAITS: Mapping[str, Problem] = {
    "busy": problem.RUN_UNDER_WAY,
    "just_compared": problem.JUST_COMPARED,
    "preview_too_long": problem.PREVIEW_TOO_LONG,
}


def refusal_of(failure: Exception) -> Refused:
    """The answer to a call that failed so."""
    match failure:
        case Refused():
            return failure
        case InvalidSettingsError(problems=problems):
            return Refused(problem.INVALID, errors=problems)
        case Stop(code=code):
            return Refused(STOPS[code]) if code in STOPS else in_words(problem.STOPPED, code)
        case NotAuthenticated() | SettingsError():
            return Refused(KINDS[type(failure)])
        case RetryLater(code=code, after=after):
            return Refused(WAITS.get(code, problem.TRY_LATER), retry_after=SOON if after is None else after)
        case SyncError():
            return Refused(problem.TRY_LATER, retry_after=SOON)
    return Refused(problem.UNEXPECTED)


def in_words(kind: Problem, code: str) -> Refused:
    """That problem, with what the code says to people."""
    said = words(code)
    return Refused(kind, detail=said.sentence, remedy=said.remedy, code=code)
