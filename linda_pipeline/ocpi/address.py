"""Addresses of a CPO's server: the one way in for those it names, their origin, their query, and the next page in a Link.

Here: pure text work on URLs. Not here: whether an address may be asked (gate.py), and any request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2_000
"""OCPI allows 255 characters; opaque next links of some servers are longer."""
_NAME = re.compile(r"[a-z0-9._-]{1,253}")
"""Of a host, or an IPv4 address; what has a colon in it is an IPv6 address."""
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)

Origin = tuple[str, str, int]
"""Scheme, host and port."""


def foreign_address(named: object) -> str | None:
    """An http(s) address that a server names, as it may be asked, shown and stored; None where it is no such address.

    Read by the parser that the request is made with, so that no two of them can disagree about the host. In ASCII, without
    `user:password@` and fragment.
    """
    if not isinstance(named, str) or len(named) > _LONGEST:
        return None
    try:
        url = str(httpx.URL(without_credentials(named)))
    except (httpx.InvalidURL, ValueError):
        return None
    return url if origin(url) is not None and len(url) <= _LONGEST else None


def origin(url: str) -> Origin | None:
    """Scheme, host and port of an http(s) URL; None where it is no such URL."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    host = parts.raw_host.decode("ascii")
    if parts.scheme not in _PORTS or not (_NAME.fullmatch(host) or ":" in host):
        return None
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return (parts.scheme, host, port) if 0 < port <= 65535 else None


def written(origin: Origin) -> str:
    """An origin as the register writes it, such as https://ocpi.example.nl:8443."""
    scheme, host, port = origin
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port == _PORTS[scheme] else f":{port}")


def without_credentials(url: str) -> str:
    """The URL without `user:password@` and without fragment: these are never sent, shown or stored."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def with_query(url: str, values: Mapping[str, str]) -> str:
    """The URL with these values in its query, in place of values of the same names; what else stands there stays."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()], safe=":")))


def query_of(url: str) -> dict[str, str]:
    """The values in a URL's query by name; of a name that is repeated, the last."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def led_to(named: str, asked: str) -> str | None:
    """The address that a header names in answer to the address asked, made absolute; None where it is no http(s) address."""
    if len(named) > _LONGEST:
        return None
    try:
        return foreign_address(urljoin(asked, named.strip()))
    except ValueError:
        return None


def next_link(header: str | None, asked: str) -> str | None:
    """The address with rel=next in a Link header, made absolute against the address asked; None where there is none."""
    for target, attributes in _LINK.findall(header or ""):
        if "next" in _relations(attributes):
            return led_to(target, asked)
    return None


def _relations(attributes: str) -> Iterator[str]:
    for quoted, bare in _REL.findall(attributes):
        yield from (quoted or bare).lower().split()
