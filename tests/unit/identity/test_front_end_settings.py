"""The settings of the HTTP interface, and what the wiring makes of them."""

from __future__ import annotations

import pytest

from core.settings import Settings, SettingsError, load
from core.wiring import build

BASE = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "SYNC_APP_CLIENT_ID": "66666666-6666-4666-8666-666666666666",
    "SYNC_APP_SECRET": "made-up",
}
ISSUER = {
    "SYNC_JWT_ISSUER": "https://severa.example",
    "SYNC_JWT_AUDIENCE": "severa-calendar-sync",
    "SYNC_JWKS_URL": "https://severa.example/jwks.json",
}


def _problems(**settings: str) -> list[str]:
    with pytest.raises(SettingsError) as found:
        load(BASE | settings)
    return found.value.problems


def test_no_issuer() -> None:
    """The queues run without one; over HTTP nobody comes in."""
    settings = load(BASE)
    assert settings.jwt_algorithms == ("RS256",)
    assert build(settings).entrance.callers is None


def test_an_issuer() -> None:
    """All three settings: there are callers, and the front end's origins are known."""
    settings = load(BASE | ISSUER | {"SYNC_FRONT_END_ORIGINS": "https://a.example http://localhost:3000"})
    entrance = build(settings).entrance
    assert entrance.callers is not None
    assert entrance.origins == ("https://a.example", "http://localhost:3000")


@pytest.mark.parametrize("text", ["garbage", "a=b", "DefaultEndpointsProtocol=https"])
def test_storage_that_is_none(text: str) -> None:
    """It is refused at start, in one sentence that does not say it."""
    assert _problems(AzureWebJobsStorage=text) == [
        "AzureWebJobsStorage is not a connection string of a storage account."
    ]


@pytest.mark.parametrize("missing", sorted(ISSUER))
def test_half_an_issuer(missing: str) -> None:
    """It is none: a token could be accepted that nobody meant for us."""
    assert "belong together" in _problems(**{name: value for name, value in ISSUER.items() if name != missing})[0]


@pytest.mark.parametrize("algorithms", ["HS256", "none", "RS256 HS256", "RS512", "rs256"])
def test_an_algorithm_that_is_not_pinned(algorithms: str) -> None:
    """Only asymmetric ones, by their exact names."""
    assert _problems(**ISSUER, SYNC_JWT_ALGORITHMS=algorithms) == [
        "SYNC_JWT_ALGORITHMS names an algorithm other than RS256 and ES256."
    ]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "http://a.example",
        "https://a.example/path",
        "https://user@a.example",
        "https://A.example",
        "a.example",
    ],
)
def test_an_origin_that_is_none(origin: str) -> None:
    """A wildcard, a path, a name without scheme: the start says so, rather than the browser."""
    assert _problems(**ISSUER, SYNC_FRONT_END_ORIGINS=origin)[0].startswith("SYNC_FRONT_END_ORIGINS")


def test_keys_without_encryption() -> None:
    """Keys that came over plain http could be anybody's."""
    assert _problems(**ISSUER | {"SYNC_JWKS_URL": "http://severa.example/jwks"})[0].startswith("SYNC_JWKS_URL")
    assert isinstance(load(BASE | ISSUER | {"SYNC_JWKS_URL": "http://127.0.0.1:1/jwks"}), Settings)


def test_networks_that_are_allowed() -> None:
    """In CIDR notation, of either version; none unless they are named."""
    assert load(BASE).allowed_networks == ()
    found = load(BASE | {"SYNC_ALLOWED_NETWORKS": "10.20.0.0/16 fd12:3456::/32"}).allowed_networks
    assert [str(network) for network in found] == ["10.20.0.0/16", "fd12:3456::/32"]
    for wrong in ("10.20.0.1/16", "10.20.0.0/40", "intranet", "10.20.0.0/16,10.30.0.0/16"):
        assert "CIDR" in _problems(SYNC_ALLOWED_NETWORKS=wrong)[0]
