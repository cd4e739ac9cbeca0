"""The fixture `azurite`: one in-memory Azurite for the whole test session.

Loaded through `pytest_plugins` in `tests/conftest.py`, or by `-p tests.conftest_azurite`.
"""

from collections.abc import Iterator

import pytest

from infra.local.azurite import Azurite, AzuriteMissingError


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """Yield the connection string of an Azurite; skip when Node.js or Azurite is not installed, and only then."""
    server = Azurite()
    try:
        server.start()
    except AzuriteMissingError as reason:
        pytest.skip(str(reason))
    yield server.connection_string
    server.stop()
