"""Tests reach this machine only."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


@pytest.mark.filterwarnings("ignore:A test tried to use:UserWarning")
def test_an_address_elsewhere_is_refused() -> None:
    """192.0.2.1 is nobody's (RFC 5737): the guard answers, not the network."""
    with socket.socket() as probe, pytest.raises(SocketConnectBlockedError):
        probe.connect(("192.0.2.1", 443))


def test_loopback_is_open() -> None:
    """The simulators and Azurite listen there."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_a_name_of_elsewhere_is_not_looked_up() -> None:
    """No name server is asked; numbers in every spelling, and this machine, are known without one."""
    with pytest.raises(socket.gaierror, match="no name of elsewhere"):
        socket.getaddrinfo("acme.vault.azure.net", 443)
    for known in ("localhost", "127.0.0.1", "127.1", "::1", None):
        assert socket.getaddrinfo(known, 443)
