"""How far a crawl may go: pages, records, bytes and hours.

Here: what has come in beside the limits, and what is said where one is reached. Not here: the limits themselves (limits.py).
"""

from __future__ import annotations

import time

from linda_pipeline.ocpi.failures import ListTooLong
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.ocpi.paging import Crawl


class Extent:
    """How far a crawl has come, beside how far one may go."""

    def __init__(self, patience: Patience, crawl: Crawl) -> None:
        self.pages = 0
        self.bytes = 0
        """Of the decoded pages."""
        self._patience = patience
        self._crawl = crawl
        self._begun = time.monotonic()

    def check(self) -> None:
        """Whether the crawl may go on. Raises ListTooLong, which names the limit and its setting."""
        patience = self._patience
        for reached, limit, setting in (
            (self.pages >= patience.most_pages, f"{patience.most_pages:,} pages", "LINDA_LIMIT_PAGES"),
            (self._crawl.given >= patience.most_records, f"{patience.most_records:,} records", "LINDA_LIMIT_RECORDS"),
            (
                self.bytes >= patience.largest_crawl_bytes,
                f"{patience.largest_crawl_bytes / 2**30:,g} GB",
                "LINDA_LIMIT_CRAWL_GB",
            ),
            (
                time.monotonic() - self._begun >= patience.crawl_s,
                f"{patience.crawl_s / 3600:,g} hours",
                "LINDA_LIMIT_CRAWL_HOURS",
            ),
        ):
            if reached:
                raise ListTooLong(
                    f"The list at {self._crawl.endpoint} had not ended after {limit}: {self._crawl.given:,} records on "
                    f"{self.pages:,} pages had come in.",
                    f"Ask the CPO why its list is this long, or has no end; where it is right, raise {setting}.",
                )
