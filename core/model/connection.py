"""What a test of a company's connection finds, step by step, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """One step of the test."""

    SEVERA_TOKEN = "severa_token"  # noqa: S105 - a step's name
    SEVERA_SCOPES = "severa_scopes"
    ACTIVITY_TYPES = "activity_types"
    SEVERA_MAILS = "severa_mails"
    TENANT = "tenant"
    APP_TOKEN = "app_token"  # noqa: S105 - a step's name
    DIRECTORY = "directory"
    ADDRESS = "address"
    TLS = "tls"
    LOGIN = "login"
    VERSION = "version"
    IMPERSONATION = "impersonation"
    MAILBOX = "mailbox"
    CALENDAR = "calendar"


class Outcome(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


SEVERA = (Check.SEVERA_TOKEN, Check.SEVERA_SCOPES, Check.ACTIVITY_TYPES, Check.SEVERA_MAILS)
OFFICE365 = (Check.TENANT, Check.APP_TOKEN, Check.DIRECTORY, Check.MAILBOX, Check.CALENDAR)
EXCHANGE_SERVER = (Check.ADDRESS, Check.TLS, Check.LOGIN, Check.VERSION, Check.IMPERSONATION, Check.CALENDAR)
"""The steps of each side, in their order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one step ended: a stable code where it did not simply pass, and a detail that is nobody's secret.

    `detail` is what words cannot know: the version that was found, the scopes that are missing.
    """

    check: Check
    outcome: Outcome = Outcome.PASSED
    code: str = ""
    detail: str = ""
