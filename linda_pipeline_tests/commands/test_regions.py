"""`linda regions` from the command line's side: what is written, and what a user hears who asked for nothing that is there."""

from __future__ import annotations

import csv
from html import unescape
from pathlib import Path

import pytest

from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.commands.published_lake import lake_in, linda, linda_process
from linda_pipeline_tests.deliveries import cdr, judged, raw_pull


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_in(tmp_path_factory.mktemp("regions"), tmp_path_factory)


def test_every_reader_gets_a_folder_whose_figures_add_up(lake: Lake, tmp_path: Path) -> None:
    outcome = linda_process(lake.root, "regions", "--out", str(tmp_path / "out"))
    assert outcome.returncode == 0, outcome.stderr
    pages = [Path(line) for line in outcome.stdout.splitlines()]
    assert "eigenaar-eindhoven" in {page.parent.name for page in pages}
    with (tmp_path / "out" / "eigenaar-eindhoven" / "aantallen.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    received = sum(int(row["aangeleverd"]) for row in rows if row["soort"] == "CDR's")
    rejected = sum(int(row["afgekeurd"]) for row in rows if row["soort"] == "CDR's")
    assert rejected > 0
    page = unescape((tmp_path / "out" / "eigenaar-eindhoven" / "rapport.html").read_text(encoding="utf-8"))
    verb = "is" if rejected == 1 else "zijn"
    assert f"Van {received} CDR's {verb} er {rejected} afgekeurd." in page


def test_a_window_without_deliveries_is_named(lake: Lake, tmp_path: Path) -> None:
    outcome = linda(lake.root, "regions", "--out", str(tmp_path / "out"), "--window", "2020-01-06")
    assert outcome.returncode == 2
    assert "There is no judged delivery of 2020-01-06" in outcome.stderr
    assert "`linda deliveries` lists those that there are." in " ".join(outcome.stderr.split())


def test_a_folder_that_cannot_be_made_is_named(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    outcome = linda(lake.root, "regions", "--out", str(tmp_path / "out"))
    assert outcome.returncode == 2
    assert "Give --out another folder." in " ".join(outcome.stderr.split())


def test_figures_that_belong_to_nobody_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "cpos.toml").write_text(
        '[cpo.NL-ABC]\nname = "x"\nversions_url = "https://ocpi.example.nl/ocpi/versions"\n'
    )
    lake = Lake(tmp_path / "lake")
    judged(lake, raw_pull(lake, [cdr(1, latitude="50.1", longitude="3.1")]))
    outcome = linda(lake.root, "regions", "--out", str(tmp_path / "out"))
    assert outcome.returncode == 2
    assert "Check the areas (LINDA_AREAS) and the permissions in the register." in " ".join(outcome.stderr.split())
