"""One accepted version per CDR, without credits, with its areas: what KPIs and analysts read.

Here: the choice among accepted rows, and the curated files per month. Not here: verdicts on records (road, quality); the
accepted store keeps every version, credits included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.areas.area_set import COLUMNS, Areas
from linda_pipeline.ocpi.columns import CDR
from linda_pipeline.ocpi.record_keys import cdr_keys_sql, evse_keys_sql
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.own_columns.declared import own_schema
from linda_pipeline.storage.engine import engine, one, write_ordered
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curation_book import CurationNote, accepted_now, put_note, read_note
from linda_pipeline.warehouse.months import digest
from linda_pipeline.warehouse.place import locate
from linda_pipeline.warehouse.typed_view import typed_view

_HOW = 1
"""To be raised where files are made otherwise of the same deliveries."""
_EMBEDDED = frozenset(column.name for column in CDR if set(column.path) == {"2.1.1"})
"""What only the whole Location inside a 2.1.1 CDR tells; it stands in `locations` and is not kept per session."""
_FOR_JUDGING = frozenset(["session_key"])
"""What only later deliveries are judged by: it says nothing to those who read the curated data."""
_KEPT = [field for field in accepted_schema("cdr") if field.name not in _EMBEDDED | _FOR_JUDGING]
_KEY_AFTER = "plausibility_warnings"
CURATED_CDR = pa.schema(
    [
        *(
            own
            for field in _KEPT
            for own in ([field, *own_schema("evse_key")] if field.name == _KEY_AFTER else [field])
        ),
        *COLUMNS,
        *own_schema("month"),
    ]
)
"""The columns of the relation `cdrs`."""
CDR_FILE = pa.schema([field for field in CURATED_CDR if field.name not in ("cpo", "month")])
"""The columns of a curated file of CDRs; cpo and month stand in its path."""


@dataclass(frozen=True)
class CuratedCounts:
    """What became of every accepted row of a CPO. Each is counted once, under the first that fits."""

    accepted: int
    superseded: int
    """Other versions of a CDR that an earlier window accepted already (only a backfill leaves them)."""
    credits: int
    """Credit CDRs."""
    credited: int
    """CDRs that a credit CDR takes back."""
    curated: int
    months: dict[str, int]
    """Local month of the start -> rows written."""

    @property
    def adds_up(self) -> bool:
        """accepted = superseded + credits + credited + curated."""
        return self.accepted == self.superseded + self.credits + self.credited + self.curated


_FATE = f"""
CREATE TEMP TABLE fate AS
WITH numbered AS (
    SELECT
        {cdr_keys_sql()} AS cdr_key,
        coalesce(credit, false) AS is_credit,
        {cdr_keys_sql("credit_reference_id")} AS credit_key,
        strftime(start_date_time AT TIME ZONE 'Europe/Amsterdam', '%Y-%m') AS month,
        "window", page, position,
        row_number() OVER (PARTITION BY cdr_key ORDER BY "window", page, position) AS version
    FROM accepted
),
credited AS (
    SELECT DISTINCT credit_key FROM numbered WHERE is_credit AND version = 1 AND credit_key IS NOT NULL
)
SELECT month, "window", page, position,
    CASE
        WHEN version > 1 THEN 'superseded'
        WHEN is_credit THEN 'credit'
        WHEN credited.credit_key IS NOT NULL THEN 'credited'
        ELSE 'curated'
    END AS fate
FROM numbered LEFT JOIN credited ON credited.credit_key = numbered.cdr_key
"""


def curate_cdrs(lake: Lake, cpo: str, areas: Areas, *, anew: bool = False) -> CuratedCounts:
    """Make the curated CDRs of a CPO from all that was accepted of it; months that have no rows any more disappear.

    Only months of which a row changed are written, and where no delivery changed, nothing is read; `anew`: all are.
    """
    deliveries = lake.judged("cdrs", cpo)
    paths = {delivery.window: lake.table("accepted", delivery) for delivery in deliveries}
    before = CurationNote() if anew else read_note(lake, "cdrs", cpo)
    note = CurationNote(
        digest([_HOW, duckdb.__version__, areas.fingerprint, str(CDR_FILE)]),
        accepted_now(lake, deliveries, ["part-00001"]),
    )
    if note.made_like(before, lake):
        return CuratedCounts(**before.counts)
    placed: dict[Path, Path] = {}
    with engine(lake) as connection, lake.transaction() as transaction:
        months: dict[str, int] = {}
        fates: dict[str, int] = {}
        if paths:
            _see(connection, list(paths.values()))
            connection.execute(_FATE)
            fates = dict(connection.execute("SELECT fate, count(*) FROM fate GROUP BY fate").fetchall())
            note.months = _rows_by_month(connection, note.deliveries)
            is_located = False
            for month, windows in _windows_by_month(connection).items():
                target = lake.curated("cdrs", cpo, month)
                if (
                    before.how == note.how
                    and before.months.get(month) == note.months[month]
                    and before.stands(lake, [str(target.relative_to(lake.root))])
                ):
                    placed[target], months[month] = target, before.counts["months"][month]
                    continue
                if not is_located:
                    locate(connection, areas, "accepted")
                    is_located = True
                _see(connection, [paths[window] for window in windows])
                placed[target] = transaction.put(target)
                months[month] = _write(connection, month, placed[target])
                _see(connection, list(paths.values()))
        for path in (lake.root / "curated" / "cdrs" / f"cpo={cpo}").glob("month=*/*.parquet"):
            if path.parent.name.removeprefix("month=") not in months:
                transaction.remove(path)
        left = transaction.leave_what_is_the_same()
        counts = CuratedCounts(
            accepted=one(connection, "SELECT count(*) FROM accepted")[0] if paths else 0,
            superseded=fates.get("superseded", 0),
            credits=fates.get("credit", 0),
            credited=fates.get("credited", 0),
            curated=sum(months.values()),
            months=months,
        )
        note.counts = vars(counts)
        put_note(lake, transaction, "cdrs", cpo, note, {**placed, **{target: target for target in left}})
        return counts


def _see(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    """Let `accepted` be the rows of these files; a column that an older file lacks is null in it."""
    typed_view(connection, "accepted", accepted_schema("cdr"), paths)


def _rows_by_month(connection: duckdb.DuckDBPyConnection, deliveries: Mapping[str, str]) -> dict[str, str]:
    """Month -> a sum over the rows that its file will hold, each by where it stands in which version of its delivery."""
    versions = pa.table(
        [list(map(date.fromisoformat, deliveries)), list(deliveries.values())],
        schema=pa.schema([("window", pa.date32()), ("known_by", pa.string())]),
    )
    connection.register("version_of", versions)
    rows = connection.execute(
        """
        SELECT month, sum(hash("window", known_by, page, position)::HUGEINT)::VARCHAR
        FROM fate JOIN version_of USING ("window") WHERE fate = 'curated' AND month IS NOT NULL GROUP BY month
        """
    ).fetchall()
    connection.unregister("version_of")
    return dict(rows)


def _windows_by_month(connection: duckdb.DuckDBPyConnection) -> dict[str, list[date]]:
    rows = connection.execute(
        """
        SELECT month, list(DISTINCT "window" ORDER BY "window")
        FROM fate WHERE fate = 'curated' AND month IS NOT NULL GROUP BY month ORDER BY month
        """
    ).fetchall()
    return dict(rows)


def _write(connection: duckdb.DuckDBPyConnection, month: str, path: Path) -> int:
    others = {**{name: f"place.{name}" for name in COLUMNS.names}, "evse_key": f"{evse_keys_sql()} AS evse_key"}
    columns = ", ".join(others.get(name, f'accepted."{name}"') for name in CDR_FILE.names)
    result = connection.sql(
        f"""
        SELECT {columns}
        FROM accepted
        JOIN fate ON fate."window" = accepted."window" AND fate.page = accepted.page AND fate.position = accepted.position
        LEFT JOIN place ON place.latitude = accepted.latitude AND place.longitude = accepted.longitude
        WHERE fate.fate = 'curated' AND fate.month = '{month}'
        ORDER BY accepted.evse_id, accepted.start_date_time, accepted.cdr_id, accepted."window", accepted.page,
            accepted.position
        """
    )
    return write_ordered(result, CDR_FILE, path)
