"""What holds for every test: Hypothesis profiles, the shared folder, and the count of what was skipped without it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings

from tests.support.shared import NEEDS_SHARED, need_shared

pytest_plugins = ["tests.conftest_azurite"]

# `dev` looks for something new each time. `ci` looks longer and is repeatable, so that a red run is the change's own
# doing; `deterministic` is the quick repeatable one. No deadlines: machines differ, and pytest-timeout guards.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("deterministic", max_examples=50, deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


_getaddrinfo = socket.getaddrinfo


@pytest.fixture(scope="session", autouse=True)
def _no_names_of_elsewhere() -> Iterator[None]:
    """pytest-socket lets names be looked up, which asks a name server. Here only this machine has one."""
    with patch.object(socket, "getaddrinfo", _getaddrinfo_here):
        yield


def _getaddrinfo_here(
    host: Any,
    port: Any,
    family: int = 0,
    type: int = 0,  # noqa: A002 - as in socket
    proto: int = 0,
    flags: int = 0,
) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return _getaddrinfo(host, port, family, type, proto, flags)
    try:
        return _getaddrinfo(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
    except socket.gaierror as error:
        raise socket.gaierror(error.errno, "tests look up no name of elsewhere") from error


@pytest.fixture
def shared() -> Path:
    """`../shared`; the test is skipped where it is absent."""
    return need_shared()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped for want of `../shared`."""
    skipped = terminalreporter.stats.get("skipped", [])
    missed = sum(isinstance(report.longrepr, tuple) and NEEDS_SHARED in report.longrepr[2] for report in skipped)
    terminalreporter.write_line(f"Skipped for want of ../shared: {missed}")
