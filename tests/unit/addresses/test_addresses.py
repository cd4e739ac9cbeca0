"""The guard against addresses that lead into networks of ours, and the transport that goes where was checked."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.adapters.addresses import AddressGuard, PinnedTransport, system_resolver
from core.adapters.memory.undetermined import InlineExecutor
from core.errors import RetryLater, Stop
from tests.simulators.common.server import serve
from tests.simulators.graph import make_authority

HOST = "mail.customer.example"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass
class Names:
    """A name server: each answer once, the last one for ever."""

    answers: list[Sequence[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def guard(*addresses: str, allowed: Sequence[str] = ()) -> AddressGuard:
    """A guard whose name server gives these."""
    return AddressGuard(Names([addresses]), InlineExecutor(), tuple(ip_network(text) for text in allowed))


@pytest.mark.parametrize("address", ["20.190.160.1", "93.184.215.14", "2603:1026::1", "2a01:111:f400::1"])
async def test_public_addresses(address: str) -> None:
    """They may be reached."""
    assert await guard(address).addresses(HOST, 443) == (ip_address(address),)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3",  # noqa: S104
        "10.0.0.4", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.0.1", "168.63.129.16", "192.0.0.192",
        "192.88.99.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::7f00:1", "::8.8.8.8",
        "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001:0:7f00:1::",
    ],
)  # fmt: skip
async def test_addresses_that_are_refused(address: str) -> None:
    """Loopback, private, link-local, metadata, multicast, unspecified, reserved, and what carries one inside."""
    with pytest.raises(Stop, match="address_not_allowed"):
        await guard(address).addresses(HOST, 443)


@pytest.mark.parametrize("bad", ["10.0.0.4", "::1", "169.254.169.254"])
async def test_a_list_with_one_bad_entry(bad: str) -> None:
    """The whole name is refused, wherever the entry stands: which one would be used is nobody's promise."""
    for addresses in (("20.190.160.1", bad), (bad, "20.190.160.1"), ("20.190.160.1", bad, "20.190.160.2")):
        with pytest.raises(Stop, match="address_not_allowed"):
            await guard(*addresses).addresses(HOST, 443)


async def test_networks_that_the_operator_allows() -> None:
    """A virtual network to on-premises servers opens what it names and nothing beside it."""
    allowed = ("10.20.0.0/16", "fd12:3456::/32")
    assert len(await guard("10.20.0.4", "fd12:3456::4", "20.190.160.1", allowed=allowed).addresses(HOST, 443)) == 3
    for address in ("10.21.0.4", "127.0.0.1", "fd12:3457::1", "::ffff:10.20.0.4", "64:ff9b::a14:4"):
        with pytest.raises(Stop, match="address_not_allowed"):
            await guard(address, allowed=allowed).addresses(HOST, 443)


@pytest.mark.parametrize("address", ["169.254.169.254", "168.63.129.16", "fd00:ec2::254"])
async def test_metadata_is_never_allowed(address: str) -> None:
    """Whatever network an operator names."""
    with pytest.raises(Stop, match="address_not_allowed"):
        await guard(address, allowed=("0.0.0.0/0", "::/0")).addresses(HOST, 443)


@pytest.mark.parametrize("answer", [(), ("not an address",), tuple(f"20.0.0.{n}" for n in range(1, 40))])
async def test_names_that_lead_nowhere(answer: tuple[str, ...]) -> None:
    """Nothing, nonsense, or more than any server has: it is not known now."""
    with pytest.raises(RetryLater, match="address_unknown"):
        await guard(*answer).addresses(HOST, 443)


async def test_a_name_server_that_fails() -> None:
    """It may answer later."""

    def fails(host: str, port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(RetryLater, match="address_unknown"):
        await AddressGuard(fails, InlineExecutor()).addresses(HOST, 443)


@pytest.mark.parametrize("spelling", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost"])
async def test_spellings_of_loopback(spelling: str) -> None:
    """The operating system understands many; what it makes of them is what counts."""
    with pytest.raises(Stop, match="address_not_allowed"):
        await AddressGuard(system_resolver, InlineExecutor()).addresses(spelling, 443)


# --- the transport ----------------------------------------------------------------------------------------------------
@dataclass
class Server:
    """An https server whose certificate is for HOST."""

    port: int
    trust: ssl.SSLContext
    seen: list[str]

    def client(self, names: Names, host: str = HOST, **options: object) -> httpx.AsyncClient:
        transport = PinnedTransport(host, AddressGuard(names, InlineExecutor(), LOOPBACK), self.trust)
        return httpx.AsyncClient(transport=transport, trust_env=False, **options)

    def url(self, host: str = HOST, path: str = "/") -> str:
        return f"https://{host}:{self.port}{path}"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """The server, on 127.0.0.1 only."""
    seen: list[str] = []

    async def answer(request: Request) -> Response:
        seen.append(request.headers["host"])
        return PlainTextResponse((await request.body()).decode() or "here")

    async def elsewhere(request: Request) -> Response:
        return RedirectResponse(request.query_params["to"])

    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"]), Route("/go", elsewhere)])
    authority = make_authority(tmp_path, HOST)
    trust = ssl.create_default_context(cafile=str(authority.ca_file))
    async with serve(app, cert=authority.cert, key=authority.key) as url:
        yield Server(urlsplit(url).port or 0, trust, seen)


async def test_it_goes_to_the_address_that_was_checked(server: Server) -> None:
    """The name is asked for once per request and stands in Host and certificate; no name server knows it here."""
    names = Names([["127.0.0.1"]])
    async with server.client(names) as client:
        assert (await client.post(server.url(), content="envelope")).text == "envelope"
    assert names.asked == [(HOST, server.port)]
    assert server.seen == [f"{HOST}:{server.port}"]


async def test_a_name_that_changes_its_address(server: Server) -> None:
    """DNS rebinding: a good address for the check, a bad one a moment later. The bad one is never connected to."""
    names = Names([["127.0.0.1"], ["169.254.169.254"]])
    async with server.client(names) as client:
        assert (await client.get(server.url())).text == "here"
        with pytest.raises(Stop, match="address_not_allowed"):
            await client.get(server.url())
    assert len(server.seen) == 1


async def test_redirects(server: Server) -> None:
    """They are not followed; a client that would follow gets no further than the same host."""
    names = Names([["127.0.0.1"]])
    target = "https://169.254.169.254/metadata"
    async with server.client(names) as client:
        assert (await client.get(server.url(path="/go"), params={"to": target})).status_code == 307
    async with server.client(names, follow_redirects=True) as client:
        for to in (target, server.url("localhost"), "https://other.example/"):
            with pytest.raises(Stop, match="address_not_allowed"):
                await client.get(server.url(path="/go"), params={"to": to})
        with pytest.raises(Stop, match="address_not_https"):
            await client.get(server.url(path="/go"), params={"to": server.url().replace("https", "http")})
    assert server.seen == []


async def test_another_servers_certificate(server: Server) -> None:
    """The name is checked, not the address: whoever sits at the address must prove to be the host."""
    async with server.client(Names([["127.0.0.1"]]), host="other.example") as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(server.url("other.example"))
    assert server.seen == []


async def test_an_address_that_does_not_answer(server: Server) -> None:
    """The next one that was checked is tried; where none answers, that is said."""
    async with server.client(Names([["::1", "127.0.0.1"]])) as client:
        assert (await client.post(server.url(), content="body")).text == "body"
    async with server.client(Names([["::1"]])) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url())
