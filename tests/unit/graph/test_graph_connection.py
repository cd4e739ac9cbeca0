"""A company's Microsoft 365, tried."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.adapters.graph.api import http_client
from core.adapters.graph.probe import GraphConnection
from core.adapters.memory.undetermined import ManualClock
from core.errors import Stop, SyncError
from core.model.company import CompanySettings
from core.model.connection import OFFICE365, Finding
from core.model.ids import CompanyId
from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator

COMPANY = CompanyId("11111111-1111-4111-8111-111111111111")
ALL = ("Calendars.ReadWrite", "User.Read.All")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Organization:
    """A tenant with Anna's mailbox, and our application in it."""

    def __init__(self, *roles: str) -> None:
        self.graph = GraphSimulator(ManualClock(NOW).now)
        people = self.graph.people
        self.tenant = people.add_tenant()
        self.app = people.add_app(self.tenant, secret="s", roles=roles or ALL)
        self.refusal = ""

    async def token(self, refused: str = "") -> str:
        if self.refusal:
            raise Stop(self.refusal)
        return str(self.graph.people.issue_token(self.tenant, self.app.client_id))

    async def check(self, *addresses: str, tenant: str | None = None) -> tuple[int, str]:
        """How many steps passed, and the code of the failure."""
        settings = CompanySettings(tenant=self.tenant.tenant_id if tenant is None else tenant)
        found: list[Finding] = []
        async with http_client(transport=transport(self.graph.app)) as http:
            tried = GraphConnection("https://graph.simulated/v1.0", lambda _: self, http)
            try:
                async for finding in tried.check(COMPANY, settings, addresses):
                    found.append(finding)  # noqa: PERF401 - what came before a failure counts
            except SyncError as failure:
                return len(found), failure.code
        assert [finding.check for finding in found] == list(OFFICE365)
        return len(found), ""


@pytest.fixture
def organization() -> Organization:
    """The organization, without any mailbox yet."""
    return Organization()


async def test_everything_is_in_order(organization: Organization) -> None:
    """By the administrator's own mailbox, or by any of the directory."""
    organization.graph.people.add_mailbox(organization.tenant, "anna@example.org")
    assert await organization.check("anna@example.org") == (5, "")
    assert await organization.check("nobody@example.org") == (5, "")
    assert await organization.check() == (5, "")


async def test_no_organization_is_connected(organization: Organization) -> None:
    """Nothing is asked."""
    assert await organization.check(tenant="") == (0, "tenant_missing")


@pytest.mark.parametrize("code", ["consent_missing", "app_credentials_refused", "tenant_unknown"])
async def test_no_token(organization: Organization, code: str) -> None:
    """The organization is named, but lets nobody in."""
    organization.refusal = code
    assert await organization.check("anna@example.org") == (1, code)


async def test_permissions_that_are_missing() -> None:
    """The directory and the mailboxes are told apart."""
    for roles, expected in ((ALL[:1], (2, "directory_denied")), (ALL[1:], (3, "mailboxes_denied"))):
        organization = Organization(*roles)
        organization.graph.people.add_mailbox(organization.tenant, "anna@example.org")
        assert await organization.check("anna@example.org") == expected


async def test_no_mailbox(organization: Organization) -> None:
    """Users can be found, and nobody is there."""
    assert await organization.check("anna@example.org") == (3, "no_mailbox_answers")
