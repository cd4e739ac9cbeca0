"""No secret anywhere: an identity's assertion proves the application to Entra (facts/microsoft.md F3, Secretless)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.adapters.identity.federated import managed_identity
from core.adapters.identity.tokens import AppTokens
from core.errors import RetryLater, Stop
from tests.contract.secrets.entra import EntraStage, entra_stage
from tests.simulators.azure import EXCHANGE, IdentitySimulator
from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import Federated
from tests.support.azure_stage import AzureStage


@dataclass(slots=True)
class Secretless:
    """An app in Azure, and Entra, which trusts its identity as `trust` says."""

    azure: AzureStage
    entra: EntraStage
    trust: Federated

    def process(self) -> AppTokens:
        """Tokens of a new process of ours."""
        return self.entra.process(managed_identity(self.azure.identity.client_id))

    def trusts(self, **changes: str) -> None:
        """Trust somebody like that instead."""
        self.entra.app.federated[:] = [replace(self.trust, **changes)]


@pytest.fixture
async def stage(azure: AzureStage, tmp_path: Path) -> AsyncIterator[Secretless]:
    """The registration has neither secret nor certificate."""
    identities = azure.identities
    trust = Federated(identities.issuer, azure.identity.principal, EXCHANGE, identities.public_key)
    folder = tmp_path / "entra"
    folder.mkdir()
    async with entra_stage(folder) as entra:
        entra.simulator.people.trust(entra.app, trust)
        yield Secretless(azure, entra, trust)


async def test_an_assertion_instead_of_a_secret(stage: Secretless) -> None:
    """The endpoint gives the assertion, Entra takes it, and the token is the application's."""
    token = await stage.process().token()
    assert token.count(".") == 2
    (asked,) = stage.azure.identities.requests.entries
    assert "resource=api://AzureADTokenExchange&" in asked.url
    assert stage.azure.identity.client_id in asked.url
    assert stage.entra.simulator.entra_requests.count("POST", status=200) == 1


async def test_several_tenants(stage: Secretless) -> None:
    """The endpoint is rate limited: one assertion serves every tenant and every token, while it lives."""
    credential, people = managed_identity(stage.azure.identity.client_id), stage.entra.simulator.people
    for number in range(3):
        tenant = people.add_tenant()
        people.trust(people.add_app(tenant, stage.entra.app.client_id), stage.trust)
        tokens = replace(stage.entra, tenant=tenant).process(credential)
        first = await tokens.token()
        assert await tokens.token(first) != first
        assert stage.entra.simulator.entra_requests.count("POST", status=200) == 2 * (number + 1)
    assert stage.azure.identities.requests.count() == 1


async def test_an_assertion_that_has_aged(stage: Secretless) -> None:
    """A new one is fetched before the old one is refused."""
    stage.azure.identities.life = timedelta(minutes=4)
    tokens = stage.process()
    first = await tokens.token()
    assert await tokens.token(first) != first
    assert stage.azure.identities.requests.count() == 2


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"issuer": "https://login.microsoftonline.com/another/v2.0"}, 700211),
        ({"subject": "11111111-1111-4111-8111-111111111111"}, 700213),
        ({"audience": "api://AzureADTokenExchangeUSGov"}, 700212),
    ],
)
async def test_an_identity_that_is_not_trusted(stage: Secretless, changes: dict[str, str], number: int) -> None:
    """Everything stops, with the number that says what does not fit; nothing of the assertion is told."""
    stage.trusts(**changes)
    with pytest.raises(Stop) as caught:
        await stage.process().token()
    assert (caught.value.code, caught.value.detail) == ("app_credentials_refused", f"AADSTS{number}")
    stage.trusts()
    assert await stage.process().token()


async def test_an_assertion_of_somebody_else(stage: Secretless) -> None:
    """Whoever says to be the issuer without its key is refused."""
    stage.trusts(public_key=IdentitySimulator(stage.azure.identities._now).public_key)
    with pytest.raises(Stop, match="AADSTS700027"):
        await stage.process().token()


@pytest.mark.parametrize("status", [400, 403])
async def test_an_endpoint_that_gives_no_assertion(stage: Secretless, status: int) -> None:
    """Later: nothing is wrong with the company."""
    stage.azure.identities.faults.add(Fault(Action.STATUS, times=None, status=status))
    with pytest.raises(RetryLater, match="managed_identity_unavailable"):
        await stage.process().token()
    stage.azure.identities.faults.clear()
    assert await stage.process().token()
