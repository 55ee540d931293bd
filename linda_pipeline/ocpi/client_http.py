"""One OCPI request of the pull: tries, and the envelope around the answer.

Here: what is tried again, and for how long. Not here: HTTP itself (transport.py), the sentences (client_answers.py), which
address is asked for what (client.py) and in which order (paging.py).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from linda_pipeline.ocpi import client_answers as answers
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import PullFailed
from linda_pipeline.ocpi.foreign import bare, wait_of
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.ocpi.page import Page, PageUnreadable, read_page
from linda_pipeline.ocpi.transport import Fetched, NoAnswer, Transport

PASSING = (408, 425, 429)
"""With all 5xx: the HTTP answers that may be other ones a little later."""


class Envelope(Protocol):
    """What every reading of a body gives: the envelope's status."""

    @property
    def status_code(self) -> int: ...
    @property
    def status_message(self) -> str | None: ...


Read = TypeVar("Read", bound=Envelope)


@dataclass(frozen=True)
class GoodAnswer(Generic[Read]):
    """An OCPI answer with a good status, as received, decoded and read."""

    page: Read
    body: bytes
    received: bytes
    headers: httpx.Headers
    duration_s: float


class _Passing(Exception):
    """A try that failed in a way that may pass; `failure` is what is raised when no tries are left."""

    def __init__(self, failure: PullFailed, retry_after_s: float = 0.0) -> None:
        super().__init__()
        self.failure = failure
        self.retry_after_s = retry_after_s


class Caller:
    """Asks one CPO's server. To be closed."""

    def __init__(self, token: Token, patience: Patience, trust: Trust, versions_url: str, *, message_ids: bool) -> None:
        """Raises CertificateUnusable."""
        self.token = token
        self.message_ids = message_ids
        """Whether to send X-Request-ID and X-Correlation-ID (OCPI 2.2 and later)."""
        self.patience = patience
        self._transport = Transport(trust, versions_url, patience)
        self.gate = self._transport.gate
        self._backoff = wait_random_exponential(multiplier=patience.first_wait_s, max=patience.longest_wait_s)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def get(self, url: str, tries: int | None = None) -> GoodAnswer[Page]:
        """The answer at a door (versions, version details), tried again while that may help. Raises PullFailed."""
        most_records = self.patience.most_page_records
        return self._asked(url, lambda body: read_page(body, most_records), tries, self.patience.largest_door_bytes)

    def read(self, url: str, read: Callable[[bytes, int], Read], tries: int | None = None) -> GoodAnswer[Read]:
        """A page of a list, read in a way of one's own (which gets the most records that a page may hold, and raises
        PageUnreadable). Raises PullFailed.
        """
        most_records = self.patience.most_page_records
        return self._asked(url, lambda body: read(body, most_records), tries, self.patience.largest_page_bytes)

    def _asked(
        self, url: str, read: Callable[[bytes], Read], tries: int | None, largest_bytes: int
    ) -> GoodAnswer[Read]:
        headers = partial(self._headers, str(uuid.uuid4()))
        tried_enough = stop_after_attempt(min(self.patience.tries, tries or self.patience.tries))
        retrying = Retrying(
            stop=lambda state: tried_enough(state) or self._waited_enough(state),
            wait=self._wait,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        with self.token.unseen():  # here, at the source: a failure that is put by and raised later is clean too
            try:
                return retrying(self._try, url, headers, read, largest_bytes)
            except _Passing as passing:
                raise passing.failure from None

    def _headers(self, correlation: str) -> Mapping[str, str]:
        headers = {"Authorization": self.token.header}
        if self.message_ids:
            headers |= {"X-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": correlation}
        return headers

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after_s if isinstance(error, _Passing) else 0.0
        return max(self._backoff(state), asked)

    def _waited_enough(self, state: RetryCallState) -> bool:
        """Whether the next wait would bring all waits together beyond the longest that a server may ask for."""
        return state.idle_for + state.upcoming_sleep > self.patience.longest_retry_after_s

    def _try(
        self, url: str, headers: Callable[[], Mapping[str, str]], read: Callable[[bytes], Read], largest_bytes: int
    ) -> GoodAnswer[Read]:
        outcome = self._once(url, headers, read, largest_bytes)
        if isinstance(outcome, GoodAnswer):
            return outcome
        raise outcome  # here, where nothing is at hand: a failure that is kept with its traceback keeps no body

    def _once(
        self, url: str, headers: Callable[[], Mapping[str, str]], read: Callable[[bytes], Read], largest_bytes: int
    ) -> GoodAnswer[Read] | PullFailed | _Passing:
        begun = time.perf_counter()
        try:
            fetched = self._transport.get(url, headers, largest_bytes=largest_bytes)
        except NoAnswer as failed:
            failure = answers.of_no_answer(failed, self.patience, self.token)
            return _Passing(failure) if failure.may_pass and failed.why not in answers.FINAL else failure
        return self._outcome(fetched, read, begun)

    def _outcome(
        self, fetched: Fetched, read: Callable[[bytes], Read], begun: float
    ) -> GoodAnswer[Read] | PullFailed | _Passing:
        status, url, headers, token = fetched.status, fetched.url, fetched.headers, self.token
        unreadable, page = None, None
        try:
            page = read(fetched.body)
        except PageUnreadable as error:
            unreadable = bare(error)
        said = "" if page is None else answers.said_by(page.status_message, token)
        if status in PASSING or status >= 500:
            asked_s = wait_of(headers.get("retry-after"), headers.get("date"))
            failure = answers.of_busy(url, status, said, asked_s, token)
            return failure if asked_s > self.patience.longest_retry_after_s else _Passing(failure, asked_s)
        if not 200 <= status < 300:
            return answers.of_status(url, status, said, token)
        if page is None or unreadable is not None:
            assert unreadable is not None
            return answers.of_no_ocpi(url, unreadable, headers, token)
        if not 1000 <= page.status_code < 2000:
            return answers.of_envelope(url, page.status_code, said)
        return GoodAnswer(page, fetched.body, fetched.received, headers, time.perf_counter() - begun)
