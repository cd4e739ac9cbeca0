"""The shared parts of the simulators, over a real socket and in-process."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.common.counters import DROPPED, RequestLog
from tests.simulators.common.faults import Action, Fault, FaultScript
from tests.simulators.common.inprocess import transport
from tests.simulators.common.middleware import STALE_READ, FaultMiddleware
from tests.simulators.common.server import ThreadedServer, serve


class Toy:
    """A service that counts its writes."""

    def __init__(self) -> None:
        self.writes = 0
        self.slept: list[float] = []
        self.faults = FaultScript()
        self.requests = RequestLog()
        self.app = FaultMiddleware(
            Starlette(routes=[Route("/things/{id}", self._thing, methods=["GET", "POST"])]),
            faults=self.faults,
            requests=self.requests,
            error_response=lambda status: JSONResponse({"code": status}, status),
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def _thing(self, request: Request) -> Response:
        before = self.writes
        if request.method == "POST":
            self.writes += 1
        return JSONResponse({"writes": before if request.scope[STALE_READ] else self.writes, "filler": "x" * 200})


@pytest.fixture
def toy() -> Toy:
    """A fresh service."""
    return Toy()


@pytest.fixture(params=["socket", "inprocess"])
async def client(request: pytest.FixtureRequest, toy: Toy) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, once over a socket and once without."""
    if request.param == "inprocess":
        async with httpx.AsyncClient(transport=transport(toy.app), base_url="http://toy") as inprocess:
            yield inprocess
        return
    async with serve(toy.app) as url, httpx.AsyncClient(base_url=url) as over_socket:
        yield over_socket


async def test_a_request_without_a_fault(client: httpx.AsyncClient, toy: Toy) -> None:
    """It is served and noted with its template, status and URL."""
    answer = await client.post("/things/7?a=b", json={})
    assert answer.json()["writes"] == 1
    assert toy.requests.entries == [("POST", "/things/{id}", 200, "/things/7?a=b")]
    assert toy.requests.count("post", "a=b") == 1
    assert toy.requests.count("GET") == 0


async def test_a_scripted_status(client: httpx.AsyncClient, toy: Toy) -> None:
    """It comes before any effect, once, with Retry-After and the service's own error body."""
    toy.faults.add(Fault("status", "POST", r"^/things/", status=429, retry_after=3))
    refused = await client.post("/things/7")
    assert (refused.status_code, refused.headers["retry-after"], refused.json()) == (429, "3", {"code": 429})
    assert toy.writes == 0
    assert (await client.post("/things/7")).status_code == 200


async def test_a_scripted_status_with_a_text(client: httpx.AsyncClient, toy: Toy) -> None:
    """A text body goes out as plain text."""
    toy.faults.add(Fault(Action.STATUS, status=502, body="bad gateway"))
    answer = await client.get("/things/7")
    assert answer.text == "bad gateway"
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_dropped_answer(client: httpx.AsyncClient, toy: Toy) -> None:
    """The write happened, the caller sees a broken connection, and the next request is served."""
    toy.faults.add(Fault("drop_after_commit"))
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await client.post("/things/7")
    assert toy.writes == 1
    assert toy.requests.count(status=DROPPED) == 1
    assert (await client.get("/things/7")).json()["writes"] == 1


async def test_a_truncated_answer(client: httpx.AsyncClient, toy: Toy) -> None:
    """The write happened; the body is either refused by the HTTP client or is no JSON."""
    toy.faults.add(Fault("truncate"))
    with pytest.raises((httpx.RemoteProtocolError, json.JSONDecodeError)):
        (await client.post("/things/7")).json()
    assert toy.writes == 1


async def test_a_delay_and_a_stale_read(client: httpx.AsyncClient, toy: Toy) -> None:
    """A delay sleeps by the injected sleep; a stale read reaches the application as a mark in the scope."""
    await client.post("/things/7")
    toy.faults.add(Fault("delay", seconds=30))
    assert (await client.get("/things/7")).status_code == 200
    assert toy.slept == [30]


async def test_the_third_call_fails(client: httpx.AsyncClient, toy: Toy) -> None:
    """`after` counts the matching calls only."""
    toy.faults.add(Fault("status", "GET", after=2, times=2))
    await client.post("/things/7")
    assert [(await client.get("/things/7")).status_code for _ in range(5)] == [200, 200, 503, 503, 200]
    assert toy.faults.fired() == 2


def test_a_mistyped_fault() -> None:
    """It fails where it is written."""
    with pytest.raises(ValueError, match="explode"):
        Fault("explode")


def test_a_fault_without_end() -> None:
    """It applies until the script is cleared."""
    script = FaultScript()
    fault = script.add(Fault("status", times=None))
    assert [script.match("GET", "/") for _ in range(3)] == [fault] * 3
    script.clear()
    assert script.match("GET", "/") is None


async def test_a_server_in_a_thread(toy: Toy) -> None:
    """A caller that blocks the loop is served, over https too; stopping ends the thread."""
    server = ThreadedServer(toy.app)
    assert httpx.get(server.start() + "/things/7").status_code == 200  # noqa: ASYNC210 - blocking is the point
    server.stop()
    server.stop()


async def test_https(toy: Toy, tmp_path: Path) -> None:
    """With a certificate the server speaks https."""
    cert, key = _certificate(tmp_path)
    with ThreadedServer(toy.app, cert=cert, key=key) as url:
        assert url.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(cert))
        assert httpx.get(url + "/things/7", verify=trusting).status_code == 200  # noqa: ASYNC210 - blocking is the point


async def test_a_port_in_use(toy: Toy) -> None:
    """Serving on a taken port says so at once."""
    async with serve(toy.app) as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(toy.app, port=int(url.rsplit(":", 1)[1])):
                await asyncio.sleep(0)


def _certificate(folder: Path) -> tuple[Path, Path]:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert, key
