"""Who we are towards Microsoft, and who comes in through the HTTP interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ports import Clock
from core.settings import Settings
from core.usecases.access import Callers

if TYPE_CHECKING:
    from core.adapters.identity.credentials import Credential
    from core.adapters.identity.tokens import Cloud


def cloud(settings: Settings) -> Cloud:
    """Microsoft's login and Graph, as the settings name them."""
    from core.adapters.identity.tokens import Cloud

    return Cloud(settings.login_url, settings.graph_url, settings.ca_file)


def credential(settings: Settings) -> Credential:
    """How we prove to Microsoft who we are."""
    from pathlib import Path

    from core.adapters.identity.credentials import CertificateCredential, SecretCredential

    if settings.app_certificate:
        return CertificateCredential(Path(settings.app_certificate))
    if settings.app_secret:
        return SecretCredential(settings.app_secret)
    from core.adapters.identity.federated import managed_identity

    return managed_identity(settings.app_identity)


def callers(settings: Settings, clock: Clock) -> Callers | None:
    """Who comes in with a bearer token; None where no issuer is configured."""
    if not settings.jwt_issuer:
        return None
    from core.adapters.identity.bearer import BearerCallers, Trust
    from core.adapters.identity.keyset import KeySet

    trust = Trust(settings.jwt_issuer, settings.jwt_audience, settings.jwt_algorithms)
    return BearerCallers(trust, KeySet(settings.jwks_url, trust.algorithms, clock, settings.ca_file))
