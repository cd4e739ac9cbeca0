"""Addresses that an administrator typed are not followed into networks of ours (design.md section 9, SSRF).

A name is resolved, every address that comes back must be one that may be reached, and the connection is made to such
an address, not to the name: what the name server says a moment later is not asked any more.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from core.errors import RetryLater, Stop
from core.ports import Executor

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""All addresses of a host for a port, as text. Blocks; raises OSError where there is none."""

METADATA = frozenset(ipaddress.ip_address(text) for text in ("169.254.169.254", "168.63.129.16", "fd00:ec2::254"))
"""Where clouds answer machines about themselves (facts/microsoft.md G7): no setting opens these."""
_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
        "::/96",  # IPv4-compatible (RFC 4291), loopback and unspecified among them
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64 of one's own (RFC 8215)
        "2002::/16",  # 6to4 (RFC 3056)
        "2001::/32",  # Teredo (RFC 4380)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "192.0.0.0/24",  # protocol assignments (RFC 6890), of which Python takes a part for public
    )
)
"""Forms that carry another address inside, which a router on the way may unwrap; and what else is no server's."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out to the public (RFC 4291 section 2.4, IANA)."""
_MOST = 16
"""Addresses of one host that are looked at; no Exchange Server has more."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's answer."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Which addresses may be reached: the public internet, and the operator's `allowed` networks."""

    resolver: Resolver
    executor: Executor
    allowed: tuple[Network, ...] = ()

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Every address of the host, each of which may be reached.

        Raises Stop("address_not_allowed") where one may not, whatever the others are; RetryLater("address_unknown").
        """
        try:
            found = await self.executor.run(self.resolver, host, port)
        except (OSError, UnicodeError) as error:
            raise RetryLater("address_unknown", type(error).__name__) from error
        addresses = tuple(dict.fromkeys(_parsed(text) for text in found))
        if not addresses or len(addresses) > _MOST:
            raise RetryLater("address_unknown", f"{len(addresses)} addresses")
        if not all(self.may_reach(address) for address in addresses):
            raise Stop("address_not_allowed", whole_company=True)
        return addresses

    def may_reach(self, address: Address) -> bool:
        """Whether it is public, or in a network that the operator allows."""
        if address in METADATA:
            return False
        if any(address in network for network in self.allowed if network.version == address.version):
            return True
        if any(address in network for network in _TUNNELS if network.version == address.version):
            return False
        is_unicast = address in _UNICAST if address.version == _UNICAST.version else not address.is_multicast
        return address.is_global and is_unicast and not address.is_reserved


def system_guard(executor: Executor, allowed: tuple[Network, ...]) -> AddressGuard:
    """The guard as production has it."""
    return AddressGuard(system_resolver, executor, allowed)


class PinnedTransport(httpx.AsyncBaseTransport):
    """Reaches one host, over https only, at addresses that were checked for that very request.

    Certificates are checked against the host's name. Redirects lead to another request, which is refused here where
    it is for another host; the client must not follow them at all (`follow_redirects=False`, `trust_env=False`).
    """

    def __init__(self, host: str, guard: AddressGuard, verify: ssl.SSLContext | None = None) -> None:
        self._host, self._guard = host.lower(), guard
        self._inner = httpx.AsyncHTTPTransport(verify=verify or ssl.create_default_context(), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. Raises what AddressGuard.addresses raises, Stop("address_not_https"), and httpx.HTTPError."""
        if request.url.scheme != "https":
            raise Stop("address_not_https", whole_company=True)
        if request.url.host.lower() != self._host:
            raise Stop("address_not_allowed", whole_company=True)
        addresses = await self._guard.addresses(request.url.raw_host.decode("ascii"), request.url.port or 443)
        for address in addresses[:-1]:
            try:
                return await self._send(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent: the next address serves as well
        return await self._send(request, addresses[-1])

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()

    async def _send(self, request: httpx.Request, address: Address) -> httpx.Response:
        """To the address; the name stays in `Host`, in SNI and in the check of the certificate."""
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
        )
        return await self._inner.handle_async_request(pinned)


def _parsed(text: str) -> Address:
    """An address with a zone (`fe80::1%eth0`) is local by nature: it loses the zone, and is refused as local."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError as error:
        raise RetryLater("address_unknown", "not an address") from error
