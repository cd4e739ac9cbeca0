"""The service on real adapters, put together once for a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from core.adapters.system import System
from core.ports import Ports
from core.ports_connection import ConnectionPorts
from core.ports_consent import ConsentPorts, ConsentStore
from core.ports_live import LivePorts
from core.ports_secrets import Secrets, SecretWriter
from core.settings import Settings
from core.usecases.access import Callers
from core.usecases.notifications import Inbox
from core.wiring.gateways import RemoteGateways
from core.wiring.identity import callers, cloud
from core.wiring.stores import connection, vault

if TYPE_CHECKING:
    from core.adapters.storage.storage import Storage
    from core.adapters.vault.key_vault import KeyVaultSecrets


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the HTTP interface is given. `callers` is None where no issuer is configured: then nobody comes in.

    `origins` are those of the web front end. `consents` remembers whose tenants are. `secret_writer` is None where
    secrets can only be read. `consent` makes what the consent to Microsoft 365 is given; it is None where no browser
    could come through it. `application` is our client id. `connection` makes what the test of a connection is given.
    `live` is what subscriptions need; a company that leaves takes its own along.
    """

    ports: Ports
    callers: Callers | None
    origins: tuple[str, ...]
    secrets: Secrets
    consents: ConsentStore
    secret_writer: SecretWriter | None = None
    consent: Callable[[], ConsentPorts] | None = None
    application: str = ""
    connection: Callable[[], ConnectionPorts] | None = None
    live: LivePorts | None = None


@dataclass(slots=True)
class Service:
    """The service as one process runs it."""

    ports: Ports
    storage: Storage
    gateways: RemoteGateways
    entrance: Entrance
    live: LivePorts
    inbox: Inbox
    vault: KeyVaultSecrets | None = None

    async def aclose(self) -> None:
        """Close every connection."""
        await self.gateways.aclose()
        await self.storage.aclose()
        if self.vault is not None:
            await self.vault.aclose()


def build(settings: Settings, system: System | None = None) -> Service:
    """The service on real adapters. Nothing is opened yet."""
    from core.adapters.kept_secrets import KeptSecrets
    from core.adapters.quiet import hush
    from core.adapters.storage.cipher import Cipher
    from core.adapters.storage.storage import Storage

    hush()
    used = system or System()
    cipher = Cipher(settings.master_key, settings.earlier_keys)
    storage = Storage(connection(settings), cipher)
    opened = vault(settings)
    secrets = KeptSecrets(opened or storage.secrets, settings.company_secrets, used.clock)
    gateways = RemoteGateways(settings, storage, secrets, used)
    ports = Ports(
        clock=used.clock,
        sleeper=used.sleeper,
        randomness=used.randomness,
        gateways=gateways,
        pairs=storage.pairs,
        companies=storage.companies,
        due=storage.due,
        history=storage.history,
        holds=storage.holds,
        queues=storage.queues,
        keys=cipher,
    )
    stores = (storage.directory, storage.attic, storage.consents)
    live = LivePorts(ports, storage.subscriptions, gateways.subscriptions, *stores, settings.address)
    entrance = Entrance(
        ports,
        callers(settings, used.clock),
        settings.front_end_origins,
        secrets,
        storage.consents,
        secrets,
        consent=_consent(settings, used, ports, storage, gateways),
        application=settings.app_client_id,
        connection=partial(gateways.connection, ports),
        live=live,
    )
    return Service(ports, storage, gateways, entrance, live, Inbox(live), opened)


def _consent(
    settings: Settings, system: System, ports: Ports, storage: Storage, gateways: RemoteGateways
) -> Callable[[], ConsentPorts] | None:
    if not settings.public_url or not settings.front_end_origins:
        return None

    def made() -> ConsentPorts:
        from core.adapters.identity.sign_in import Application, EntraSignIn

        home, front_ends = settings.public_url, frozenset(settings.front_end_origins)
        application = Application(settings.app_client_id, gateways.credential(), f"{home}/api/consent/callback")
        sign_in = EntraSignIn(cloud(settings), application, system.executor, system.clock)
        return ConsentPorts(ports, storage.consents, sign_in, gateways.probe(), gateways, front_ends, home)

    return cache(made)
