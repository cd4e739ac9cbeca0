"""What holds for every test: Hypothesis profiles, what coverage is measured on, and the shared folder.

The terminal says how much was skipped for want of that folder.
"""

import os
import socket
from collections.abc import Generator, Iterator
from functools import cache
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

ROOT = Path(__file__).parents[1]
UNTRACED = (
    "tests/architecture/*",  # documents, Bicep, scripts
    "tests/contract/test_*_schema.py",  # our simulators, and so are the next two
    "tests/unit/ews_simulator/*",
    "tests/unit/simulators/*",
    "tests/contract/whole/test_*crash*.py",  # the same scripts over and over, with a death at another point
    "tests/usecases/test_crash.py",
    "tests/properties/*",  # chance; so are the seeds of the simulation
    "tests/simulation/*",
    "tests/soak/*",
    "tests/functions/test_demo*.py",  # long stories, told again in other processes
    "tests/functions/test_package*.py",
    "tests/functions/test_run.py",
    "tests/usecases/test_lanes.py",  # ten thousand entries, weeks of budget
    "tests/usecases/test_severa_budget.py",
)
"""Coverage is not measured while these run: they say again at length what other tests say once, and tracing makes
Python 3.11 more than twice as slow, in libraries too. What is measured can only come out too low by that. The stories
of tests/contract/whole are traced in Graph alone (its conftest.py)."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Trace this test and its fixtures, or do not."""
    cover: Any = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if cover is None or not (item.get_closest_marker("untraced") or _is_one_of(item.path, UNTRACED)):
        return (yield)
    cover.pause()
    try:
        return (yield)
    finally:
        cover.resume()


LONGEST = (
    "tests/functions/test_demo.py",
    "tests/contract/whole/test_crashes_in_azurite.py",
    "tests/functions/test_package_serves.py",
    "tests/simulation/test_simulation.py",
    "tests/contract/whole/test_meetings_crash.py",
    "tests/contract/whole/test_crashes.py",
    "tests/usecases/test_crash.py",
    "tests/simulation/test_exchange_and_notices.py",
    "tests/functions/test_canaries.py",
    "tests/functions/test_local_host_*.py",
    "tests/soak/*",
)
"""Files that come first: `make test` gives whole files to two workers, and a minute's work must not be the last of all.
(`--no-loadscope-reorder`, because pytest-xdist would begin with the files of many tests, which are the quick ones.)"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; else the order of their names."""
    items.sort(key=lambda item: not _is_one_of(item.path, LONGEST))


@cache
def _is_one_of(path: Path, files: tuple[str, ...]) -> bool:
    return any(path.relative_to(ROOT).match(one) for one in files)


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
