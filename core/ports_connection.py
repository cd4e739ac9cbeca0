"""What the test of a company's connection needs of the world beside core/ports.py.

Each check goes through its side's steps (core/model/connection.py) in order and yields what it finds. What it raises
(Stop, RetryLater) is the failure of the step that comes next.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.model.company import CompanySettings
from core.model.connection import Finding
from core.model.ids import CompanyId
from core.ports import Ports


class SeveraCheck(Protocol):
    """A company's Severa, tried with a token of its own."""

    def check(self, company: CompanyId, settings: CompanySettings) -> AsyncGenerator[Finding, None]:
        """SEVERA_TOKEN and SEVERA_SCOPES."""
        ...

    def mails(self, company: CompanyId, settings: CompanySettings) -> AsyncGenerator[Finding, None]:
        """SEVERA_MAILS: whether Severa itself writes to owners of new activities."""
        ...


class MicrosoftCheck(Protocol):
    """A company's mailboxes, tried."""

    def check(
        self, company: CompanyId, settings: CompanySettings, addresses: Sequence[str]
    ) -> AsyncGenerator[Finding, None]:
        """Every step of the side. `addresses` are those whose mailboxes are tried, until one answers."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectionPorts:
    """Everything that the test is given."""

    ports: Ports
    severa: SeveraCheck
    office365: MicrosoftCheck
    exchange_server: MicrosoftCheck
