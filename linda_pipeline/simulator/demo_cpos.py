"""The four CPOs of `linda demo`: two that do well, one that is careless, and one that nobody gave permission for.

Here: their plans, the demo's fixed clock and tokens, and its register. Not here: running the demo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from linda_pipeline.simulator.plan import Plan

PULLED_AT = datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC)
"""The demo's clock stands still here: the Monday night after its second window."""
WINDOWS = (date(2026, 10, 26), date(2026, 11, 9))
"""The two newest windows that have ended by then, by their Mondays."""
PULLED_ON = dict(zip(WINDOWS, (datetime(2026, 11, 9, 3, 2, 11, tzinfo=UTC), PULLED_AT), strict=True))
"""Each window is pulled in the night after it ended, so that what the first one lacked can come again in the second …"""
CLOCK_MOVES_ON_TO = datetime(2026, 12, 8, 6, 30, tzinfo=UTC)
"""… and the day after the last one on which it could come, the portal looks again."""
FIRST_START = datetime(2026, 10, 16, tzinfo=UTC)
"""Sessions begin some days before the first window, so that it is as full as the second."""


@dataclass(frozen=True)
class DemoCpo:
    """A CPO of the demo, and what the register says of it."""

    plan: Plan
    token: str
    nal_regions: tuple[str, ...]
    document: str | None
    """The permission's reference; None: there is none, so that it must never be contacted."""

    @property
    def key(self) -> str:
        """Its name in the register, such as NL-ZON."""
        return self.plan.party


def _plan(
    party: str, ocpi: str, operator: str, seed: int, locations: int, defects: float, mends_after_days: int = 0
) -> Plan:
    return Plan(
        party=party,
        ocpi=ocpi,
        operator=operator,
        seed=seed,
        locations=locations,
        start=FIRST_START,
        until=PULLED_AT,
        defects=defects,
        mends_after_days=mends_after_days,
    )


CPOS = (
    DemoCpo(
        _plan("NL-ZON", "2.3.0", "Zonnestroom Laden B.V.", 11, 140, 0.01),
        "demo-token-of-NL-ZON",
        ("Zuid", "Oost"),
        "LINDA-DEMO-001",
    ),
    DemoCpo(
        _plan("NL-LIC", "2.1.1", "Lichtnet Laadpalen B.V.", 12, 90, 0.0),
        "demo-token-of-NL-LIC",
        ("Noord",),
        "LINDA-DEMO-002",
    ),
    DemoCpo(
        _plan("NL-SLO", "2.2.1", "Slordig Opladen B.V.", 13, 100, 0.15, mends_after_days=14),
        "demo-token-of-NL-SLO",
        ("Noordwest", "G4"),
        "LINDA-DEMO-003",
    ),
    DemoCpo(
        _plan("NL-STL", "2.2.1", "Stille Kracht B.V.", 14, 40, 0.0),
        "demo-token-of-NL-STL",
        ("Zuidwest",),
        None,
    ),
)
"""Made up, every one."""


def register_text(versions_urls: Mapping[str, str]) -> str:
    """The demo's cpos.toml, given the versions URL of each CPO by key."""
    return "# The register of the demo: made-up CPOs on this machine.\n" + "".join(
        "\n" + _block(cpo, versions_urls[cpo.key]) for cpo in CPOS
    )


def _block(cpo: DemoCpo, versions_url: str) -> str:
    regions = ", ".join(f'"{region}"' for region in cpo.nal_regions)
    block = (
        f"[cpo.{cpo.key}]\n"
        f'name = "{cpo.plan.operator}"\n'
        f'versions_url = "{versions_url}"\n'
        f'ocpi = "{cpo.plan.ocpi}"\n'
        f"nal_regions = [{regions}]\n"
        f'quality_contact = "data@{cpo.plan.party.lower()}.example"\n'
    )
    if cpo.document is None:
        return block
    return block + (
        f"\n[[cpo.{cpo.key}.permission]]\n"
        f'document = "{cpo.document}"\n'
        'owner = "Voorbeeldgemeenten"\n'
        'owner_kind = "concession"\n'
        "from = 2025-01-01\n"
    )
