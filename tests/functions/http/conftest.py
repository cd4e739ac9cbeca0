from collections.abc import AsyncIterator, Iterator

import pytest

from infra.local.issuer import Issuer
from tests.functions.http.desk import Desk, open_desk


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """An issuer of bearer tokens, for the whole session."""
    with Issuer() as running:
        yield running


@pytest.fixture
async def desk(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """The interface over a company in memory, whose switch is on."""
    async with open_desk(issuer, monkeypatch) as running:
        yield running
