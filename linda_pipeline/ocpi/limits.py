"""How long the client waits for a CPO's server, and how much it takes in: every limit, its default and its setting.

Here: the numbers. Not here: what is said where a limit is reached (client_answers.py, client_extent.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.errors import InputMistake

_MB, _GB, _HOUR = 2**20, 2**30, 3600


class LimitUnusable(InputMistake):
    """A setting LINDA_LIMIT_… is no number above 0, or there is no such setting."""


@dataclass(frozen=True)
class Bounds:
    """What one request may take. All in seconds and bytes."""

    connect_s: float = 10.0
    """To one address of a host; a host with a dead address among others costs one such wait."""
    read_s: float = 60.0
    """The longest silence within an answer."""
    answer_s: float = 600.0
    """The longest that one answer may take in all, redirects and unpacking included: a byte a second never breaks the
    silence."""
    largest_received_bytes: int = 128 * _MB
    """Of a body as it comes over the wire."""
    largest_page_bytes: int = 256 * _MB
    """Of a body decoded."""
    most_page_records: int = 1_000_000
    """On one page. Some servers ignore the limit that is asked, and give a whole list at once."""


@dataclass(frozen=True)
class Patience(Bounds):
    """What a pull may take, from its first request to its last page."""

    tries: int = 6
    first_wait_s: float = 1.0
    """The widest wait before the second try; it doubles with every further one. The wait itself is drawn at random."""
    longest_wait_s: float = 60.0
    longest_retry_after_s: float = 900.0
    """A Retry-After beyond this ends the pull, and so do waits that come to more than this for one request."""
    largest_door_bytes: int = 16 * _MB
    """Of the versions and the version details, decoded."""
    most_pages: int = 100_000
    """Of one crawl through a list: at 20 records each, as some servers give, two million."""
    most_records: int = 20_000_000
    """Of one crawl: 8 bytes of each stay in memory."""
    largest_crawl_bytes: int = 64 * _GB
    """Of all pages of one crawl, decoded."""
    crawl_s: float = 6.0 * _HOUR
    """Of one crawl."""


LIMITS: Mapping[str, tuple[str, int]] = {
    "LINDA_LIMIT_ANSWER_S": ("answer_s", 1),
    "LINDA_LIMIT_RECEIVED_MB": ("largest_received_bytes", _MB),
    "LINDA_LIMIT_PAGE_MB": ("largest_page_bytes", _MB),
    "LINDA_LIMIT_PAGE_RECORDS": ("most_page_records", 1),
    "LINDA_LIMIT_PAGES": ("most_pages", 1),
    "LINDA_LIMIT_RECORDS": ("most_records", 1),
    "LINDA_LIMIT_CRAWL_GB": ("largest_crawl_bytes", _GB),
    "LINDA_LIMIT_CRAWL_HOURS": ("crawl_s", _HOUR),
}
"""Each setting: the limit that it sets, and how many of its units make one of the setting."""


def patience_of(settings: Mapping[str, str]) -> Patience:
    """The limits as they were set: whole numbers by the names in LIMITS. Raises LimitUnusable."""
    given: dict[str, int] = {}
    for name, value in settings.items():
        if name not in LIMITS:
            raise LimitUnusable(f"There is no setting {name}. The limits that can be set are {', '.join(LIMITS)}.")
        number = value.strip()
        if not (number.isascii() and number.isdecimal() and len(number) <= 12 and int(number) > 0):
            raise LimitUnusable(
                f"{name} must be a whole number above 0, and is {value!r}. Set it again, or leave it out."
            )
        limit, unit = LIMITS[name]
        given[limit] = int(number) * unit
    return Patience(**given)
