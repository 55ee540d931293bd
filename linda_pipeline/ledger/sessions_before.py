"""What earlier windows accepted, as far as a delivery that is being judged touches on it.

Here: sessions on the same EVSEs at the same time, CDRs of the same session, CDRs that a credit refers to, and EVSEs that were
used. Every question streams over the accepted files, so that memory stays flat. Not here: any verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from linda_pipeline.ocpi.record_keys import cdr_keys_sql, evse_names_sql, folded_evse_ids_sql
from linda_pipeline.storage.engine import engine, files, text
from linda_pipeline.storage.lake import Delivery, Lake

SESSIONS = pa.schema(
    [
        ("evse", pa.int64()),
        ("start_ms", pa.int64()),
        ("end_ms", pa.int64()),
        ("energy_kwh", pa.float64()),
        ("key", pa.string()),
        ("cdr_id", pa.string()),
    ]
)
SAME_SESSIONS = pa.schema([*(one for one in SESSIONS if one.name != "energy_kwh"), ("session", pa.uint64())])
_EVSE = evse_names_sql()


class SessionsBefore:
    """The accepted CDRs of a CPO's earlier windows."""

    def __init__(self, lake: Lake, cpo: str, windows: Sequence[Delivery]) -> None:
        self._lake, self._windows = lake, windows
        self._key = cdr_keys_sql(cpo=text(cpo))

    def _ask(self, query: str, **tables: Any) -> pa.Table:
        source = files(self._lake.table("accepted", window) for window in self._windows)
        with engine(self._lake) as connection:
            for name, table in tables.items():
                connection.register(name, table)
            connection.execute(
                "CREATE TEMP VIEW accepted AS "
                f"SELECT * FROM read_parquet({source}, hive_partitioning = false, union_by_name = true) "
                # What an earlier version accepted has no such column.
                "UNION ALL BY NAME SELECT NULL::UBIGINT AS session_key WHERE false"
            )
            return connection.sql(query).to_arrow_table()

    def on_the_same_evse(self, spans: pa.Table) -> pa.Table:
        """SESSIONS that end after the first of this delivery begins on their EVSE, and begin before the last one ends.

        `spans`: evse (number), name (`LOCATION/UID` in capitals), first_ms, last_ms.
        """
        if not self._windows or not spans.num_rows:
            return SESSIONS.empty_table()
        found = self._ask(
            f"""
            SELECT spans.evse, epoch_ms(start_date_time) AS start_ms, epoch_ms(end_date_time) AS end_ms,
                total_energy_kwh AS energy_kwh,
                {self._key} AS key, cdr_id
            FROM accepted JOIN spans ON spans.name = {_EVSE}
            WHERE epoch_ms(end_date_time) > spans.first_ms AND epoch_ms(start_date_time) < spans.last_ms
                AND NOT coalesce(credit, false)
            ORDER BY ALL
            """,
            spans=spans,
        )
        return found.cast(SESSIONS)

    def of_the_same_sessions(self, wanted: pa.Table, evses: pa.Table) -> pa.Table:
        """SAME_SESSIONS: those with one of the wanted session keys (`session_key`); `evse` is the number of theirs among some
        (evse, and name: `LOCATION/UID` in capitals), else -1."""
        if not self._windows or not wanted.num_rows:
            return SAME_SESSIONS.empty_table()
        found = self._ask(
            f"""
            SELECT coalesce(evses.evse, -1) AS evse, epoch_ms(start_date_time) AS start_ms,
                epoch_ms(end_date_time) AS end_ms, {self._key} AS key, cdr_id, session_key AS session
            FROM accepted JOIN wanted USING (session_key) LEFT JOIN evses ON evses.name = {_EVSE}
            WHERE NOT coalesce(credit, false)
            ORDER BY ALL
            """,
            wanted=wanted,
            evses=evses,
        )
        return found.cast(SAME_SESSIONS)

    def among(self, keys: Sequence[str]) -> set[str]:
        """Which of some CDRs, by key, were accepted."""
        if not self._windows or not keys:
            return set()
        wanted = pa.table({"key": pa.array(keys, pa.string())})
        query = f"SELECT DISTINCT wanted.key FROM accepted JOIN wanted ON wanted.key = {self._key}"
        return set(self._ask(query, wanted=wanted)["key"].to_pylist())

    def used_since(self, moment: datetime) -> set[str]:
        """The EVSEs, by `LOCATION/UID` and by folded EVSE id, of which a session ended at or after a moment."""
        if not self._windows:
            return set()
        query = f"""
            SELECT DISTINCT unnest([{_EVSE}, {folded_evse_ids_sql()}]) AS key
            FROM accepted WHERE end_date_time >= {text(moment.isoformat())}::TIMESTAMPTZ AND NOT coalesce(credit, false)
        """
        return set(self._ask(query)["key"].to_pylist()) - {None}
