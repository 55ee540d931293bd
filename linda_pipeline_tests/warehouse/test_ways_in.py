"""The curated folders open with the shortest call of each reader that docs/analyst.md names, and give the same rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.compute import compute_kpis
from linda_pipeline.warehouse.curate_cdrs import CDR_FILE, CURATED_CDR, curate_cdrs
from linda_pipeline.warehouse.curate_locations import CURATED_EVSE, EVSE_FILE, curate_locations
from linda_pipeline.warehouse.one_schema import bring_to_one_schema
from linda_pipeline.warehouse.publish import publish
from linda_pipeline.warehouse.published_tables import TABLES
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import accept_cdrs, accept_night, cdr, evse

FOLDERS = ("cdrs", "evses", "locations")
Read = Callable[[Path], set[tuple[str, int]]]
"""A folder -> its rows, counted by CPO."""


def with_pandas(folder: Path) -> set[tuple[str, int]]:
    frame: Any = pd.read_parquet(folder)
    return {(str(cpo), int(count)) for cpo, count in frame["cpo"].value_counts().items() if count}


def with_polars(folder: Path) -> set[tuple[str, int]]:
    return set(pl.read_parquet(folder)["cpo"].value_counts().iter_rows())


def with_polars_lazily(folder: Path) -> set[tuple[str, int]]:
    return set(pl.scan_parquet(folder).group_by("cpo").len().collect().iter_rows())


def with_duckdb(folder: Path) -> set[tuple[str, int]]:
    with duckdb.connect() as connection:
        return set(connection.sql(f"SELECT cpo, count(*) FROM '{folder}/**/*.parquet' GROUP BY cpo").fetchall())


def with_arrow(folder: Path) -> set[tuple[str, int]]:
    """What R's arrow::open_dataset does: the same library, with partitions as it takes them by default."""
    table = ds.dataset(folder, format="parquet", partitioning="hive").to_table()
    counted = table.group_by("cpo").aggregate([("cpo", "count")])
    return set(zip(counted["cpo"].to_pylist(), counted["cpo_count"].to_pylist(), strict=True))


READERS = [with_pandas, with_polars, with_polars_lazily, with_duckdb, with_arrow]


def fill(lake: Lake) -> None:
    accept_cdrs(lake, [cdr(f"A{n}", f"2026-11-10 {n:02}:00", f"2026-11-10 {n:02}:50") for n in range(10)])
    accept_cdrs(lake, [cdr("O", "2026-10-02 08:00", "2026-10-02 09:00", credit=False)], window=date(2026, 9, 28))
    accept_cdrs(
        lake, [cdr("X", party_id="XYZ", evse_id="NL*XYZ*E1", plausibility_warnings=["no_overlap"])], cpo="NL-XYZ"
    )
    accept_cdrs(lake, [], cpo="NL-NON")
    for cpo in ("NL-ABC", "NL-XYZ"):
        accept_night(lake, "2026-11-08", [evse(1), evse(2)], cpo=cpo)
    for cpo in ("NL-ABC", "NL-XYZ", "NL-NON"):
        curate_cdrs(lake, cpo, demo_areas())
        curate_locations(lake, cpo, demo_areas())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("ways") / "lake")
    fill(lake)
    return lake


EXPECTED = {
    "cdrs": {("NL-ABC", 11), ("NL-XYZ", 1)},
    "evses": {("NL-ABC", 2), ("NL-XYZ", 2)},
    "locations": {("NL-ABC", 1), ("NL-XYZ", 1)},
}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_curated_folder_opens_with_the_shortest_call(filled: Lake, folder: str, read: Read) -> None:
    assert read(filled.root / "curated" / folder) == EXPECTED[folder]


def test_every_file_has_one_schema_and_stands_in_a_partition_and_cpo_and_month_stand_in_the_path_alone(
    filled: Lake,
) -> None:
    curated = filled.root / "curated"
    paths = sorted(str(path.relative_to(curated)) for path in curated.rglob("*.parquet"))
    assert paths == [
        "cdrs/cpo=NL-ABC/month=2026-10/part-00001.parquet",
        "cdrs/cpo=NL-ABC/month=2026-11/part-00001.parquet",
        "cdrs/cpo=NL-XYZ/month=2026-11/part-00001.parquet",
        *(f"{name}/cpo=NL-{cpo}/part-00001.parquet" for name in FOLDERS[1:] for cpo in ("ABC", "NON", "XYZ")),
    ]
    schemas = [pq.read_schema(curated / path) for path in paths if path.startswith("cdrs/")]
    assert all(schema.equals(CDR_FILE) for schema in schemas)
    assert not {"cpo", "month"} & set(CDR_FILE.names)


def blocks(language: str, lake: Lake) -> list[str]:
    """The examples of a language on the page for analysts, with a lake in the place of data/lake."""
    page = (Path(__file__).parents[2] / "docs" / "analyst.md").read_text(encoding="utf-8")
    return [block.replace("data/lake", str(lake.root)) for block in re.findall(rf"```{language}\n(.*?)```", page, re.S)]


def test_every_example_in_sql_on_the_page_for_analysts_runs_from_any_folder(
    filled: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compute_kpis(filled)
    publish(filled, rules={}, areas=demo_areas(), register={})
    monkeypatch.chdir(tmp_path)
    found = []
    with duckdb.connect() as connection:
        for statement in ";\n".join(blocks("sql", filled)).split(";\n"):
            if statement.strip():
                found.append(connection.execute(statement).fetchall())
    assert found[0] == [], "ATTACH"
    assert len(found) > 6
    assert all(found[1:]), "each says something about a small lake"


def test_every_example_in_python_on_the_page_for_analysts_runs(filled: Lake) -> None:
    heights = []
    for block in blocks("python", filled):
        names: dict[str, Any] = {}
        exec(block, names)
        heights += [len(value) for name, value in names.items() if name in ("cdrs", "november")]
    assert heights == [12, 11, 12]


def test_every_table_and_view_stands_on_the_page_for_analysts() -> None:
    page = (Path(__file__).parents[2] / "docs" / "analyst.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", page, flags=re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} == set(TABLES)
    assert 'open_dataset("data/lake/curated/cdrs")' in page


def as_before(lake: Lake) -> None:
    """The curated files as the version before wrote them: the CPO in each, no keys or owners, an empty file at the root."""
    news = ("evse_key", "owner_id", "permission_document", "plausibility_warnings", "month")
    for folder, schema in (("cdrs", CURATED_CDR), ("evses", CURATED_EVSE)):
        old = pa.schema([field for field in schema if field.name not in news])
        for path in (lake.root / "curated" / folder).rglob("*.parquet"):
            cpo = path.relative_to(lake.root / "curated" / folder).parts[0].removeprefix("cpo=")
            table = pq.ParquetFile(path).read()
            table = table.append_column("cpo", pa.repeat(cpo, table.num_rows)).select(old.names)
            pq.write_table(table, path)
        if folder == "cdrs":
            pq.write_table(old.empty_table(), lake.root / "curated" / folder / "empty.parquet")


def test_a_lake_of_the_version_before_is_brought_to_one_schema_with_its_rows(lake: Lake) -> None:
    fill(lake)
    path = lake.curated("cdrs", "NL-ABC", "2026-11")
    before = pq.ParquetFile(path).read()
    as_before(lake)
    touched = bring_to_one_schema(lake)
    assert len(touched) == 1 + 3 + 3
    after = pq.ParquetFile(path).read()
    assert after.schema.equals(CDR_FILE)
    kept = [name for name in CDR_FILE.names if name != "plausibility_warnings"]
    assert after.select(kept).equals(before.select(kept))
    assert pq.read_schema(lake.curated("evses", "NL-ABC")).equals(EVSE_FILE)
    assert [read(lake.root / "curated" / "cdrs") for read in READERS] == [EXPECTED["cdrs"]] * len(READERS)
    assert bring_to_one_schema(lake) == []


def test_publishing_on_a_lake_of_the_version_before_gives_the_figures_of_a_new_one(lake: Lake, tmp_path: Path) -> None:
    told = []
    for one, is_old in ((lake, True), (Lake(tmp_path / "new"), False)):
        fill(one)
        if is_old:
            as_before(one)
        compute_kpis(one)
        publish(one, rules={}, areas=demo_areas(), register={})
        with open_readonly(one) as connection:
            told.append(connection.sql("SELECT * EXCLUDE (share_warned) FROM kpi ORDER BY ALL").fetchall())
    assert told[0] == told[1]
    assert len(told[0]) > 100
