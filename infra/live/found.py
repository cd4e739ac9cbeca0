"""What was asked of a live service, what this service takes for granted, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

SUBJECT = "Severa calendar sync: live check"
"""How the entries are called that a check makes; it removes them, and whoever finds one may remove it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One answer. `as_built`: it is as the service takes it to be; None where that was not seen, or either will do."""

    fact: str
    source: str
    expected: str
    seen: str
    as_built: bool | None

    def line(self) -> str:
        """One row for a reader."""
        verdict = {True: "as built", False: "OTHERWISE", None: "noted"}[self.as_built]
        return f"{verdict:9}  {self.fact}\n           expected: {self.expected}\n           seen:     {self.seen}\n"


def said(answer: httpx.Response) -> str:
    """An answer in short: status, and the service's own code where it names one. Never its content."""
    try:
        error = answer.json().get("error", {}) if answer.status_code >= 400 else {}
    except (ValueError, AttributeError):
        error = {}
    code = error.get("code") or error.get("type") or "" if isinstance(error, dict) else ""
    return f"HTTP {answer.status_code} {code}".rstrip()
