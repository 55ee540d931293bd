"""The facts of a delivery as a whole, counted from the lake: its usual size, and the EVSEs that are silent in it.

Here: facts. Not here: what is asked of them (quality.rules).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

import pyarrow as pa

from linda_pipeline.calendar import WINDOW_DAYS, window_bounds
from linda_pipeline.judging.among import Among
from linda_pipeline.judging.known_before import is_complete, nights_of
from linda_pipeline.ledger.charge_points_then import live_evses
from linda_pipeline.ledger.earlier import earlier_judgements
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.tables import FINDINGS
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.beside import told_unable
from linda_pipeline.quality.delivered import Delivered, judge_whole
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rule import Scope
from linda_pipeline.quality.rules import rules_for
from linda_pipeline.storage.lake import Lake

SILENT_MARGIN = timedelta(days=7)
"""How long before the silent days a night may lie that tells which EVSEs stood then."""


def judge_delivery(
    lake: Lake, pull: Pull, judgement: Judgement, profile: Profile, among: Among | None = None
) -> pa.Table:
    """FINDINGS on the delivery as a whole, without id and place; what could not run is added to the judgement."""
    module = pull.delivery.module
    found, unable = judge_whole(
        Delivered(
            module=module,
            version=pull.ocpi_version,
            received=judgement.counts[module].received,
            complete=pull.complete,
            total_count=pull.total_count,
            records=pull.records,
            hidden=tuple(one.offset for one in pull.hidden),
            earlier=tuple(islice(_earlier(lake, pull), profile.parameters.volume_windows)),
            silent=_silent(lake, pull, profile.parameters.silent_days, among) if among is not None else None,
            growing=among.growing() if among is not None else None,
            profile=profile,
        ),
        rules_for("delivery", pull.ocpi_version, profile, (Scope.WHOLE,)),
    )
    judgement.rules_not_run += told_unable(unable)
    count = len(found)
    columns = {
        "object": pa.repeat("delivery", count),
        "rule": pa.array([rule for rule, _, _ in found], pa.string()),
        "severity": pa.array([str(severity) for _, severity, _ in found], pa.string()),
        "value": pa.array([value for _, _, value in found], pa.string()),
    }
    return pa.table(
        [columns.get(field.name, pa.nulls(count, field.type)) for field in FINDINGS], schema=FINDINGS
    ).sort_by([("rule", "ascending"), ("value", "ascending")])


def _earlier(lake: Lake, pull: Pull) -> Iterator[int]:
    """Records received in the earlier complete deliveries, newest first."""
    return (entry.main.received for entry in earlier_judgements(lake, pull.delivery) if entry.complete)


def _silent(lake: Lake, pull: Pull, days: int, among: Among) -> list[str] | None:
    """The live EVSEs without a session in the days before the window's end; None where the nights or windows are missing."""
    delivery = pull.delivery
    _, end = window_bounds(delivery.window)
    since = end - timedelta(days=days)
    window, needed = delivery.window, set()
    while window_bounds(window)[0] > since:
        window -= timedelta(days=WINDOW_DAYS)
        needed.add(window)
    judged = {one.window for one in lake.judged("cdrs", delivery.cpo)}
    nights = nights_of(lake, delivery.cpo, since.date() - SILENT_MARGIN, end.date())
    nights = [night for night in nights if is_complete(lake, night)]
    before = [night for night in nights if night.window <= since.date()]
    if not needed <= judged or not before or nights[-1].window <= since.date():
        return None
    first, last = live_evses(lake, before[-1]), live_evses(lake, nights[-1])
    stood = set(first["uid"].to_pylist())
    used = among.used_since(since)
    return [
        name
        for uid, evse_id, name in zip(*(last[column].to_pylist() for column in ("uid", "id", "name")), strict=True)
        if uid in stood and uid not in used and evse_id not in used
    ]
