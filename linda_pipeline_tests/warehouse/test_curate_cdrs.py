"""From accepted rows to one version per CDR: credits, backfills, months, areas, and bytes that do not change."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linda_pipeline.ocpi.columns import PERSONAL
from linda_pipeline.storage import engine
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_cdrs import CDR_FILE, CURATED_CDR, curate_cdrs
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import LICHTDAM, accept_cdrs, cdr

EARLIER = date(2026, 10, 26)


def read(lake: Lake, month: str, cpo: str = "NL-ABC") -> pa.Table:
    return pq.ParquetFile(lake.curated("cdrs", cpo, month)).read()


def ids(lake: Lake, month: str) -> list[str]:
    return sorted(read(lake, month)["cdr_id"].to_pylist())


def test_every_accepted_row_is_accounted_for(lake: Lake) -> None:
    accept_cdrs(lake, [cdr("A"), cdr("B"), cdr("C", total_energy_kwh=9.0)], window=EARLIER)
    credit = cdr("CREDIT-B", credit=True, credit_reference_id="b")
    accept_cdrs(lake, [credit, cdr("B2"), cdr("c", total_energy_kwh=8.0)])
    counts = curate_cdrs(lake, "NL-ABC", demo_areas())
    assert (counts.accepted, counts.curated, counts.credits, counts.credited, counts.superseded) == (6, 3, 1, 1, 1)
    assert counts.adds_up
    assert ids(lake, "2026-11") == ["A", "B2", "C"]


def test_the_version_of_the_earlier_window_wins(lake: Lake) -> None:
    accept_cdrs(lake, [cdr("A", total_energy_kwh=2.0)])
    accept_cdrs(lake, [cdr("a", total_energy_kwh=1.0)], window=EARLIER)
    curate_cdrs(lake, "NL-ABC", demo_areas())
    assert read(lake, "2026-11")["total_energy_kwh"].to_pylist() == [1.0]


def test_a_credit_of_another_party_takes_nothing_back(lake: Lake) -> None:
    accept_cdrs(lake, [cdr("A"), cdr("X", party_id="ABD", credit=True, credit_reference_id="A")])
    counts = curate_cdrs(lake, "NL-ABC", demo_areas())
    assert (counts.credits, counts.credited, ids(lake, "2026-11")) == (1, 0, ["A"])


def test_a_cdr_of_ocpi_2_1_1_belongs_to_its_cpo(lake: Lake) -> None:
    old = cdr("A", country_code=None, party_id=None, ocpi_version="2.1.1")
    accept_cdrs(lake, [old], window=EARLIER)
    accept_cdrs(lake, [cdr("A")])
    assert curate_cdrs(lake, "NL-ABC", demo_areas()).superseded == 1


def test_the_month_is_the_local_month_of_the_start(lake: Lake) -> None:
    accept_cdrs(
        lake,
        [
            cdr("OCTOBER", "2026-10-31 22:59", "2026-11-01 05:00"),
            cdr("NOVEMBER", "2026-10-31 23:00", "2026-11-01 05:00"),
            cdr("SUMMER", "2026-06-30 22:00", "2026-07-01 05:00"),
        ],
    )
    assert curate_cdrs(lake, "NL-ABC", demo_areas()).months == {"2026-07": 1, "2026-10": 1, "2026-11": 1}
    assert (ids(lake, "2026-10"), ids(lake, "2026-11"), ids(lake, "2026-07")) == (["OCTOBER"], ["NOVEMBER"], ["SUMMER"])


def test_a_month_without_rows_disappears(lake: Lake) -> None:
    accept_cdrs(lake, [cdr("A"), cdr("B", "2026-10-02 08:00", "2026-10-02 09:00")])
    curate_cdrs(lake, "NL-ABC", demo_areas())
    accept_cdrs(lake, [cdr("A")])
    curate_cdrs(lake, "NL-ABC", demo_areas())
    assert lake.curated("cdrs", "NL-ABC", "2026-11").exists()
    assert not lake.curated("cdrs", "NL-ABC", "2026-10").exists()


def test_the_columns_are_those_of_the_contract_and_none_is_personal(lake: Lake) -> None:
    accept_cdrs(lake, [cdr("A")])
    curate_cdrs(lake, "NL-ABC", demo_areas())
    schema = read(lake, "2026-11").schema
    assert schema.equals(CDR_FILE)
    assert set(CURATED_CDR.names) - set(CDR_FILE.names) == {"cpo", "month"}
    assert not PERSONAL & set(schema.names)
    assert "location_last_updated" not in schema.names


def test_charge_points_get_the_areas_where_they_stand(lake: Lake) -> None:
    on_the_dam: dict[str, Any] = {"latitude": 52.3731, "longitude": 4.8932, "evse_id": "NL*ABC*E1"}
    elsewhere: dict[str, Any] = {"latitude": LICHTDAM[0], "longitude": LICHTDAM[1], "evse_id": "NL*ABC*E2"}
    nowhere: dict[str, Any] = {"latitude": 0.0, "longitude": 0.0, "evse_id": "NL*ABC*E3"}
    accept_cdrs(lake, [cdr("A", **on_the_dam), cdr("B", **elsewhere), cdr("C", **nowhere)])
    curate_cdrs(lake, "NL-ABC", demo_areas())
    table = read(lake, "2026-11")
    assert table["gemeente_code"].to_pylist() == ["GM9904", "GM9902", None]
    assert table["nal_region"].to_pylist() == ["Noordwest", "Zuid", None]
    assert table["cbs_cell_500m"].to_pylist()[::2] == ["E1210N4870", None]


def test_an_empty_delivery_leaves_no_file(lake: Lake) -> None:
    accept_cdrs(lake, [])
    counts = curate_cdrs(lake, "NL-ABC", demo_areas())
    assert (counts.accepted, counts.curated, counts.adds_up) == (0, 0, True)
    assert list((lake.root / "curated").rglob("*.parquet")) == []


def test_every_row_says_at_which_charge_point_and_whose_it_is(lake: Lake) -> None:
    accept_cdrs(
        lake,
        [
            cdr("A", evse_id="NL-abc-e1", owner_id="gemeente-zonnestad", permission_document="L-1"),
            cdr("B", evse_id=None, plausibility_warnings=["no_overlap"]),
        ],
    )
    curate_cdrs(lake, "NL-ABC", demo_areas())
    names = ["cdr_id", "evse_key", "owner_id", "permission_document", "plausibility_warnings"]
    rows = sorted(tuple(row.values()) for row in read(lake, "2026-11").select(names).to_pylist())
    assert rows == [
        ("A", "NLABCE1", "gemeente-zonnestad", "L-1", []),
        ("B", "LOC-1/1", None, None, ["no_overlap"]),
    ]


def test_accepted_rows_of_before_a_column_was_known_are_read_with_it_empty(lake: Lake) -> None:
    delivery = accept_cdrs(lake, [cdr("A")], window=EARLIER)
    path = lake.table("accepted", delivery)
    of_old = pq.ParquetFile(path).read().drop_columns(["owner_id", "plausibility_warnings", "total_parking_time_h"])
    pq.write_table(of_old, path)
    accept_cdrs(lake, [cdr("B")])
    curate_cdrs(lake, "NL-ABC", demo_areas())
    table = read(lake, "2026-11").sort_by("cdr_id")
    assert table["total_parking_time_h"].to_pylist() == [None, 0.5]
    assert table["plausibility_warnings"].to_pylist() == [None, []]


def test_curating_again_gives_the_same_bytes_in_order(lake: Lake) -> None:
    rows = [cdr(f"C{number:04d}", evse_id=f"NL*ABC*E{number * 7 % 13}") for number in range(3000)]
    accept_cdrs(lake, rows)
    digests = set()
    for _ in range(2):
        curate_cdrs(lake, "NL-ABC", demo_areas())
        digests.add(hashlib.sha256(lake.curated("cdrs", "NL-ABC", "2026-11").read_bytes()).hexdigest())
    table = read(lake, "2026-11")
    assert len(digests) == 1
    order = list(zip(table["evse_id"].to_pylist(), table["cdr_id"].to_pylist(), strict=True))
    assert order == sorted(order)


def test_row_groups_have_a_fixed_size_however_the_rows_arrive() -> None:
    schema = pa.schema([("x", pa.int64())])
    whole = pa.table({"x": range(200_000)}, schema=schema)
    pieces = [batch for size in (1000, 70_001, 128_999) for batch in _cut(whole, size)]
    groups = list(engine._row_groups(pieces, schema))
    assert [group.num_rows for group in groups[:-1]] == [engine.ROW_GROUP] * (len(groups) - 1)
    assert sum(group.num_rows for group in groups) == sum(piece.num_rows for piece in pieces)
    assert pc.sum(pa.concat_tables(groups)["x"]).as_py() == 3 * sum(range(200_000))


def _cut(table: pa.Table, size: int) -> list[pa.RecordBatch]:
    return list(table.to_batches(max_chunksize=size))
