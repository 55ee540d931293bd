"""linda.duckdb for analysts: built aside from what the lake holds, over a snapshot of its files, and swapped in whole.

Here: the tables, their comments and the definitions that ship with them. Not here: the figures (compute.py) and what leaves
for others than NDW. Rows are inserted in a fixed order, so that the same lake gives the same content.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.calendar import WINDOW_DAYS
from linda_pipeline.ledger.entry import BUCKETS, SEVERITIES, Judgement, judgements
from linda_pipeline.ledger.tables import ATTEMPTS, FINDINGS
from linda_pipeline.own_columns.declared import own_schema
from linda_pipeline.quality.rule import Rule
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.engine import files, prepare, text
from linda_pipeline.storage.lake import MODULES, Lake
from linda_pipeline.warehouse.compute import figures_of
from linda_pipeline.warehouse.coverage import PRESENCES, create_reliance, judged_deliveries
from linda_pipeline.warehouse.kpi import KPIS, VIEWS, create_views
from linda_pipeline.warehouse.months import PRESENCE
from linda_pipeline.warehouse.one_schema import bring_to_one_schema
from linda_pipeline.warehouse.published_tables import TABLES, comment, meaning
from linda_pipeline.warehouse.register_copies import register_tables
from linda_pipeline.warehouse.snapshots import leave_older, new_snapshot, same_as
from linda_pipeline.warehouse.sources import cdrs_of, create_evses, create_locations
from linda_pipeline.warehouse.typed_view import typed_view

_OF_JUDGEMENT = ("pulled_at", "complete", "ocpi_version", "profile_version", "outside_window", "due_date")
DELIVERIES = own_schema(
    "delivery_id",
    "module",
    "cpo",
    "window",
    "window_until",
    "pulled_at",
    "complete",
    "ocpi_version",
    "profile_version",
    "received",
    *BUCKETS,
    "evses_received",
    "evses_accepted",
    "outside_window",
    *(f"{severity}s" for severity in SEVERITIES),
    "due_date",
)
"""The columns of the table `deliveries`."""
_FINDINGS = pa.schema([*own_schema("module", "cpo", "window"), *FINDINGS])
_DEFINITIONS = ("version", "unit", "nl", "en", "formula_nl", "formula_en", "basis", "sql")


def publish(
    lake: Lake,
    *,
    rules: Mapping[str, Rule],
    areas: Areas,
    register: Mapping[str, Cpo],
    attempts: pa.Table | None = None,
    followed: Mapping[str, pa.Table] | None = None,
) -> dict[str, int]:
    """Publish a new snapshot and put its linda.duckdb in the place of the one that stands; says how many rows each table has.

    `rules`: the register of rules; `register`: the CPOs, whose permissions tell the days that are asked for; `attempts`: every
    pull that was tried; `followed`: what the register follows, as tables.
    Whoever has the old file open keeps reading the old one, and the files of its snapshot.
    """
    bring_to_one_schema(lake)
    with lake.scratch() as scratch, lake.transaction() as transaction:
        snapshot = new_snapshot(lake)
        path = transaction.put(snapshot / lake.database.name)
        config: dict[str, Any] = {"memory_limit": lake.memory_limit, "temp_directory": str(scratch)}
        with duckdb.connect(str(path), config=config) as connection:
            prepare(connection, lake.root)
            connection.execute(f"CREATE VIEW cdrs AS {cdrs_of(connection, snapshot)}")
            create_evses(connection, lake)
            create_locations(connection, lake)
            create_views(connection)
            _create(connection, "deliveries", _deliveries(lake))
            _create(connection, "attempts", ATTEMPTS.empty_table() if attempts is None else attempts)
            for name, table in register_tables(followed):
                _create(connection, name, table)
            _create_findings(connection, lake)
            _create(connection, "area", areas.table())
            _create(connection, "cpo", _cpos(register))
            typed_view(connection, "presence", PRESENCES, sorted(lake.months_book.parent.glob(f"*/{PRESENCE}.parquet")))
            create_reliance(connection, judged_deliveries(lake), register)
            connection.execute(f"CREATE VIEW kpi AS {figures_of(connection, snapshot)}")
            _create(connection, "kpi_definition", _kpi_definitions())
            _create(connection, "rule", _rules(rules))
            _create_column_definitions(connection)
            _comment(connection)
            rows = {
                table: int(connection.sql(f'SELECT count(*) FROM "{table}"').fetchall()[0][0])
                for table in TABLES
                if table not in {view.name for view in VIEWS}
            }
            connection.execute("CHECKPOINT")
        same_as(path, transaction.put(lake.database))
    leave_older(lake, snapshot)
    return rows


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("new_rows", table)
    connection.execute(f'CREATE TABLE "{name}" AS FROM new_rows')
    connection.unregister("new_rows")


def _deliveries(lake: Lake) -> pa.Table:
    rows = [_delivery(judgement) for module in MODULES for judgement in judgements(lake, module)]
    return pa.Table.from_pylist(rows, schema=DELIVERIES)


def _delivery(judgement: Judgement) -> dict[str, Any]:
    delivery, evses = judgement.delivery, judgement.counts.get("evses")
    days = WINDOW_DAYS if delivery.module == "cdrs" else 1
    return {
        "delivery_id": delivery.id,
        "module": delivery.module,
        "cpo": delivery.cpo,
        "window": delivery.window,
        "window_until": delivery.window + timedelta(days=days),
        **{name: getattr(judgement, name) for name in _OF_JUDGEMENT},
        **judgement.main.as_dict(),
        "evses_received": evses.received if evses else None,
        "evses_accepted": evses.accepted if evses else None,
        **{f"{severity}s": sum(judgement.of_severity(severity).values()) for severity in SEVERITIES},
    }


def _create_findings(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    _create(connection, "findings", _FINDINGS.empty_table())
    for module in MODULES:
        paths = [path for delivery in lake.judged(module) if (path := lake.table("findings", delivery)).exists()]
        if paths:
            connection.execute(
                f"""
                INSERT INTO findings BY NAME
                SELECT * EXCLUDE (filename), '{module}' AS module,
                    regexp_extract(filename, 'cpo=([^/]+)/window=[^/]+/[^/]+$', 1) AS cpo,
                    regexp_extract(filename, 'window=([0-9-]+)/[^/]+$', 1)::DATE AS "window"
                FROM read_parquet({files(paths)}, filename = true, hive_partitioning = false)
                ORDER BY cpo, "window", page, position, object, path, rule
                """
            )


def _cpos(register: Mapping[str, Cpo]) -> pa.Table:
    pairs = sorted((key, cpo.name) for key, cpo in register.items())
    return pa.table(
        [[cpo for cpo, _ in pairs], [name for _, name in pairs]],
        schema=own_schema("cpo", "cpo_name", table="cpo"),
    )


def _kpi_definitions() -> pa.Table:
    names = ("kpi_id", "definition_version", "unit", "name_nl", "name_en", "formula_nl", "formula_en", "basis", "sql")
    rows = [(kpi.id, *(getattr(kpi, name) for name in _DEFINITIONS)) for _, kpi in sorted(KPIS.items())]
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema=own_schema(*names, table="kpi_definition")
    )


def _rules(rules: Mapping[str, Rule]) -> pa.Table:
    texts = ("object", "rule", "severity", "versions", "demand_nl", "demand_en", "fix_nl", "fix_en", "source")
    schema = own_schema(*texts, "plausibility", "retired", table="rule")
    rows = [
        {
            "object": rule.object,
            "rule": rule.id,
            "severity": ", ".join(dict.fromkeys(map(str, (*rule.severity.values(), *rule.also)))),
            "versions": ", ".join(rule.severity),
            "demand_nl": rule.nl,
            "demand_en": rule.en,
            "fix_nl": rule.fix_nl,
            "fix_en": rule.fix_en,
            "source": str(rule.source),
            "plausibility": rule.plausibility,
            "retired": rule.retired,
        }
        for _, rule in sorted(rules.items())
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _columns_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    found = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index"
    ).fetchall()
    return [(str(table), str(column), str(kind)) for table, column, kind in found if table in TABLES]


def _create_column_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    names = ("table_name", "column_name", "type", "unit", "meaning_nl", "meaning_en")
    schema = own_schema(*names, table="column_definition")
    _create(connection, "column_definition", schema.empty_table())
    rows = []
    for table, column, kind in _columns_of(connection):
        meant = meaning(table, column)
        rows.append(dict(zip(names, (table, column, kind, meant.unit, meant.nl, meant.en), strict=True)))
    connection.register("new_rows", pa.Table.from_pylist(rows, schema=schema))
    connection.execute("INSERT INTO column_definition FROM new_rows")
    connection.unregister("new_rows")


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    views = {"cdrs", "kpi", *(view.name for view in VIEWS)}
    connection.execute("BEGIN")  # each of 350 comments would otherwise be written to the disk before the next
    for table, meant in TABLES.items():
        connection.execute(f'COMMENT ON {"VIEW" if table in views else "TABLE"} "{table}" IS {text(comment(meant))}')
    for table, column, _ in _columns_of(connection):
        connection.execute(f'COMMENT ON COLUMN "{table}"."{column}" IS {text(comment(meaning(table, column)))}')
    connection.execute("COMMIT")
