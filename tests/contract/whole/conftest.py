"""Every story of the whole way is told in Graph, and once on an Exchange Server.

Which release that is goes round (`ROUND`), and so does which of its parameters a story has there. `EWS_CONTRACT=all`
tells every story with all its parameters on every release. What is different is in differences.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.contract.whole.differences import GRAPH_ALONE, THEIR_OWN
from tests.simulators.ews import RELEASES
from tests.support.remote_stage import SERVICE

HERE = Path(__file__).parent
EVERYWHERE = os.environ.get("EWS_CONTRACT") == "all"
ROUND = ("2007_sp1", "2010", "2013", "2016")


@pytest.fixture(autouse=True)
def service(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the mailboxes are: the name of a release, empty for Graph."""
    SERVICE.release = getattr(request, "param", "")
    yield SERVICE.release
    SERVICE.release = ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In Graph, and on an Exchange Server."""
    module, name = metafunc.module.__name__.rpartition(".")[2], metafunc.function.__name__
    if {module, f"{module}::{name}"} & {*GRAPH_ALONE, *THEIR_OWN}:
        return
    releases = tuple(RELEASES) if EVERYWHERE else (ROUND[crc32(name.encode()) % len(ROUND)],)
    again = [pytest.param(release, marks=pytest.mark.untraced, id=release) for release in releases]
    metafunc.parametrize("service", [pytest.param("", id="graph"), *again], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a story with parameters, one of them is enough on an Exchange Server."""
    told: dict[str, list[pytest.Item]] = {}
    for item in items:
        if HERE in item.path.parents and _release(item):
            told.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left_out = set[pytest.Item]()
    for story, ways in told.items() if not EVERYWHERE else ():
        left_out |= {*ways} - {ways[crc32(story.encode()) % len(ways)]}
    items[:] = [item for item in items if item not in left_out]


def _release(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("service", "")) if callspec else ""
