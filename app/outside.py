"""The net outside, never a host inside. Names are resolved once, by us, and the connection goes to an
address that was looked at: a name server that answers differently the second time (DNS rebinding)
is never asked a second time."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import anyio
import httpcore

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses here carry one of the older kind in their last 32 bits."""
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class InsideAddress(Exception):  # noqa: N818  an answer, not an accident
    """The name leads to a host that is not on the public net."""


def is_public(address: str) -> bool:
    """Whether it is on the public net, also when it is written as the newer kind of address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def is_named_inside(host: str) -> bool:
    """Whether the name or address alone says so; a name that does not is looked at when resolved."""
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


async def resolve(host: str, port: int) -> Sequence[str]:
    """Raises `OSError`."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that it has looked at itself."""

    def __init__(
        self,
        inside: frozenset[str],
        resolve: Resolve = resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """Hosts in `inside` may be anywhere: the operator named them."""
        self._inside = inside
        self._resolve = resolve
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `InsideAddress`, `httpcore.ConnectError`, `httpcore.ConnectTimeout`."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        if host.lower() not in self._inside and not all(map(is_public, addresses)):
            raise InsideAddress
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise InsideAddress

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)
