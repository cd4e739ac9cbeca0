"""Which links may be followed (P61)."""

from __future__ import annotations

import pytest

from core.adapters.graph.links import belongs

BASE = "https://graph.microsoft.com/v1.0"


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com/v1.0/users/x/calendarView/delta?$skiptoken=a",
        "https://GRAPH.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:443/v1.0/users('x')/calendarView?$skip=10",
        "https://graph.microsoft.com/v1.0/users/a%2Fb/events",
    ],
)
def test_our_own(link: str) -> None:
    """Same scheme, host and port, below the base path."""
    assert belongs(BASE, link)


@pytest.mark.parametrize(
    "link",
    [
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:444/v1.0/users",
        "https://evil.example/v1.0/users",
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://evil.example@graph.microsoft.com/v1.0/users",
        "https://evil.example\\@graph.microsoft.com/v1.0/users",
        "//evil.example/v1.0/users",
        "/v1.0/users",
        "https://graph.microsoft.com/beta/users",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com/v1.0beta/users",
        "https://graph.microsoft.com/v1.0/../beta/users",
        "https://graph.microsoft.com/v1.0/%2e%2e/beta/users",
        "https://graph.microsoft.com/v1.0/..%2fbeta/users",
        "https://graph.microsoft.com/v1.0/..\\beta/users",
        "file:///etc/passwd",
        "https://[::1",
        "https://graph.microsoft.com:99999999/v1.0/users",
        "\x00",
        "",
    ],
)
def test_everything_else(link: str) -> None:
    """Other hosts however they are dressed up, other versions, ways out of the base path."""
    assert not belongs(BASE, link)


def test_a_base_with_a_port() -> None:
    """The local stage's address is compared with its port."""
    assert belongs("http://127.0.0.1:8080/v1.0", "http://127.0.0.1:8080/v1.0/users")
    assert not belongs("http://127.0.0.1:8080/v1.0", "http://127.0.0.1:8081/v1.0/users")
    assert not belongs("http://127.0.0.1:8080/v1.0", "http://127.0.0.1/v1.0/users")
