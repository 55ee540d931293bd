"""Whom the client asks at all: the origins that the register names for a CPO, and addresses that lie where all may look.

Here: the one gate that every request passes (versions, details, endpoints, pages, next links, redirects), for its URL and for
what the host's name stands for. What a server names is only a proposal: else a CPO could have the portal ask whatever stands
within its own network, with the token. Not here: the request (transport.py).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator

from linda_pipeline.ocpi.address import Origin, origin, written
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import NotEncrypted, NotOcpi, OriginNotNamed, PrivateAddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_OF_IPV4 = [ipaddress.IPv6Network(network) for network in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")]
"""IPv6 addresses whose last 32 bits are an IPv4 address: compatible, mapped, translated, and NAT64."""


class Gate:
    """Says of every URL whether it may be asked, and of every host under which addresses."""

    def __init__(self, trust: Trust, versions_url: str) -> None:
        self._trust = trust
        self._home = origin(versions_url)
        named = [self._home, *map(origin, trust.origins)]
        self._named = {address for address in named if address is not None}
        literals = (literal_of(host) for _, host, _ in self._named)
        self._literals = {literal for literal in literals if literal is not None}

    def names(self, url: str) -> bool:
        """Whether the register names the origin of a URL."""
        return origin(url) in self._named

    def check(self, url: str, led_by: str, asked: str | None = None) -> None:
        """Whether a URL may be asked. `led_by` says how we came to it, such as "https://… redirects to"; `asked` is the URL
        whose answer named it.

        Raises OriginNotNamed, NotEncrypted, and NotOcpi where it is no http(s) address.
        """
        to = origin(url)
        if to is None:
            raise NotOcpi(f"{led_by} {url}, which is no http(s) address.", "Ask the CPO for the right address.")
        before = origin(asked) if asked is not None else self._home
        if to[0] == "http" and "https" in {address[0] for address in (before, self._home) if address is not None}:
            raise NotEncrypted(
                f"{led_by} {written(to)}, which is http, and leads away from https: it was not asked.",
                "Ask the CPO to name https addresses everywhere.",
            )
        if to not in self._named:
            raise OriginNotNamed(
                f"{led_by} {written(to)}, which the register does not name for this CPO: it was not asked.",
                f"Only where the CPO confirms that this server is its own, put this line into {self._trust.block} of the "
                f"register: {self._line(to)}",
                written(to),
            )
        if to[0] == "http" and not self._trust.allow_http and not is_this_machine(to[1]):
            raise NotEncrypted(
                f"{url} is http: the token and the data of drivers would go over the line for all to read.",
                "Ask the CPO for an https address; or, where the line is closed in another way, set allow_http = true "
                f"in {self._trust.block} of the register.",
            )

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses under which a host may be asked, as its name is resolved now; what is asked is one of these.

        Raises PrivateAddress where any of them lies within a network and the register does not say so, OSError where the
        name stands for nothing, and UnicodeError where it is no name.
        """
        addresses = list(
            dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        )
        for address in addresses:
            if not self._may_be_asked(host, ipaddress.ip_address(address)):
                raise PrivateAddress(
                    f"{host} stands for {address}, an address within a network and not on the internet: it was not asked.",
                    "Ask the CPO for an address that is right for all; where this one is, put this line into "
                    f"{self._trust.block} of the register: private_network = true",
                    address,
                )
        return addresses

    def _may_be_asked(self, host: str, address: Address) -> bool:
        if host == "localhost" and not address.is_loopback:
            return False  # http is let through to this name, so that it must be what it says
        literal = literal_of(host)
        if literal is None:
            return self._trust.private_network or host == "localhost" or is_public(address)
        return self._trust.private_network or literal in self._literals or is_public(address)

    def _line(self, further: Origin) -> str:
        shown = ", ".join(f'"{name}"' for name in (*self._trust.origins, written(further)))
        return f"origins = [{shown}]"


def literal_of(host: str) -> Address | None:
    """The address that a host is, where it is written as one and not as a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself."""
    literal = literal_of(host)
    return host == "localhost" if literal is None else literal.is_loopback


def is_public(address: Address) -> bool:
    """Whether an address lies on the internet: not within a network, on this machine or link, nor hiding such a one."""
    if isinstance(address, ipaddress.IPv6Address):
        return all(map(is_public, _within(address))) and (
            any(address in network for network in _OF_IPV4)
            or (address in _PUBLIC_IPV6 and address.is_global and address.scope_id is None)
        )
    return address.is_global and not address.is_multicast and not address.is_reserved


def _within(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if any(address in network for network in _OF_IPV4):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
