"""Where an outbound request may go: resolve once, judge the addresses, connect to one of them.

Connecting to the judged address itself, not to the name again, keeps a name that changes between
the look-up and the connection from leading into the private network.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import SplitResult, urlsplit

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host name and port to IP addresses."""

_EMBEDDING = tuple(
    ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)
"""IPv6 ranges that carry an IPv4 address inside; no receiver needs them."""


class Forbidden(Exception):
    """The address must not be called; the message says why, without the address."""


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver.

    Raises:
        OSError: the name is unknown.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def choose_address(url: str, *, allow_private: bool, look_up: Resolve = resolve) -> str:
    """The IP address to connect to.

    Raises:
        Forbidden: not http(s), credentials in the URL, or an address that is not public.
        OSError: the name is unknown.
    """
    parts = _parts(url)
    addresses = await look_up(parts.hostname or "", parts.port or _default_port(parts))
    if not addresses:
        raise OSError("the name has no address")
    if not allow_private and not all(map(is_public, addresses)):
        raise Forbidden("the receiver's address is not public")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is reachable for everybody and stands for one host."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _EMBEDDING):
            return False
    return ip.is_global and not ip.is_multicast


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Forbidden("the receiver's URL is not valid") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Forbidden("the receiver's URL must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("the receiver's URL must not hold credentials")
    return parts


def _default_port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80
