"""Every secret can be replaced while the service runs, as docs/secrets.md says. Two processes, real wiring."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from core.adapters.identity.credentials import CertificateCredential, SecretCredential
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.ids import CompanyId
from core.settings import load
from core.usecases.secrets import SEVERA_CLIENT_SECRET
from core.wiring import Service, build
from tests.contract.secrets.entra import entra_stage
from tests.contract.stores.samples import MASTER
from tests.simulators.common.server import serve
from tests.simulators.graph import make_client_certificate
from tests.simulators.severa import SeveraSimulator
from tests.support.azure_stage import AzureStage


@dataclass(slots=True)
class Connected:
    """A company whose credentials are stored, and two processes that serve it."""

    severa: SeveraSimulator
    company: CompanyId
    settings: CompanySettings
    processes: tuple[Service, Service]

    async def types(self, process: Service, *, anew: bool = False) -> int:
        """How many activity types a process reads; `anew`: with a token that it has to ask for."""
        severa = await process.gateways.severa(self.company, self.settings, first_sync=anew)
        return len(await severa.activity_types())


@asynccontextmanager
async def connected(azurite: str, **settings: str) -> AsyncIterator[Connected]:
    """Severa over HTTP; state in Azurite, secrets where the settings say."""
    severa = SeveraSimulator(lambda: datetime.now(UTC), seed=uuid4().int)
    company = severa.people.add_company("Acme", client_secret="first")
    async with serve(severa.app) as url:
        environment = {
            "AzureWebJobsStorage": azurite,
            "SYNC_MASTER_KEY": base64.b64encode(MASTER).decode(),
            "SYNC_APP_CLIENT_ID": "66666666-6666-4666-8666-666666666666",
            "SYNC_APP_SECRET": "made-up",
            "SYNC_SEVERA_URL": url,
        }
        one, other = (build(load(environment | settings)) for _ in range(2))
        known = CompanySettings(severa_client_id=company.client_id)
        found = Connected(severa, CompanyId(company.guid), known, (one, other))
        try:
            await one.ports.companies.put_settings(found.company, known, "")
            yield found
        finally:
            await one.aclose()
            await other.aclose()


async def _replaced_secret(stage: Connected) -> None:
    """The administrator has a new secret made in Severa, which ends the old one, and saves it in the settings."""
    one, other = stage.processes
    writer = one.entrance.secret_writer
    assert writer is not None
    with pytest.raises(Stop, match="severa_credentials_missing"):
        await stage.types(one)
    await writer.put_secret(stage.company, SEVERA_CLIENT_SECRET, "first")
    assert [await stage.types(process) for process in stage.processes] == [5, 5]
    company = stage.severa.people.states[stage.settings.severa_client_id].company
    stage.severa.people.replace_secret(company, "second")
    await writer.put_secret(stage.company, SEVERA_CLIENT_SECRET, "second")
    assert await stage.types(one) == 5
    assert await other.entrance.secrets.secret(stage.company, SEVERA_CLIENT_SECRET) == "first"
    assert await stage.types(other, anew=True) == 5
    assert await other.entrance.secrets.secret(stage.company, SEVERA_CLIENT_SECRET) == "second"


async def test_severas_secret_in_the_vault(azurite: str, azure: AzureStage) -> None:
    """A process that still keeps the old one looks again when Severa refuses it: no run stops."""
    async with connected(azurite, **azure.settings) as stage:
        await _replaced_secret(stage)
    assert list(azure.vault.secrets.values()) == ["second"]


async def test_severas_secret_in_the_table(azurite: str) -> None:
    """Likewise without a vault."""
    async with connected(azurite) as stage:
        await _replaced_secret(stage)


async def test_our_own_secret(tmp_path: Path) -> None:
    """Entra takes several at a time: the new one is added, processes change over, then the old one goes."""
    async with entra_stage(tmp_path) as entra:
        entra.app.secrets.add("old")
        before = entra.process(SecretCredential("old"))
        first = await before.token()
        entra.app.secrets.add("new")
        after = entra.process(SecretCredential("new"))
        second = await before.token(first)
        assert len({first, second, await after.token()}) == 3
        entra.app.secrets.discard("old")
        assert await after.token(await after.token())
        assert await before.token() == second


async def test_our_own_certificate(tmp_path: Path) -> None:
    """The file is replaced under a running process, which reads it again when Entra refuses the old one."""
    old, new = make_client_certificate("sync"), make_client_certificate("sync")
    pem = tmp_path / "app.pem"
    pem.write_text(old.private_key + old.public_certificate)
    async with entra_stage(tmp_path) as entra:
        entra.app.certificates.append(old.public_certificate)
        process = entra.process(CertificateCredential(pem))
        first = await process.token()
        entra.app.certificates.append(new.public_certificate)
        second = await process.token(first)
        pem.write_text(new.private_key + new.public_certificate)
        entra.app.certificates.remove(old.public_certificate)
        third = await process.token(second)
        assert len({first, second, third}) == 3
        entra.app.certificates.clear()
        with pytest.raises(Stop, match="AADSTS700027"):
            await process.token(third)
