"""The environment → frozen settings. Every problem is reported at once; docs/settings.md is generated from here."""

from __future__ import annotations

import os
import re
import sys
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from core.model.ids import CompanyId

KEY_BYTES = 32


class SettingsError(ValueError):
    """The environment cannot be used; one line for each problem, each naming its setting. Values are never shown."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides. Company settings are not here: those are in the `companies` table."""

    storage: str = field(default="", repr=False)
    table_endpoint: str = ""
    queue_endpoint: str = ""
    storage_identity: str = ""
    master_key: bytes = field(default=b"", repr=False)
    earlier_keys: tuple[bytes, ...] = field(default=(), repr=False)
    app_client_id: str = ""
    app_secret: str = field(default="", repr=False)
    app_certificate: str = ""
    app_identity: str = ""
    login_url: str = ""
    graph_url: str = ""
    severa_url: str = ""
    ca_file: str = ""
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwks_url: str = ""
    jwt_algorithms: tuple[str, ...] = ("RS256",)
    front_end_origins: tuple[str, ...] = ()
    public_url: str = ""
    notifications_url: str = ""
    key_vault_url: str = ""
    key_vault_identity: str = ""
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    insights: str = field(default="", repr=False)
    telemetry: str = ""
    company_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def address(self) -> str:
        """Where Graph reaches this service; empty where it does not."""
        return self.notifications_url or self.public_url


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment: its meaning, its default, and how its text becomes a value."""

    name: str
    field: str
    meaning: str
    default: str = ""
    secret: bool = False
    parse: Callable[[str], object] = str


def _connection_string(text: str) -> str:
    names = {part.partition("=")[0] for part in text.split(";")}
    if not names & {"AccountName", "TableEndpoint", "UseDevelopmentStorage"}:
        raise ValueError("is not a connection string of a storage account")
    return text


def _key(text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise ValueError("is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"is {len(key)} bytes long, not {KEY_BYTES}")
    return key


def _keys(text: str) -> tuple[bytes, ...]:
    return tuple(_key(part) for part in text.split())


def _url(text: str) -> str:
    address = urlsplit(text)
    is_local = address.hostname in ("localhost", "127.0.0.1", "::1")
    if not address.hostname or (address.scheme != "https" and not (address.scheme == "http" and is_local)):
        raise ValueError("is not an https address")
    return text.rstrip("/")


def _vault_url(text: str) -> str:
    if urlsplit(text).scheme != "https":
        raise ValueError("is not an https address")
    return _url(text)


def _algorithms(text: str) -> tuple[str, ...]:
    names = tuple(text.split())
    if set(names) - {"RS256", "ES256"}:
        raise ValueError("names an algorithm other than RS256 and ES256")
    return names


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(_url(part) for part in text.split())
    for origin in origins:
        address = urlsplit(origin)
        if f"{address.scheme}://{address.netloc}" != origin or "@" in origin or origin != origin.lower():
            raise ValueError("holds something other than origins: scheme, host and port, in lower case")
    return origins


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part) for part in text.split())
    except ValueError:
        raise ValueError("holds something other than networks in CIDR notation, such as 10.20.0.0/16") from None


def _console(text: str) -> str:
    if text != "console":
        raise ValueError("is something other than console")
    return text


def _file(text: str) -> str:
    if not Path(text).is_file():
        raise ValueError("names a file that is not there")
    return text


_ENVIRONMENT = "AzureWebJobsStorage"
SETTINGS = (
    Setting(
        _ENVIRONMENT,
        "storage",
        "Connection string of the storage account; empty with a managed identity.",
        secret=True,
        parse=_connection_string,
    ),
    Setting(
        f"{_ENVIRONMENT}__tableServiceUri", "table_endpoint", "Table endpoint, with a managed identity.", parse=_url
    ),
    Setting(
        f"{_ENVIRONMENT}__queueServiceUri", "queue_endpoint", "Queue endpoint, with a managed identity.", parse=_url
    ),
    Setting(
        f"{_ENVIRONMENT}__clientId",
        "storage_identity",
        "Client id of the user-assigned identity that opens the storage.",
    ),
    Setting(
        "SYNC_MASTER_KEY",
        "master_key",
        "Base64 of 32 random bytes: digests, marks and encryption are derived from it. It must be kept.",
        secret=True,
        parse=_key,
    ),
    Setting(
        "SYNC_EARLIER_KEYS",
        "earlier_keys",
        "Master keys before the present one, newest first, separated by blanks.",
        secret=True,
        parse=_keys,
    ),
    Setting("SYNC_APP_CLIENT_ID", "app_client_id", "Client id of our application registration in Microsoft Entra."),
    Setting(
        "SYNC_APP_SECRET", "app_secret", "Its client secret; one of the three ways to prove who we are.", secret=True
    ),
    Setting(
        "SYNC_APP_CERTIFICATE_FILE", "app_certificate", "Or: a PEM file with certificate and private key.", parse=_file
    ),
    Setting("SYNC_APP_IDENTITY", "app_identity", "Or: client id of the managed identity that the registration trusts."),
    Setting(
        "SYNC_LOGIN_URL",
        "login_url",
        "Microsoft's login, of the cloud in use.",
        "https://login.microsoftonline.com",
        parse=_url,
    ),
    Setting(
        "SYNC_GRAPH_URL",
        "graph_url",
        "Microsoft Graph with its version.",
        "https://graph.microsoft.com/v1.0",
        parse=_url,
    ),
    Setting("SYNC_SEVERA_URL", "severa_url", "Severa's REST API.", "https://api.severa.visma.com/rest-api", parse=_url),
    Setting(
        "SYNC_CA_FILE",
        "ca_file",
        "A PEM file with the authority to trust instead of the public ones, for all the services that are called.",
        parse=_file,
    ),
    Setting("SYNC_JWT_ISSUER", "jwt_issuer", "`iss` of the front end's bearer tokens. Without it HTTP answers 503."),
    Setting("SYNC_JWT_AUDIENCE", "jwt_audience", "`aud` of those tokens: what the issuer calls this service."),
    Setting("SYNC_JWKS_URL", "jwks_url", "Where the issuer publishes its keys (JWKS).", parse=_url),
    Setting(
        "SYNC_JWT_ALGORITHMS",
        "jwt_algorithms",
        "How the tokens are signed: `RS256`, `ES256`, or both with a blank between.",
        "RS256",
        parse=_algorithms,
    ),
    Setting(
        "SYNC_FRONT_END_ORIGINS",
        "front_end_origins",
        "Origins of the web front end that browsers may call from, separated by blanks.",
        parse=_origins,
    ),
    Setting(
        "SYNC_PUBLIC_URL",
        "public_url",
        "Where browsers reach this service: `https://` and host. Its `/api/consent/callback` is registered in Entra.",
        parse=_url,
    ),
    Setting(
        "SYNC_NOTIFICATIONS_URL",
        "notifications_url",
        "Where Microsoft Graph reaches this service, if not at `SYNC_PUBLIC_URL`. Without either it polls.",
        parse=_url,
    ),
    Setting(
        "SYNC_KEY_VAULT_URL",
        "key_vault_url",
        "The Key Vault that keeps companies' secrets; without it, the table `secrets`, encrypted with the master key.",
        parse=_vault_url,
    ),
    Setting(
        "SYNC_KEY_VAULT_IDENTITY",
        "key_vault_identity",
        "Client id of the user-assigned identity that opens the vault; empty: the system-assigned one.",
    ),
    Setting(
        "SYNC_ALLOWED_NETWORKS",
        "allowed_networks",
        "Networks beside the public internet where companies' Exchange Servers may be: CIDR, separated by blanks.",
        parse=_networks,
    ),
    Setting(
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "insights",
        "Where traces and metrics go, beside the events in the log (docs/observability.md); empty: nowhere.",
    ),
    Setting(
        "SYNC_TELEMETRY",
        "telemetry",
        "`console`: traces and metrics are written to standard error, as on a developer's machine.",
        parse=_console,
    ),
)
COMPANY_SECRET = re.compile(r"^SYNC_SECRET__(?P<company>[0-9A-Fa-f_]{1,64})__(?P<name>[A-Z_]{1,64})$")
"""A company's secret in the environment: the guid with `_` for `-`, then the name; read where the store has none."""


def secret_name(company: CompanyId, name: str) -> str:
    """The variable that holds a company's secret."""
    return f"SYNC_SECRET__{company.replace('-', '_').upper()}__{name.upper()}"


def load(environment: Mapping[str, str]) -> Settings:
    """The settings. Raises SettingsError with every problem at once."""
    values: dict[str, object] = {}
    problems = []
    for setting in SETTINGS:
        text = environment.get(setting.name, "").strip() or setting.default
        if not text:
            continue
        try:
            values[setting.field] = setting.parse(text)
        except ValueError as error:
            problems.append(f"{setting.name} {error}.")
    values["company_secrets"] = {
        name.upper(): text for name, text in environment.items() if COMPANY_SECRET.match(name) and text
    }
    settings = Settings(**values)  # type: ignore[arg-type]
    problems += _missing(settings, {p.split(" ", 1)[0] for p in problems})
    if problems:
        raise SettingsError(problems)
    return settings


def from_process() -> Settings:
    """The settings of this process."""
    return load(os.environ)


def _missing(settings: Settings, wrong: set[str]) -> list[str]:
    problems = []
    if not settings.storage and _ENVIRONMENT not in wrong and not (settings.table_endpoint and settings.queue_endpoint):
        problems.append(
            f"{_ENVIRONMENT} is missing: give a connection string, or {_ENVIRONMENT}__tableServiceUri and "
            f"{_ENVIRONMENT}__queueServiceUri."
        )
    if not settings.master_key and "SYNC_MASTER_KEY" not in wrong:
        problems.append("SYNC_MASTER_KEY is missing: base64 of 32 random bytes.")
    if not settings.app_client_id:
        problems.append("SYNC_APP_CLIENT_ID is missing: the client id of the application registration.")
    ways = [bool(settings.app_secret), bool(settings.app_certificate), bool(settings.app_identity)]
    if sum(ways) != 1 and "SYNC_APP_CERTIFICATE_FILE" not in wrong:
        problems.append("Exactly one of SYNC_APP_SECRET, SYNC_APP_CERTIFICATE_FILE and SYNC_APP_IDENTITY is needed.")
    tokens = [bool(settings.jwt_issuer), bool(settings.jwt_audience), bool(settings.jwks_url)]
    if any(tokens) and not all(tokens) and "SYNC_JWKS_URL" not in wrong:
        problems.append("SYNC_JWT_ISSUER, SYNC_JWT_AUDIENCE and SYNC_JWKS_URL belong together: all or none.")
    return problems


def markdown() -> str:
    """docs/settings.md."""
    rows = [
        f"| `{s.name}` | {s.meaning} | {f'`{s.default}`' if s.default else ''} | {'yes' if s.secret else ''} |"
        for s in SETTINGS
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Generated from `core/settings.py` by `make docs`. What a company's administrator decides is not here:",
            "that is kept in the `companies` table and written through the settings use case.",
            "",
            "| variable | meaning | default | secret |",
            "|---|---|---|---|",
            *rows,
            "| `SYNC_SECRET__<company>__<name>` | A company's secret, if the store has none; guid with `_`. | | yes |",
            "",
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--markdown"]:
        sys.exit("usage: python -m core.settings --markdown")
    sys.stdout.write(markdown())
