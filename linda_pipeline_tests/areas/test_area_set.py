"""Coordinates looked up in area files: municipalities, cells, and folders that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.areas.area_set import COLUMNS, AreasUnusable, cells_500m, read_areas
from linda_pipeline_tests.deliveries import demo_areas


def test_the_cells_of_the_definition_come_out() -> None:
    assert demo_areas().locate([52.3731], [4.8932])["cbs_cell_500m"].to_pylist() == ["E1210N4870"]
    assert cells_500m([155_000.0], [463_000.0]).to_pylist() == ["E1550N4630"]


@given(st.integers(0, 579), st.integers(600, 1259), st.floats(0, 499.99), st.floats(0, 499.99))
def test_a_cell_holds_its_lower_left_corner_and_not_its_upper_right(
    column: int, row: int, dx: float, dy: float
) -> None:
    name = f"E{column * 5:04d}N{row * 5:04d}"
    assert cells_500m([column * 500.0, column * 500 + dx], [row * 500.0, row * 500 + dy]).to_pylist() == [name, name]
    assert cells_500m([column * 500 + 500.0], [row * 500.0]).to_pylist() != [name]


def test_what_is_missing_or_abroad_lies_nowhere() -> None:
    latitude = pa.array([None, float("nan"), 0.0, 91.0, 48.8566, float("inf")])
    longitude = pa.array([5.0, 5.0, 0.0, 5.0, 2.3522, 5.0])
    located = demo_areas().locate(latitude, pa.chunked_array([longitude]))
    assert located.schema.equals(COLUMNS)
    assert all(set(row.values()) == {None} for row in located.to_pylist())


def test_no_coordinates_give_no_rows() -> None:
    assert demo_areas().locate(pa.array([], pa.float64()), pa.array([], pa.float64())).num_rows == 0


def test_equal_coordinates_get_equal_areas_in_the_order_asked() -> None:
    latitude, longitude = [52.0907, 51.4416, 52.0907], [5.1214, 5.4697, 5.1214]
    codes = demo_areas().locate(latitude, longitude)["gemeente_code"].to_pylist()
    assert codes == ["GM9901", "GM9902", "GM9901"]


def test_the_areas_of_the_demo_are_told_by_name() -> None:
    rows = demo_areas().table().to_pylist()
    assert rows[0]["area_code"] == "NL"
    assert {row["area_name"] for row in rows if row["area_level"] == "gemeente"} == {
        "Zonnestad",
        "Lichtdam",
        "Noorderlaad",
        "Waterveen",
    }
    assert {row["area_code"] for row in rows if row["area_level"] == "nal_region"} == {
        "G4",
        "Zuid",
        "Noord",
        "Noordwest",
    }


def test_made_up_areas_step_back_for_real_ones(tmp_path: Path) -> None:
    demo = Path(__file__).parents[2] / "data" / "reference" / "areas" / "demo_gemeenten.geojson"
    (tmp_path / demo.name).write_bytes(demo.read_bytes())
    real = json.loads(demo.read_text(encoding="utf-8"))
    real.pop("made_up")
    for feature in real["features"]:
        feature["properties"]["gemeentecode"] = feature["properties"]["gemeentecode"].replace("GM99", "GM00")
    (tmp_path / "real.geojson").write_text(json.dumps(real), encoding="utf-8")
    assert read_areas(tmp_path).locate([52.0907], [5.1214])["gemeente_code"].to_pylist() == ["GM0001"]


def test_of_several_years_the_newest_holds(tmp_path: Path) -> None:
    for year, code in ((2024, "GM0001"), (2025, "GM0002")):
        (tmp_path / f"gemeente_{year}.geojson").write_text(json.dumps(square(gemeentecode=code)), encoding="utf-8")
    row = read_areas(tmp_path).locate([52.5], [5.5]).to_pylist()[0]
    assert (row["gemeente_code"], row["area_year"]) == ("GM0002", 2025)


def test_on_a_shared_border_the_lowest_code_holds(tmp_path: Path) -> None:
    for code, west in (("GM0002", 5.0), ("GM0001", 6.0)):
        (tmp_path / f"{code}.geojson").write_text(json.dumps(square(west, gemeentecode=code)), encoding="utf-8")
    assert read_areas(tmp_path).locate([52.5, 52.5], [6.0, 5.5])["gemeente_code"].to_pylist() == ["GM0001", "GM0002"]


def square(west: float = 5.0, **properties: str) -> dict[str, object]:
    shape = json.loads(shapely.to_geojson(shapely.box(west, 52, west + 1, 53)))
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": properties, "geometry": shape}]}


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"features": [{"geometry": {"type": "Point"}, "properties": {"x": 1}}]}']
)
def test_an_area_file_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.geojson").write_text(content, encoding="utf-8")
    with pytest.raises(AreasUnusable, match=r"broken\.geojson"):
        read_areas(tmp_path)


@pytest.mark.parametrize("folder", ["", "does-not-exist"])
def test_a_folder_without_area_files_says_what_to_do(tmp_path: Path, folder: str) -> None:
    with pytest.raises(AreasUnusable, match="LINDA_AREAS"):
        read_areas(tmp_path / folder)


def test_real_municipalities_are_found_as_shapely_finds_them_one_by_one(real_borders: Path) -> None:
    areas = read_areas(real_borders)
    random = np.random.default_rng(7)
    longitude, latitude = random.uniform(3.4, 7.2, 300), random.uniform(50.8, 53.5, 300)
    content = json.loads((real_borders / "gemeente_2024_wgs84.geojson").read_text(encoding="utf-8"))
    shapes = {f["properties"]["gemeentecode"]: shapely.geometry.shape(f["geometry"]) for f in content["features"]}
    expected = [
        min((code for code, shape in shapes.items() if shape.covers(shapely.Point(x, y))), default=None)
        for x, y in zip(longitude, latitude, strict=True)
    ]
    located = areas.locate(latitude, longitude)
    assert located["gemeente_code"].to_pylist() == expected
    assert len(set(expected)) > 50
    dam = areas.locate([52.3731], [4.8932]).to_pylist()[0]
    assert (dam["gemeente_code"], dam["nal_region"], dam["stadsdeel"], dam["area_year"]) == (
        "GM0363",
        "G4",
        "Centrum",
        2024,
    )
    assert dam["buurt_code"].startswith("BU0363")
    assert dam["wijk_code"].startswith("WK0363")


def test_files_that_stand_as_they_were_are_read_once_and_a_changed_one_again(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "data" / "reference" / "areas"
    for path in shipped.glob("*.geojson"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    first = read_areas(tmp_path)
    assert read_areas(tmp_path) is first
    changed = sorted(tmp_path.glob("*.geojson"))[0]
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert read_areas(tmp_path) is not first
    changed.write_text("no GeoJSON")
    with pytest.raises(AreasUnusable, match="cannot be read as GeoJSON"):
        read_areas(tmp_path)
