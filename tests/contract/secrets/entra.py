"""A tenant whose Entra answers over https, and processes of ours that ask it for tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.adapters.identity.credentials import Credential
from core.adapters.identity.tokens import AppTokens, Cloud
from core.adapters.system import SystemClock, ThreadExecutor
from tests.simulators.common.server import serve
from tests.simulators.graph import App, GraphSimulator, Tenant, make_authority


@dataclass(slots=True)
class EntraStage:
    """`tenant` gave its consent to `app`."""

    simulator: GraphSimulator
    cloud: Cloud
    tenant: Tenant
    app: App

    def process(self, credential: Credential) -> AppTokens:
        """Tokens as one process of ours gets them."""
        return AppTokens(
            self.cloud, self.tenant.tenant_id, self.app.client_id, credential, ThreadExecutor(), SystemClock()
        )


@asynccontextmanager
async def entra_stage(folder: Path) -> AsyncIterator[EntraStage]:
    """Entra on a free port."""
    simulator = GraphSimulator(lambda: datetime.now(UTC))
    tenant = simulator.people.add_tenant()
    authority = make_authority(folder)
    async with serve(simulator.entra_app, cert=authority.cert, key=authority.key) as url:
        cloud = Cloud(url, "https://graph.microsoft.com/v1.0", str(authority.ca_file))
        yield EntraStage(simulator, cloud, tenant, simulator.people.add_app(tenant))
