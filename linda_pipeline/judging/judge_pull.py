"""A pull judged, whatever its module.

Here: the choice. Not here: CDRs (judge_cdrs.py) and Locations (judge_locations.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.judging.judge_locations import judge_locations
from linda_pipeline.judging.known_before import PlaceRegister
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Lake


def judge_pull(
    lake: Lake,
    cpo: Cpo,
    pull: Pull,
    *,
    areas: Areas | None,
    key: bytes,
    register: PlaceRegister | None = None,
    profiles: Profiles = BUILT_IN_PROFILES,
    on_records: Callable[[int], None] | None = None,
    judged_at: datetime | None = None,
) -> Judgement:
    """Judge a pull into the lake: every record into one bucket, every defect a finding.

    `profiles`: what is in force on the day of the pull judges. Judged again under other permissions, it moves what they
    let in or shut out, and notes the proof, with `judged_at`.
    """
    if pull.delivery.module == "cdrs":
        return judge_cdrs(
            lake,
            cpo,
            pull,
            areas=areas,
            key=key,
            profiles=profiles,
            register=register,
            on_records=on_records,
            judged_at=judged_at,
        )
    return judge_locations(lake, cpo, pull, areas=areas, profiles=profiles, register=register, judged_at=judged_at)
