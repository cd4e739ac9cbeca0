"""App-only tokens for Graph by MSAL's client credentials, one client per tenant (facts/microsoft.md F3)."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msal
import requests
from msal.exceptions import MsalError

from core.adapters.identity.credentials import CertificateCredential, Credential, for_msal
from core.adapters.identity.refusals import refusal
from core.errors import RetryLater, Stop
from core.ports import Clock, Executor

LOGIN_SECONDS = 10.0
"""The time-out of each of MSAL's requests."""
SPARE = timedelta(minutes=5)
"""A token is replaced when less than this is left, as MSAL does itself."""
_TENANT = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a cloud's doors are (facts/microsoft.md F4). `ca_file`: a PEM file to trust instead of the public ones."""

    login: str = "https://login.microsoftonline.com"
    graph: str = "https://graph.microsoft.com/v1.0"
    ca_file: str = ""

    @property
    def scope(self) -> str:
        """Everything that the tenant's administrator consented to."""
        address = urlsplit(self.graph)
        return f"{address.scheme}://{address.netloc}/.default"


class AppTokens:
    """The application's tokens for one tenant. MSAL blocks: it runs on the executor, one call at a time."""

    def __init__(
        self, cloud: Cloud, tenant: str, client_id: str, credential: Credential, executor: Executor, clock: Clock
    ) -> None:
        self._entra = _Entra(cloud, tenant, client_id, credential)
        self._executor = executor
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    async def token(self, refused: str = "") -> str:
        """A bearer token; another one than `refused`.

        Raises Stop (`app_credentials_refused`, `consent_missing`, `tenant_unknown`), RetryLater where Entra cannot
        answer now.
        """
        async with self._lock:
            turned_down = bool(refused) and refused == self._token
            if turned_down or self._clock.now() >= self._until:
                asked = self._clock.now()
                self._token, seconds = await self._executor.run(self._entra.acquire, turned_down)
                self._until = asked + timedelta(seconds=seconds) - SPARE
            return self._token


class _Entra:
    """MSAL's client for one tenant, made on first use, since making it asks the network already."""

    def __init__(self, cloud: Cloud, tenant: str, client_id: str, credential: Credential) -> None:
        self._cloud = cloud
        self._tenant = tenant
        self._client_id = client_id
        self._credential = credential
        self._client: Any = None

    def acquire(self, anew: bool) -> tuple[str, float]:  # noqa: FBT001 - the executor passes positions only
        """A token and the seconds that it lives; `anew`: not the one that MSAL keeps. Blocks.

        A refused certificate is read from its file once more: it may have been replaced since (docs/secrets.md).
        """
        was_read_before = self._client is not None and isinstance(self._credential, CertificateCredential)
        answer = self._ask(anew=anew)
        if "access_token" not in answer and was_read_before:
            self._client = None
            answer = self._ask(anew=False)
        if "access_token" not in answer:
            raise refusal(answer)
        return str(answer["access_token"]), float(answer.get("expires_in", 0))

    def _ask(self, *, anew: bool) -> dict[str, Any]:
        try:
            if self._client is None:
                self._client = self._made()
            if anew:
                self._client.remove_tokens_for_client()
            answer: dict[str, Any] = self._client.acquire_token_for_client([self._cloud.scope])
        except (requests.RequestException, MsalError, json.JSONDecodeError) as error:
            raise RetryLater("login_unreachable", type(error).__name__) from error
        except (ValueError, TypeError) as error:
            # MSAL tells of a refused discovery as a ValueError that hides the refusal; any other is a bad certificate
            if error.__context__ is not None:
                raise refusal({"error_description": str(error.__context__)}) from error
            raise Stop("app_credentials_refused", type(error).__name__, whole_company=True) from error
        return answer

    def _made(self) -> Any:
        if not _TENANT.fullmatch(self._tenant):
            raise Stop("tenant_unknown", whole_company=True)
        return msal.ConfidentialClientApplication(
            self._client_id,
            authority=f"{self._cloud.login.rstrip('/')}/{self._tenant}",
            client_credential=for_msal(self._credential),
            # the login address is an operator's setting: nobody else needs to vouch for it
            instance_discovery=False,
            http_client=http_session(self._cloud.ca_file),
        )


class _Session(requests.Session):
    """Tokens are fetched once an hour, so no connection is kept; every request has a time-out."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", LOGIN_SECONDS)
        return super().request(*args, **kwargs)


def http_session(ca_file: str) -> requests.Session:
    """What MSAL asks with: time-outs, and nothing from the environment. `ca_file`: see Cloud."""
    session = _Session()
    # the environment's CA variables would beat `verify` (facts/microsoft.md L)
    session.trust_env = False
    session.verify = ca_file or True
    session.headers["Connection"] = "close"
    return session
