"""A server tested by the probe, with little patience; and the ids of its lines.

Here: these. Not here: any test, and the server (bent_cpo.py).
"""

from __future__ import annotations

from typing import Any

from linda_pipeline.ocpi.probing import Limits, Outcome, Probe, probe
from linda_pipeline_tests.ocpi.probing.bent_cpo import (
    ASKED_AT,
    TOKEN,
    BentCpo,
)

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
BRISK = Limits(connect_s=2, read_s=1, answer_s=1.5, whole_s=20, longest_pause_s=0.1)


def probed(cpo: BentCpo, **settings: Any) -> Probe:
    options: dict[str, Any] = {"token": TOKEN, "token_name": "T", "asked_at": ASKED_AT, "limits": BRISK} | settings
    return probe(cpo.versions_url, options.pop("token"), **options)


def ids(found: Probe, outcome: Outcome) -> list[str]:
    return [line.id for line in found.having(outcome) if line.requirement.id != "sample_accepted"]
