"""Addresses of a CPO's server: their origin, their query, and the next page named in a Link header.

Here: pure text work on URLs. Not here: any request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"[^\"]*\bnext\b[^\"]*\"|next\b)", re.IGNORECASE)

Origin = tuple[str, str, int]


def origin(url: str) -> Origin | None:
    """Scheme, host and port of an http(s) URL; None where it is no such URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname:
        return None
    return scheme, parts.hostname.lower(), port or _PORTS[scheme]


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


def next_link(header: str | None, asked: str) -> str | None:
    """The address with rel=next in a Link header, made absolute against the address asked; None where there is none."""
    for target, attributes in _LINK.findall(header or ""):
        if _NEXT.search(attributes):
            try:
                return without_credentials(urljoin(asked, target.strip()))
            except ValueError:
                return None
    return None
