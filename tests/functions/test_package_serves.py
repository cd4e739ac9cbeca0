"""The package as Azure would get it: built here for the running Python, and served from the zip alone."""

import asyncio
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from infra.local.stage import open_stage
from infra.package import libraries
from infra.package.build import Built, build
from infra.package.trace import SITE
from tests.functions.package_stage import lay_host, served, target, unpack

pytestmark = pytest.mark.timeout(300)
SYNC_SECONDS = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package, from the libraries of this environment: no network."""
    return build(target(), tmp_path_factory.mktemp("package") / "app.zip", libraries.copy_installed)


@pytest.fixture(scope="module")
def package(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, unpacked."""
    return unpack(built.archive, tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local host, in a folder of its own."""
    return lay_host(tmp_path_factory.mktemp("host"))


def test_it_is_small(built: Built) -> None:
    """Less than a quarter of the files that are installed, and less than 40 MB to load at a cold start."""
    assert built.pruned.files * 4 < built.whole.files
    assert built.archive.stat().st_size < 40_000_000


def test_there_is_bytecode_that_needs_no_writing(built: Built) -> None:
    """Azure mounts the package read-only; every module has its bytecode, trusted whatever the file's time."""
    with zipfile.ZipFile(built.archive) as made:
        names = set(made.namelist())
        cached = next(name for name in names if name.startswith("functions/__pycache__/health."))
        flags = int.from_bytes(made.read(cached)[4:8], "little")
    assert flags == 0b01  # hash-based, not checked (PEP 552)
    modules = {name for name in names if name.endswith(".py") and name.startswith(("core/", "functions/"))}
    assert len(modules) == sum(name.endswith(".pyc") and not name.startswith(SITE) for name in names) - 1


def test_it_answers_from_the_zip_alone(package: Path, host: Path, azurite: str) -> None:
    """Health and contract, by a process that can import neither the repository nor the environment."""
    settings = {
        "AzureWebJobsStorage": azurite,
        "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "SYNC_APP_CLIENT_ID": "5594aa6b-342f-4d0a-ba5e-4842fab428f7",
        "SYNC_APP_SECRET": "made-up",
    }
    with served(package, host, settings) as url:
        health = httpx.get(f"{url}/health", timeout=30)
        contract = httpx.get(f"{url}/openapi.json", timeout=30)
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert (contract.status_code, "/me/sync" in str(contract.json()["paths"].keys())) == (200, True)


async def test_it_synchronizes_from_the_zip_alone(package: Path, host: Path) -> None:
    """A first sync, both ways: every library on that way, Graph's builders above all, is in the package."""
    async with open_stage() as stage:
        await stage.host.stop()  # the package serves the queues now
        people, outlook, anna = stage.cast.severa.people, stage.cast.outlook, stage.cast.anna
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        people.add_activity(anna.user, "Born in Severa", start, start + timedelta(hours=1))
        outlook.add_event(anna.mailbox, "Born in Microsoft", start, start + timedelta(hours=2), {})

        def settled() -> bool:
            both = {"Born in Severa", "Born in Microsoft"}
            activities = {one.name for one in people.activities_of(anna.user)}
            events = {one.subject for one in outlook.events_of(anna.mailbox)}
            return activities == events == both

        token = stage.issuer.token(stage.pair.company, stage.pair.user, admin=True)
        settings = {**stage.environment, "NO_PROXY": os.environ["NO_PROXY"]}
        with served(package, host, settings) as url:
            async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
                assert (await http.put(f"{url}/settings/enabled", json={"enabled": True})).status_code == 200
                assert (await http.put(f"{url}/me/sync", json={"on": True})).status_code == 200
            for _ in range(SYNC_SECONDS * 5):
                if settled():
                    break
                await asyncio.sleep(0.2)
        assert settled()
