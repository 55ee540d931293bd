"""linda.duckdb: what stands in it, what it says of itself, and that it is the same twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linda_pipeline.own_columns.declared import OWN_COLUMNS
from linda_pipeline.quality.rule import Rule, Severity, Source
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import Cpo, parse_register
from linda_pipeline.storage.engine import text
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.warehouse.compute import FIGURES, compute_kpis
from linda_pipeline.warehouse.curate_cdrs import CURATED_CDR, curate_cdrs
from linda_pipeline.warehouse.curate_locations import curate_locations
from linda_pipeline.warehouse.kpi import KPIS, VIEWS
from linda_pipeline.warehouse.publish import publish
from linda_pipeline.warehouse.published_tables import TABLES
from linda_pipeline.warehouse.sql import NoDatabase, open_readonly
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import accept_cdrs, accept_night, cdr, evse

RULE = Rule(
    "some_rule", "cdr", {"2.2.1": Severity.WARNING}, ("cdr_id",), "cdr_id", "nl", "en", "f", "f", Source("P", "CDR")
)
CONTRACT = {
    "cdrs",
    "evses",
    "locations",
    "deliveries",
    "findings",
    "area",
    "kpi_definition",
    "rule",
    "column_definition",
    "kpi",
}


def fill(lake: Lake) -> None:
    areas = demo_areas()
    accept_cdrs(lake, [cdr(f"A{n}", user_pseudonym=f"user {n % 3}", total_energy_kwh=0.1 * n) for n in range(40)])
    accept_cdrs(lake, [cdr("X", party_id="XYZ", evse_id="NL*XYZ*E1")], cpo="NL-XYZ")
    accept_night(lake, "2026-11-08", [evse(1), evse(2)])
    accept_night(lake, "2026-11-09", [evse(1), evse(2)])
    findings = pa.table(
        {
            **{name: ["x", "y"] for name in ("object", "id", "rule", "severity", "path", "value")},
            **{name: pa.array([1, None], pa.int32()) for name in ("page", "position")},
        }
    )
    with lake.transaction() as transaction:
        pq.write_table(findings, transaction.put(lake.table("findings", Delivery("cdrs", "NL-ABC", date(2026, 11, 9)))))
    for cpo in ("NL-ABC", "NL-XYZ"):
        curate_cdrs(lake, cpo, areas)
        curate_locations(lake, cpo, areas)


def register() -> Mapping[str, Cpo]:
    """Two CPOs with a permission from 2025 on."""
    permission = {"document": "D", "owner": "O", "owner_kind": "cpo", "from": date(2025, 1, 1)}
    block = {"name": "N", "versions_url": "https://example.nl/ocpi", "permission": [permission]}
    return parse_register({"cpo": {"NL-ABC": block, "NL-XYZ": block}})


def release(lake: Lake) -> dict[str, int]:
    compute_kpis(lake)
    return publish(lake, rules={"cdr.some_rule": RULE}, areas=demo_areas(), register=register())


def test_a_lake_without_data_gives_a_database_with_every_table_typed_and_empty(lake: Lake) -> None:
    rows = release(lake)
    assert set(rows) >= CONTRACT
    assert (rows["cdrs"], rows["kpi"], rows["deliveries"], rows["findings"]) == (0, 0, 0, 0)
    with open_readonly(lake) as connection:
        assert connection.sql("FROM cdrs LIMIT 0").to_arrow_table().schema.names == CURATED_CDR.names
        assert connection.sql("FROM kpi LIMIT 0").to_arrow_table().schema.equals(FIGURES)
    assert not list(lake.kpi.glob("*"))


def test_every_table_and_column_says_what_it_is(lake: Lake) -> None:
    fill(lake)
    release(lake)
    with open_readonly(lake) as connection:
        tables = connection.sql(
            "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        columns = connection.sql(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        defined = connection.sql("SELECT table_name, column_name FROM column_definition").fetchall()
    assert {name for name, _ in tables} == set(TABLES)
    assert [name for name, comment in tables if not comment] == []
    assert [(table, column) for table, column, comment in columns if not comment] == []
    assert sorted(defined) == sorted((table, column) for table, column, _ in columns)


def test_figures_carry_what_they_rest_on(lake: Lake) -> None:
    fill(lake)
    release(lake)
    with open_readonly(lake) as connection:
        rows = connection.sql(
            "SELECT value, unit, sessions, users, evses, coverage, status, as_known_on FROM kpi "
            "WHERE kpi_id = 'energy' AND month = '2026-11' AND area_level = 'nation' AND cpo = 'ALL'"
        ).fetchall()
        cells = connection.sql("SELECT DISTINCT cpo FROM kpi WHERE area_level = 'cell_500m'").fetchall()
        points = connection.sql(
            "SELECT value FROM kpi WHERE kpi_id = 'charge_points' AND area_code = 'GM9901' AND cpo = 'NL-ABC' "
            "AND dimension IS NULL"
        ).fetchall()
    # Both CPOs have a permission, and the window of 9 to 22 November is in.
    assert rows == [(88.0, "kWh", 41, 4, 2, 14 / 30, "provisional", date(2026, 11, 23))]
    assert cells == [("ALL",)]
    assert points == [(2.0,)]


def test_nothing_happened_is_told_only_where_deliveries_came_in(lake: Lake) -> None:
    accept_night(lake, "2026-11-08", [evse(1)])
    curate_locations(lake, "NL-ABC", demo_areas())
    release(lake)
    with open_readonly(lake) as connection:
        told = connection.sql("SELECT DISTINCT kpi_id, dimension FROM kpi ORDER BY ALL").fetchall()
    assert told == [("charge_points", "power=regular"), ("charge_points", None)]


def test_each_kpi_definition_in_the_database_gives_the_figures_in_the_database(lake: Lake) -> None:
    fill(lake)
    release(lake)
    with open_readonly(lake) as connection:
        definitions = connection.sql("SELECT kpi_id, sql FROM kpi_definition ORDER BY kpi_id").fetchall()
        assert {kpi_id for kpi_id, _ in definitions} == set(KPIS)
        for kpi_id, sql in definitions:
            keys = "month, area_level, area_code, cpo, statistic, dimension, value"
            pasted = connection.sql(f"SELECT {keys} FROM ({sql})").fetchall()
            stored = connection.sql(f"SELECT {keys} FROM kpi WHERE kpi_id = '{kpi_id}'").fetchall()
            assert sorted(pasted, key=str) == sorted(stored, key=str), kpi_id


@pytest.mark.parametrize("name", ["lake", "a lake [2026] it's *"])
def test_the_database_opens_with_duckdb_alone_from_any_folder(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / name)
    fill(lake)
    release(lake)
    (tmp_path / "elsewhere").mkdir()
    for folder in (tmp_path / "elsewhere", lake.root):
        monkeypatch.chdir(folder)
        with duckdb.connect(str(lake.database), read_only=True) as connection:
            assert connection.sql("SELECT count(*) FROM cdrs").fetchall() == [(41,)]
            assert connection.sql("SELECT count(*) FROM session").fetchall() == [(41,)]
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH {text(str(lake.database))} AS linda (READ_ONLY); USE linda")
            assert connection.sql("SELECT count(*) FROM cdrs WHERE month = '2026-11'").fetchall() == [(41,)]


def test_only_the_files_of_the_month_and_cpo_that_are_asked_for_are_opened(lake: Lake) -> None:
    fill(lake)
    accept_cdrs(lake, [cdr("O", "2026-12-02 08:00", "2026-12-02 09:00")], window=date(2026, 11, 23))
    curate_cdrs(lake, "NL-ABC", demo_areas())
    release(lake)
    for path in (lake.curated("cdrs", "NL-XYZ", "2026-11"), lake.curated("cdrs", "NL-ABC", "2026-12")):
        path.write_bytes(b"not Parquet any more")
    with open_readonly(lake) as connection:
        assert connection.sql("SELECT count(*) FROM cdrs WHERE cpo = 'NL-ABC' AND month = '2026-11'").fetchall() == [
            (40,)
        ]


def test_deliveries_and_findings_of_both_modules_stand_in_the_database(lake: Lake) -> None:
    fill(lake)
    rows = release(lake)
    assert (rows["deliveries"], rows["findings"], rows["rule"], rows["cpo"]) == (4, 2, 1, 2)
    with open_readonly(lake) as connection:
        found = connection.sql(
            'SELECT module, cpo, "window", rule, page FROM findings ORDER BY page NULLS FIRST'
        ).fetchall()
        delivered = connection.sql("SELECT delivery_id, accepted, evses_accepted, warnings FROM deliveries").fetchall()
    assert found == [
        ("cdrs", "NL-ABC", date(2026, 11, 9), "y", None),
        ("cdrs", "NL-ABC", date(2026, 11, 9), "x", 1),
    ]
    assert delivered[0] == ("cdrs/NL-ABC/2026-11-09", 40, None, 2)
    assert delivered[-1] == ("locations/NL-ABC/2026-11-09", 1, 2, 2)


def content(lake: Lake) -> dict[str, Any]:
    with open_readonly(lake) as connection:
        return {
            table: sorted(connection.sql(f'FROM "{table}"').fetchall(), key=str)
            for table in TABLES
            if table not in {v.name for v in VIEWS}
        }


def test_publishing_again_gives_the_same_bytes_and_the_same_content(lake: Lake) -> None:
    fill(lake)
    seen = []
    for _ in range(2):
        release(lake)
        digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(lake.kpi.iterdir())}
        seen.append((digests, content(lake)))
    assert seen[0] == seen[1]


def test_a_comment_says_what_the_table_or_column_is_in_that_table(lake: Lake) -> None:
    release(lake)
    with open_readonly(lake) as connection:
        columns = {
            (table, column): comment
            for table, column, comment in connection.sql(
                "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
            ).fetchall()
        }
        ((cdrs,),) = connection.sql("SELECT comment FROM duckdb_views() WHERE view_name = 'cdrs'").fetchall()
    assert "figure" in columns["kpi", "value"]
    assert "first two characters" in columns["findings", "value"]
    assert "ALL is all CPOs" in columns["kpi", "cpo"]
    assert "delivered" in columns["cdrs", "cpo"]
    assert "charging" not in columns["kpi", "reason"]
    assert "Still personal data" in columns["cdrs", "user_pseudonym"]
    assert "personal data" in cdrs
    assert "without personal data" not in cdrs
    other_words = {(table, column) for table, column in columns if f"{table}.{column}" in OWN_COLUMNS}
    assert {f"{table}.{column}" for table, column in other_words} == {name for name in OWN_COLUMNS if "." in name}


def test_figures_are_empty_with_a_reason(lake: Lake) -> None:
    accept_cdrs(lake, [cdr("A", total_parking_time_h=None)])
    curate_cdrs(lake, "NL-ABC", demo_areas())
    release(lake)
    with open_readonly(lake) as connection:
        found = connection.sql(
            "SELECT kpi_id, value, reason FROM kpi WHERE kpi_id IN ('charge_time_ratio', 'sessions') "
            "AND area_level = 'nation' AND cpo = 'ALL' ORDER BY ALL"
        ).fetchall()
        assert connection.sql("SELECT count(*) FROM kpi WHERE (value IS NULL) <> (reason IS NOT NULL)").fetchall() == [
            (0,)
        ]
    assert found == [("charge_time_ratio", None, "not_known"), ("sessions", 1.0, None)]


def test_the_table_of_rules_says_which_count_in_share_warned(lake: Lake) -> None:
    publish(lake, rules=RULES, areas=demo_areas(), register={})
    with open_readonly(lake) as connection:
        rows = connection.sql("SELECT rule FROM rule WHERE plausibility AND object = 'cdr'").fetchall()
    assert {"energy_plausible", "no_overlap"} <= {rule for (rule,) in rows}


def test_who_has_the_old_database_open_keeps_reading_it(lake: Lake) -> None:
    release(lake)
    with open_readonly(lake) as reader:
        fill(lake)
        release(lake)
        assert reader.sql("SELECT count(*) FROM deliveries").fetchall() == [(0,)]
    with open_readonly(lake) as reader:
        assert reader.sql("SELECT count(*) FROM deliveries").fetchall() == [(4,)]


def test_a_file_of_figures_that_an_earlier_version_left_disappears(lake: Lake) -> None:
    with lake.transaction() as transaction:
        pq.write_table(FIGURES.empty_table(), transaction.put(lake.kpi / "of_old.parquet"))
    compute_kpis(lake)
    assert list(lake.kpi.iterdir()) == []


def test_a_lake_without_a_database_says_how_to_make_one(lake: Lake) -> None:
    with pytest.raises(NoDatabase, match="linda run"):
        open_readonly(lake)


def test_no_personal_value_reaches_the_database(lake: Lake) -> None:
    fill(lake)
    release(lake)
    with open_readonly(lake) as connection:
        columns = {row[0] for row in connection.sql("SELECT column_name FROM column_definition").fetchall()}
    assert not columns & {"contract_id", "token_uid", "session_id", "meter_id", "remark", "signed_data"}
