"""The connection test from beginning to end.

Here: the order of the tests, and what they leave. Not here: the tests (door.py, pages.py, dates.py, manners.py), the
judgement on the sample (quality), and anything that is kept: the records go when the caller lets go of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from linda_pipeline.errors import visible
from linda_pipeline.ocpi.address import without_credentials
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.probing import dates, door, manners, pages
from linda_pipeline.ocpi.probing.desk import Desk, Line, Outcome, Told
from linda_pipeline.ocpi.probing.module import Looked, first_look
from linda_pipeline.ocpi.probing.requirement import MODULES
from linda_pipeline.ocpi.probing.wire import Asker, Limits, TimeUp

_PARTIES_TOLD = 50
_TIME_UP = Told(
    "De test moest stoppen: de server is te traag om alles binnen de tijd te toetsen.",
    "The test had to stop: the server is too slow to test everything in time.",
)
_NOT_REACHED = Told("Hier kwam de test niet aan toe.", "The test did not come to this.")


@dataclass(frozen=True)
class Probe:
    """What the connection test found."""

    versions_url: str
    ocpi_version: str | None
    """The version tested; None where none could be chosen."""
    asked_at: datetime
    lines: tuple[Line, ...]
    endpoints: Mapping[str, str]
    """Module -> the address announced."""
    samples: Mapping[str, list[bytes]] = field(repr=False)
    """Module -> records as received, for the judge. Personal data: never written."""
    parties: tuple[str, ...]
    """country_code-party_id of the records seen (none in 2.1.1)."""
    requests: int
    duration_s: float

    def having(self, outcome: Outcome) -> tuple[Line, ...]:
        """The lines with an outcome."""
        return tuple(line for line in self.lines if line.outcome is outcome)

    @property
    def reached(self) -> bool:
        """Whether the server could be reached at all."""
        return all(line.outcome is not Outcome.FAILED for line in self.lines if line.requirement.id == "reachable")

    def with_outcome(self, name: str, module: str, outcome: Outcome, seen: Told) -> Probe:
        """The same with one line filled in, such as that of the sample."""
        lines = tuple(
            replace(line, outcome=outcome, seen=seen) if line.id == f"{module}.{name}" else line for line in self.lines
        )
        return replace(self, lines=lines)


def probe(
    versions_url: str,
    token: str,
    *,
    ocpi: str = "newest",
    token_name: str,
    asked_at: datetime,
    limits: Limits | None = None,
    trust: Trust | None = None,
) -> Probe:
    """Test a CPO's endpoint. Never raises on what the server does; raises TokenUnusable and CertificateUnusable
    where what we send cannot be used.

    `ocpi` is a version or "newest"; `asked_at` the moment of the test: records of later are not looked at.
    """
    trust = trust or Trust()
    encoding = "plain" if ocpi == "2.1.1" else "base64"
    asker = Asker(Token(token, encoding, token_name), limits or Limits(), trust, versions_url)
    desk = Desk()
    looked: dict[str, Looked] = {}
    endpoints: dict[str, str] = {}
    otherwise = _NOT_REACHED
    try:
        _look(desk, asker, versions_url, ocpi, asked_at, endpoints, looked, trust.allow_http)
    except TimeUp:
        otherwise = _TIME_UP
    finally:
        asker.close()
    manners.judge(desk, asker)

    def shown(text: str) -> str:
        return visible(asker.token.hide(text))

    parties = sorted({record.party for one in looked.values() for record in one.records if record.party})
    return Probe(
        versions_url=shown(without_credentials(versions_url)),
        ocpi_version=desk.version,
        asked_at=asked_at,
        lines=tuple(
            replace(line, seen=Told(shown(line.seen.nl), shown(line.seen.en))) for line in desk.lines(otherwise)
        ),
        endpoints={module: shown(url) for module, url in endpoints.items()},
        samples={module: one.raw for module, one in looked.items()},
        parties=tuple(asker.token.quoted(party, 20) for party in parties[:_PARTIES_TOLD]),
        requests=asker.asked,
        duration_s=asker.duration_s,
    )


def _look(
    desk: Desk,
    asker: Asker,
    versions_url: str,
    ocpi: str,
    asked_at: datetime,
    endpoints: dict[str, str],
    looked: dict[str, Looked],
    may_be_http: bool,
) -> None:
    asker.message_ids = ocpi != "2.1.1"
    reply = door.enter(desk, asker, versions_url, may_be_http=may_be_http)
    details_url = door.choose_version(desk, asker, reply, ocpi)
    asker.message_ids = desk.version != "2.1.1"
    door.token_form(desk, asker, versions_url)
    if details_url is not None:
        endpoints |= door.find_modules(desk, asker, details_url)
    door.refusals(desk, asker, {"versions": versions_url, **endpoints})
    for module in MODULES:
        if module not in endpoints:
            continue
        one = first_look(desk, asker, module, endpoints[module], asked_at)
        if one is None:
            continue
        looked[module] = one
        manners.last_updated(desk, asker, one)
        pages.judge(desk, asker, one)
        if module == "cdrs":
            dates.judge(desk, asker, one)
