"""One month's sessions and charge points as narrow tables, under the views that KPIs read: so the nation fits in memory.

Here: numbers in the place of names (64 bits for EVSEs and drivers, enumerations for CPOs and areas), and what a month needs of
the others: when each EVSE's first session began, and the sessions that reach into it. Not here: what a session or a charge
point is (kpi.time_in_sql, whose SQL runs here unchanged), and any figure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.calendar import AMSTERDAM, month_bounds, months_between
from linda_pipeline.storage.engine import files, text, write_ordered
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.kpi import VIEWS
from linda_pipeline.warehouse.kpi.scopes import ALL, AREAS
from linda_pipeline.warehouse.kpi.time_in_sql import LOCAL, SAME, of_month, once, sessions
from linda_pipeline.warehouse.sources import cdr_files, create_evses, see_cdrs
from linda_pipeline.warehouse.typed_view import typed_view

_AREAS = ", ".join(AREAS)
_OF_ALL_MONTHS = ("shared_evse", "service", "service_span")
_OF_A_MONTH = ("session_month", "evse_month", "evse_use", "charge_point", "charge_point_use")
_REACHING = "cpo, evse_key, user_pseudonym, start_date_time, end_date_time, is_warned, counts_in_all"
"""What occupancy asks of a session."""
_SQL = {view.name: view.sql for view in VIEWS}


_ID = pa.uint64()
_MOMENT = pa.timestamp("us", "UTC")
FIRST_SESSION = pa.schema([("cpo", pa.string()), ("evse_key", _ID), ("first_start", _MOMENT)])
"""When each EVSE's first session in a month began."""
REACHING_SESSION = pa.schema(
    [
        ("cpo", pa.string()),
        ("evse_key", _ID),
        ("user_pseudonym", _ID),
        ("start_date_time", _MOMENT),
        ("end_date_time", _MOMENT),
        ("is_warned", pa.bool_()),
        ("counts_in_all", pa.bool_()),
    ]
)
"""Sessions that reach out of the month in which they began."""
_SERVICE_BY_MONTH = f"""
WITH newest AS (SELECT cpo, max(last_seen) AS night FROM evses GROUP BY cpo),
asked AS (
    SELECT *, unnest(generate_series(
        date_trunc('month', in_service_from {LOCAL}),
        date_trunc('month', greatest(in_service_until {LOCAL}, night::TIMESTAMP)),
        INTERVAL 1 MONTH
    )) AS opens
    FROM service JOIN newest USING (cpo)
),
bounded AS (
    SELECT *, (opens + INTERVAL 1 MONTH) {LOCAL} AS closes, (opens + INTERVAL 1 MONTH)::DATE - 1 AS last_day FROM asked
)
SELECT strftime(opens, '%Y-%m'), sum(hash(
    cpo, evse_key, power_class, {", ".join(f"{name}::VARCHAR" for name in AREAS)}, in_service_from,
    least(in_service_until, closes), is_current AND in_service_until < closes, least(night, last_day)
)::HUGEINT)::VARCHAR
FROM bounded GROUP BY opens
"""


def write_first_sessions(connection: duckdb.DuckDBPyConnection, paths: list[Path], place: Path) -> None:
    """Write FIRST_SESSION of a month from its curated files."""
    see_cdrs(connection, paths)
    found = connection.sql(
        f"SELECT cpo, {_number('evse_key')}, min(start_date_time) AS first_start FROM cdrs WHERE evse_key IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL"
    )
    write_ordered(found, FIRST_SESSION, place)


class MonthTables:
    """The narrow tables in a connection. Months are held one at a time, in order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake: Lake, first_sessions: Iterable[Path]) -> None:
        """`first_sessions`: the files of each month's first sessions."""
        self._connection = connection
        self._files = cdr_files(lake)
        self._hold_charge_points(lake, list(first_sessions))

    def months(self) -> list[str]:
        """Every month of which there is something to tell, in order."""
        first, last = self._connection.execute(
            "SELECT min(in_service_from), greatest(max(in_service_until), (SELECT max(last_seen)::TIMESTAMPTZ FROM evses)) "
            "FROM service"
        ).fetchall()[0]
        return sorted({*self._files, *([] if first is None else months_between(_month_of(first), _month_of(last)))})

    def service_by_month(self) -> dict[str, str]:
        """Month -> a sum over all that its figures take from the charge points and their time in service."""
        return dict(self._connection.execute(_SERVICE_BY_MONTH).fetchall())

    def hold(self, month: str, reaching: Collection[Path]) -> None:
        """Make the table `held_session` of a month, and the views of it that the KPIs' relations are made of.

        `reaching`: the files of sessions that reach out of earlier months into this one.
        """
        self._hold_sessions(self._files.get(month, []))
        start, _ = month_bounds(month)
        self._connection.execute(
            f"""
            CREATE OR REPLACE TEMP VIEW session AS
            SELECT {_REACHING}, {text(month)} AS month, NULL AS cdr_id FROM held_session
            """
            + (
                f"UNION ALL SELECT {_REACHING}, NULL, NULL FROM read_parquet({files(reaching)}, hive_partitioning = false) "
                f"WHERE end_date_time > {_moment(start)}"
                if reaching
                else ""
            )
        )
        for name in _OF_A_MONTH:
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {of_month(_SQL[name], month)}")

    def rows(self, relation: str, columns: Collection[str]) -> str:
        """The name of a table with a relation's rows in the month that is held; it stands until the next is asked for."""
        if relation == "session":
            return "held_session"
        wanted = ", ".join(name for name in columns if name not in ("cpo", "counts_in_all", *AREAS))
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE held_use AS SELECT cpo::point_cpo AS cpo, counts_in_all, {_AREAS}, {wanted} "
            f"FROM {relation}"
        )
        return "held_use"

    def write_reaching(self, month: str, path: Path) -> str:
        """Write the sessions that reach out of the month that is held; says when the last of them ends, if any."""
        columns = _REACHING.replace("cpo,", "cpo::VARCHAR AS cpo,")
        end = _moment(month_bounds(month)[1])
        found = f"SELECT {columns} FROM held_session WHERE end_date_time > {end}"
        write_ordered(self._connection.sql(f"{found} ORDER BY ALL"), REACHING_SESSION, path)
        ((last,),) = self._connection.execute(f"SELECT max(end_date_time) FROM ({found})").fetchall()
        return "" if last is None else str(last.isoformat())

    def _has(self, table: str) -> bool:
        return bool(self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    def _hold_charge_points(self, lake: Lake, first_sessions: list[Path]) -> None:
        create_evses(self._connection, lake)
        self._connection.execute("ALTER TABLE evses RENAME TO evses_by_name")
        self._enumerate("point", "evses_by_name")
        self._connection.execute(
            f"CREATE TEMP TABLE evses AS SELECT cpo, {_number('evse_key')}, power_class, {_numbers('point')}, valid_from, "
            "valid_to, end_reason, last_seen FROM evses_by_name"
        )
        self._connection.execute("DROP TABLE evses_by_name")
        typed_view(self._connection, "first_of_months", FIRST_SESSION, first_sessions)
        self._connection.execute(
            "CREATE TEMP TABLE first_session AS SELECT cpo, evse_key, min(first_start) AS first_start "
            "FROM first_of_months GROUP BY cpo, evse_key"
        )
        for name in _OF_ALL_MONTHS:
            self._connection.execute(f"CREATE TEMP TABLE {name} AS {_SQL[name]}")

    def _hold_sessions(self, paths: list[Path]) -> None:
        """Each session once. Those that come more than once are few, and told apart by themselves."""
        self._connection.execute("DROP TABLE IF EXISTS held_session")
        see_cdrs(self._connection, paths)
        self._enumerate("session", "cdrs")
        told = f"hash({SAME})"
        columns = (
            f"{_number('evse_key')}, {_number('user_pseudonym')}, cpo::session_cpo AS cpo, {_numbers('session')}, token_type, "
            "start_date_time, end_date_time, energy_kwh, connection_us, charging_us, is_warned, counts_in_all"
        )
        each = sessions(f"(SELECT *, {told} AS told FROM cdrs)", "true", ", told")
        self._connection.execute(f"CREATE TEMP TABLE held_session AS SELECT {columns}, told FROM ({each})")
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE twin AS SELECT told FROM held_session GROUP BY told HAVING count(*) > 1"
        )
        if self._has("twin"):
            self._connection.execute("DELETE FROM held_session WHERE told IN (FROM twin)")
            twins = once(f"(SELECT * FROM cdrs WHERE {told} IN (FROM twin))")
            self._connection.execute(f"INSERT INTO held_session SELECT {columns}, NULL FROM ({twins})")
        self._connection.execute("ALTER TABLE held_session DROP COLUMN told")

    def _enumerate(self, of: str, relation: str) -> None:
        """Make the types of the CPOs and areas of a relation; ALL and an area without a name are among them."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE name AS SELECT DISTINCT cpo, {_AREAS} FROM {relation}")
        for column in ("cpo", *AREAS):
            self._connection.execute(f"DROP TYPE IF EXISTS {of}_{column}")
            self._connection.execute(
                f"CREATE TYPE {of}_{column} AS ENUM (SELECT DISTINCT name FROM (SELECT {column} AS name FROM name "
                f"UNION SELECT '{ALL}') WHERE name IS NOT NULL ORDER BY name)"
            )
        self._connection.execute("DROP TABLE name")


def _number(column: str) -> str:
    """SQL: a name as a number; none where there is none."""
    return f"CASE WHEN {column} IS NOT NULL THEN hash({column}) END AS {column}"


def _numbers(of: str) -> str:
    return ", ".join(f"{column}::{of}_{column} AS {column}" for column in AREAS)


def _month_of(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m}"


def _moment(moment: datetime) -> str:
    return f"{text(moment.isoformat())}::TIMESTAMPTZ"
