"""One national month reckoned under a memory limit: every KPI on every level, beside the same figures in polars.

    python bench/national_month.py --out FOLDER [--sessions 5800000] [--memory 1GB] [--polars FOLDER]

Made-up curated CDRs of one month lie in FOLDER as the road writes them: 40 CPOs, 200,000 EVSEs, a million drivers who mostly
charge near home, 1 % of the EVSEs delivered by a second CPO as well, one session in 200 that comes twice. The station computes
the KPIs of that lake in a process of its own; polars, where it is installed (`pip install polars`, or in a folder that --polars
names), reckons the same figures of sessions in another, over the same files, and says where any differs. CPU seconds and the
peak memory of both are shown.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from national_lake import MONTH, MONTH_LENGTH_S, MONTH_START_S, make_lake

from linda_pipeline.storage.lake import Lake


def reckon(root: Path, memory: str) -> None:
    """The station, in a process of its own."""
    from linda_pipeline.warehouse.compute import compute_kpis

    lake = Lake(root, memory_limit=memory)
    began = _cpu_s()
    counts = compute_kpis(lake, anew=True)
    _tell(
        cpu_s=_cpu_s() - began,
        spilled_mb=counts["spilled_mb"],
        figures=sum(pq.ParquetFile(path).metadata.num_rows for path in lake.kpi.iterdir()),
    )


def reckon_in_polars(root: Path) -> None:
    """The same figures as anybody would ask polars for them: each cut grouped, with all its aggregates at once."""
    import polars as pl

    began = _cpu_s()
    us = pl.col("end_date_time").dt.epoch("us") - pl.col("start_date_time").dt.epoch("us")
    told = ((pl.col("total_time_h") - pl.col("total_parking_time_h")) * 3.6e9).round().cast(pl.Int64)
    same = ["evse_key", "start_date_time", "end_date_time", "total_energy_kwh"]
    sessions = (
        pl.scan_parquet(root / "curated" / "cdrs" / "**" / "*.parquet", hive_partitioning=True)
        .sort("window", "cpo", "page", "position")
        .with_columns(first=pl.struct("cpo", *same).is_first_distinct(), in_all=pl.struct(same).is_first_distinct())
        .filter("first")
        .select(
            *(
                "cpo",
                "evse_key",
                "nal_region",
                "gemeente_code",
                "cbs_cell_500m",
                "in_all",
                "start_date_time",
                "end_date_time",
            ),
            user=pl.col("user_pseudonym").hash(),
            ad_hoc=pl.col("token_type") == "AD_HOC_USER",
            kwh=pl.col("total_energy_kwh"),
            connection=us,
            charging=pl.when(told.is_not_null()).then(pl.min_horizontal(told, us)),
            warned=pl.col("plausibility_warnings").list.len() > 0,
        )
        .collect()
        .with_columns(pl.col("cpo", "evse_key", "nal_region", "gemeente_code", "cbs_cell_500m").cast(pl.Categorical))
    )
    evses = pl.read_parquet(root / "curated" / "evses" / "**" / "*.parquet", hive_partitioning=True).select(
        "cpo", "evse_key", "power_class", "nal_region", "gemeente_code", "cbs_cell_500m"
    )
    known, warned, ad_hoc = pl.col("charging").is_not_null(), pl.col("warned"), pl.col("ad_hoc")
    asked = [
        pl.len().alias("sessions"),
        pl.col("kwh").sum().alias("energy"),
        pl.col("kwh").filter(warned).sum().alias("energy_warned"),
        *(pl.col("kwh").quantile(at, "linear").alias(f"p{at}") for at in (0.1, 0.5, 0.9)),
        *(pl.col(name).sum().alias(name) for name in ("connection", "charging")),
        *(pl.col(name).filter(warned).sum().alias(f"{name}_warned") for name in ("connection", "charging")),
        *(pl.col(name).median().alias(f"{name}_median") for name in ("connection", "charging")),
        pl.col("connection").filter(known).sum().alias("connection_known"),
        known.sum().alias("known"),
        warned.sum().alias("warned"),
        *(
            pl.col(name).filter(where).n_unique().alias(f"{name}_{number}")
            for name in ("user", "evse_key")
            for number, where in enumerate((~ad_hoc | ad_hoc, known, ~ad_hoc, ad_hoc))
        ),
        *(
            pl.col("user").filter(where & ~warned).n_unique().alias(f"sure_{number}")
            for number, where in enumerate((~ad_hoc, ad_hoc))
        ),
    ]
    found = {}
    for level, code in (
        ("nation", None),
        ("nal_region", "nal_region"),
        ("gemeente", "gemeente_code"),
        ("cell_500m", "cbs_cell_500m"),
    ):
        for by in ([code, "cpo"], [code]):
            keys = [one for one in by if one is not None]
            if level == "cell_500m" and "cpo" in keys:
                continue
            rows = sessions if "cpo" in keys else sessions.filter("in_all")
            found[level, "cpo" in keys] = (
                rows.group_by(keys) if keys else rows.group_by(pl.lit("NL").alias("nation"))
            ).agg(asked)
    used = _use_in_polars(sessions, evses)
    spent = _cpu_s() - began
    _tell(cpu_s=spent, figures=sum(len(one) for one in found.values()), differing=_differing(root, found, used))


def _use_in_polars(sessions: Any, evses: Any) -> dict[Any, Any]:
    """Occupancy and charge points: the union of each EVSE's sessions, and what lies at each place."""
    import polars as pl

    month_end = pl.lit((MONTH_START_S + MONTH_LENGTH_S) * 1_000_000)
    places = ["nal_region", "gemeente_code", "cbs_cell_500m"]
    used = {}
    for per_cpo in (True, False):
        keys = ["cpo", "evse_key"] if per_cpo else ["evse_key"]
        points = evses if per_cpo else evses.sort("cpo").unique("evse_key", keep="last")
        points = points.with_columns(pl.col("cpo", "evse_key", *places).cast(pl.Categorical))
        parts = (
            (sessions if per_cpo else sessions.filter("in_all"))
            .select(
                *keys,
                "user",
                "warned",
                start=pl.col("start_date_time").dt.epoch("us"),
                end=pl.col("end_date_time").dt.epoch("us"),
            )
            .with_columns(end=pl.min_horizontal("end", month_end))
            .sort(*keys, "start", "end")
            .with_columns(before=pl.col("end").cum_max().shift(1).over(keys))
            .with_columns(us=pl.max_horizontal(pl.col("end") - pl.max_horizontal("start", "before"), 0))
            .join(points, on=keys)
        )
        for level, code in (
            ("nation", None),
            ("nal_region", "nal_region"),
            ("gemeente", "gemeente_code"),
            ("cell_500m", "cbs_cell_500m"),
        ):
            if level == "cell_500m" and per_cpo:
                continue
            by = [*([code] if code else []), *(["cpo"] if per_cpo else [])] or [pl.lit("NL").alias("nation")]
            there = points.group_by(by).agg(
                pl.len().alias("points"),
                *((pl.col("power_class") == one).sum().alias(one) for one in ("regular", "fast")),
            )
            occupied = parts.group_by(by).agg(
                pl.col("us").sum(), pl.col("user").n_unique(), pl.col("evse_key").n_unique().alias("used"), pl.len()
            )
            used[level, per_cpo] = (there, occupied)
    return used


def _differing(root: Path, found: dict[Any, Any], used: dict[Any, Any]) -> list[str]:
    """What of the nation's and the regions' figures is not what the station says."""
    import polars as pl

    def told(kpi: str, statistic: str, level: str) -> list[float]:
        rows = pl.read_parquet(root / "kpi" / "*.parquet").filter(
            (pl.col("kpi_id") == kpi) & (pl.col("statistic") == statistic) & (pl.col("area_level") == level)
            & (pl.col("cpo") == "ALL") & (pl.col("month") == MONTH) & pl.col("dimension").is_null()
        )  # fmt: skip
        return sorted(rows["value"].to_list())

    wrong = []
    for level, _ in found:
        here = found[level, False]
        there, occupied = used[level, False]
        points = sum(there["points"].to_list())
        wanted = {
            ("sessions", "value"): here["sessions"],
            ("energy", "value"): here["energy"],
            ("energy_per_session", "p90"): here["p0.9"],
            ("connection_time", "median"): here["connection_median"] / 3.6e9,
            ("unique_users", "value"): here["user_2"],
            ("charge_points", "value"): there["points"],
        }
        if level == "nation":
            wanted["occupancy", "value"] = occupied["us"] / (points * MONTH_LENGTH_S * 1e6)
        for (kpi, statistic), values in wanted.items():
            ours, theirs = (
                told(kpi, statistic, level),
                sorted(one for one in values.to_list() if one or kpi != "unique_users"),
            )
            if len(ours) != len(theirs) or not np.allclose(ours, theirs, rtol=1e-9):
                wrong.append(f"{kpi} {statistic} per {level}")
    return sorted(set(wrong))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _tell(**what: Any) -> None:
    # Not ru_maxrss: a process that is begun takes over that of the one that began it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kb,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({**what, "peak_mb": int(peak_kb) / 1024}))


def _in_a_process(what: str, root: Path, memory: str, polars: Path | None) -> dict[str, Any]:
    command = [sys.executable, __file__, "--out", str(root.parent), "--memory", memory, "--only", what]
    path = os.pathsep.join(filter(None, (str(polars) if polars else "", os.environ.get("PYTHONPATH", ""))))
    ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    if ended.returncode:
        sys.exit(f"{what} failed:\n{ended.stderr}")
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def main() -> None:
    """Make the month, then reckon it twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sessions", type=int, default=5_800_000)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--polars", type=Path)
    parser.add_argument("--only", choices=["station", "polars"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = options.out / "lake"
    if options.only == "station":
        return reckon(root, options.memory)
    if options.only == "polars":
        return reckon_in_polars(root)
    if not (root / "curated").exists():
        make_lake(root, options.sessions)
    ours = _in_a_process("station", root, options.memory, None)
    told = f"{ours['cpu_s']:.1f} s of CPU, peak {ours['peak_mb']:,.0f} MB and {ours['spilled_mb']:,} MB on disk"
    print(f"station: {told}; {ours['figures']:,} figures", flush=True)
    theirs = _in_a_process("polars", root, options.memory, options.polars)
    print(f"polars:  {theirs['cpu_s']:.1f} s of CPU, peak {theirs['peak_mb']:,.0f} MB")
    print(f"ratio: {ours['cpu_s'] / theirs['cpu_s']:.2f}; differing: {', '.join(theirs['differing']) or 'nothing'}")
    return None


if __name__ == "__main__":
    main()
