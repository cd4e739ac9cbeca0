"""Admin consent and sign-in at Entra: the port SignIn, by MSAL's authorization code flow (facts/microsoft.md F1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msal
import requests
from msal.exceptions import MsalError

from core.adapters.identity.credentials import Credential, for_msal
from core.adapters.identity.id_tokens import ALGORITHM, Expected, validated
from core.adapters.identity.keyset import KeySet
from core.adapters.identity.refusals import refusal
from core.adapters.identity.tokens import Cloud, http_session
from core.errors import RetryLater, Stop
from core.model.consent import SignedIn
from core.ports import Clock, Executor

ANY_ORGANIZATION = "organizations"
"""Personal accounts cannot consent, so never `common`."""


@dataclass(frozen=True, slots=True)
class Application:
    """Our registration: `redirect_uri` must be registered exactly like this."""

    client_id: str
    credential: Credential
    redirect_uri: str


class EntraSignIn:
    """SignIn (core/ports_consent.py). MSAL blocks: it runs on the executor."""

    def __init__(self, cloud: Cloud, application: Application, executor: Executor, clock: Clock) -> None:
        self._cloud, self._application, self._executor, self._clock = cloud, application, executor, clock
        self._login = cloud.login.rstrip("/")
        keys = f"{self._login}/{ANY_ORGANIZATION}/discovery/v2.0/keys"
        self._keys = KeySet(keys, (ALGORITHM,), clock, cloud.ca_file)

    def consent_address(self, state: str) -> str:
        """See SignIn.consent_address: the v2 endpoint, everything that the registration asks for."""
        query = {
            "client_id": self._application.client_id,
            "scope": self._cloud.scope,
            "redirect_uri": self._application.redirect_uri,
            "state": state,
        }
        return f"{self._login}/{ANY_ORGANIZATION}/v2.0/adminconsent?{urlencode(query)}"

    async def begin(self, state: str) -> tuple[str, str]:
        """See SignIn.begin."""
        return await self._executor.run(self._begin, state)

    async def finish(self, flow: str, answer: Mapping[str, str]) -> SignedIn:
        """See SignIn.finish."""
        kept = json.loads(flow)
        token = await self._executor.run(self._redeem, kept, {n: answer.get(n, "") for n in ("code", "state")})
        expected = Expected(self._login, self._application.client_id, _nonce(kept), self._clock.now())
        return await validated(token, self._keys, expected)

    def _begin(self, state: str) -> tuple[str, str]:
        with _translated():
            # MSAL warns of every mode but form_post; a POST from Microsoft would come without our SameSite=Lax cookie
            flow = self._client().initiate_auth_code_flow(
                [], redirect_uri=self._application.redirect_uri, state=state, response_mode="form_post"
            )
        flow["auth_uri"] = flow["auth_uri"].replace("response_mode=form_post", "response_mode=query")
        return str(flow["auth_uri"]), json.dumps(flow)

    def _redeem(self, flow: dict[str, Any], answer: dict[str, str]) -> str:
        """The ID token, not validated but for what MSAL compares: state and nonce."""
        with _translated():
            result = self._client().acquire_token_by_auth_code_flow(flow, answer)
        if "id_token" in result:
            return str(result["id_token"])
        if result.get("error") == "invalid_grant":
            raise Stop("sign_in_refused", refusal(result).detail)
        raise refusal(result)

    def _client(self) -> Any:
        """A new client each time: it keeps what it was given, and a person's tokens are nothing to keep."""
        return msal.ConfidentialClientApplication(
            self._application.client_id,
            authority=f"{self._login}/{ANY_ORGANIZATION}",
            client_credential=for_msal(self._application.credential),
            instance_discovery=False,
            http_client=http_session(self._cloud.ca_file),
            exclude_scopes=["offline_access"],
        )


def _nonce(flow: Mapping[str, Any]) -> str:
    """The nonce as the request named it; MSAL keeps another form of it."""
    return parse_qs(urlsplit(str(flow["auth_uri"])).query)["nonce"][0]


@contextmanager
def _translated() -> Iterator[None]:
    """Let nothing of MSAL's own failures out."""
    try:
        yield
    except (requests.RequestException, MsalError, json.JSONDecodeError) as error:
        raise RetryLater("login_unreachable", type(error).__name__) from error
    except RuntimeError as error:
        raise Stop("sign_in_invalid", "nonce") from error
    except (ValueError, TypeError) as error:
        # a discovery that was refused, a state that is not the flow's, or a certificate that MSAL cannot use
        raise Stop("sign_in_failed", type(error).__name__) from error
