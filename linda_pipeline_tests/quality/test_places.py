"""Coordinates: in the country or not, and what a finding shows."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest
from shapely.geometry import shape

from linda_pipeline.quality.example import good_record
from linda_pipeline.quality.rules.places import in_netherlands
from linda_pipeline_tests.quality.judged import judge


@pytest.mark.parametrize(
    ("place", "latitude", "longitude"),
    [
        ("Amsterdam", 52.3731, 4.8926),
        ("Vaals", 50.7690, 6.0180),
        ("Schiermonnikoog", 53.4790, 6.1640),
        ("Retranchement", 51.3660, 3.3740),
        ("Kornwerderzand", 53.0750, 5.3350),
        ("Maasvlakte", 51.9500, 4.0000),
        ("Neeltje Jans", 51.6300, 3.7100),
        ("Bad Nieuweschans", 53.1800, 7.2050),
    ],
)
def test_the_corners_of_the_country_are_in_it(place: str, latitude: float, longitude: float) -> None:
    assert in_netherlands(np.array([latitude]), np.array([longitude])).to_pylist() == [True], place


@pytest.mark.parametrize(
    ("place", "latitude", "longitude"),
    [
        ("the Gulf of Guinea", 0.0, 0.0),
        ("Aachen", 50.7753, 6.0839),
        ("Antwerp", 51.2194, 4.4025),
        ("Emden", 53.3670, 7.2060),
        ("swapped", 4.8926, 52.3731),
        ("the North Sea", 53.0, 3.5),
    ],
)
def test_what_lies_outside_is_outside(place: str, latitude: float, longitude: float) -> None:
    assert in_netherlands(np.array([latitude]), np.array([longitude])).to_pylist() == [False], place


def test_the_outline_is_valid_small_and_names_its_source() -> None:
    text = files("linda_pipeline.quality").joinpath("netherlands.geojson").read_text(encoding="utf-8")
    outline = json.loads(text)
    assert shape(outline["geometry"]).is_valid
    assert len(text) < 60_000
    assert "CBS" in outline["properties"]["source"]
    assert "CC BY 4.0" in outline["properties"]["source"]


def test_a_finding_shows_both_coordinates_and_says_when_they_look_swapped() -> None:
    records = []
    for latitude, longitude in (("5.863410", "51.846870"), ("50.775300", "6.083900")):
        record = good_record("location", "2.2.1")
        record["coordinates"] = {"latitude": latitude, "longitude": longitude}
        records.append(record)
    found = judge("location", "2.2.1", records).found
    path = "coordinates.latitude"
    swapped = "5.863410, 51.846870 (omgewisseld? / swapped?)"
    assert found[0] == [("coordinates_in_netherlands", "error", path, swapped)]
    assert found[1] == [("coordinates_in_netherlands", "error", path, "50.775300, 6.083900")]
