"""`linda replay` as an operator types it: told first, nothing changed; then applied, with all that is made from it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from linda_pipeline import stations
from linda_pipeline.areas.area_set import read_areas
from linda_pipeline.cli import app
from linda_pipeline.quality.example import changed
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, KEY, REGISTER, WINDOW, delivered

pytestmark = pytest.mark.slow

AREAS = Path(__file__).parents[2] / "data" / "reference" / "areas"
NEXT = WINDOW + timedelta(days=14)


def _state(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two windows with all that is made from them; in the first, one total time is 61 seconds off."""
    folder = tmp_path_factory.mktemp("house")
    lake = Lake(folder / "lake")
    off = changed("cdr", "2.2.1", {"total_time_h": 3.5 + 61 / 3600})
    delivered(lake, [off, changed("cdr", "2.2.1", {"cdr_id": "CDR-2", "evse_uid": "2"})])
    later = {"cdr_id": "CDR-3", "evse_uid": "3", "last_updated": "2026-11-24T12:00:00Z"}
    delivered(lake, [changed("cdr", "2.2.1", later)], window=NEXT)
    for window in (WINDOW, NEXT):
        stations.report(lake, Delivery("cdrs", "NL-ABC", window), cpo_name=CPO.name)
    areas = read_areas(AREAS)
    stations.curate_cdrs(lake, areas)
    stations.compute_kpis(lake, {"NL-ABC": CPO})
    stations.publish(lake, {"NL-ABC": CPO}, areas)
    (folder / "cpos.toml").write_text(REGISTER)
    (folder / "trial.toml").write_text('version = "trial"\n[parameters]\ntotal_time_tolerance_s = 90\n')
    return folder


@pytest.fixture
def lake(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A copy of it, under this register."""
    shutil.copytree(house, tmp_path, dirs_exist_ok=True)
    for name, value in {
        "LINDA_LAKE": str(tmp_path / "lake"),
        "LINDA_CPOS": str(tmp_path / "cpos.toml"),
        "LINDA_AREAS": str(AREAS),
        "LINDA_PSEUDONYM_KEY": KEY.hex(),
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
    return Lake(tmp_path / "lake")


def _typed(*words: str) -> str:
    done = CliRunner().invoke(app, ["replay", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_difference_is_told_and_nothing_changes_until_it_is_applied(lake: Lake, tmp_path: Path) -> None:
    before = _state(lake.root)
    told = _typed("--profile", str(tmp_path / "trial.toml"))
    assert "2 deliveries judged again; 1 would differ." in told
    (line,) = [line for line in told.splitlines() if "total_time_matches" in line]
    assert line.split() == [
        *("NL-ABC", "cdr", "error", "total_time_matches"),
        *("1", "0", "-1"),
    ]
    assert "NL-ABC, accepted then, for instance: CDR-2026-000042" in told
    assert "Nothing was changed." in told
    assert _state(lake.root) == before


def test_for_machines_the_findings_per_cpo_and_rule_stand_alone(lake: Lake, tmp_path: Path) -> None:
    draft = ["replay", "--profile", str(tmp_path / "trial.toml"), "--format"]
    as_csv, as_json = (CliRunner().invoke(app, [*draft, form]) for form in ("csv", "json"))
    line = {"cpo": "NL-ABC", "object": "cdr", "severity": "error", "rule": "total_time_matches"}
    assert {**line, "now": 1, "then": 0, "difference": -1} in json.loads(as_json.stdout)
    read = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert {**line, "now": "1", "then": "0", "difference": "-1"} in read
    assert len(read) == len(json.loads(as_json.stdout))
    assert "2 deliveries judged again; 1 would differ." in as_csv.stderr


def test_every_record_that_a_draft_would_refuse_is_listed_per_cpo(lake: Lake, tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text(
        'version = "draft"\nvalid_from = 2027-01-01\n[parameters]\nlongest_session_h = 1\n'
        '[severity]\n"cdr.duration_plausible" = "error"\n'
    )
    told = _typed("--profile", str(draft), "--failing", str(tmp_path / "failing.csv"))
    listed = list(csv.DictReader((tmp_path / "failing.csv").open(encoding="utf-8")))
    assert "NL-ABC: 2 records that stand accepted would be refused." in told
    assert [(one["cpo"], one["delivery_id"], one["id"], one["rules"]) for one in listed] == [
        ("NL-ABC", "cdrs/NL-ABC/2026-11-09", "CDR-2", "duration_plausible"),
        ("NL-ABC", "cdrs/NL-ABC/2026-11-23", "CDR-3", "duration_plausible"),
    ]


def test_the_profile_in_force_is_that_of_the_operators_file(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "profile.toml"
    own.write_text(
        '[[profile]]\nversion = "own"\nvalid_from = 2026-11-10\n[profile.severity]\n"cdr.total_time_matches" = "off"\n'
    )
    assert "0 would differ" in _typed()
    monkeypatch.setenv("LINDA_PROFILE", str(own))
    told = _typed()
    assert ("total_time_matches" in told, "2 deliveries judged again" in told) == (True, True)


def test_applied_it_is_the_same_and_reports_curated_data_and_the_database_follow(lake: Lake, tmp_path: Path) -> None:
    before = _state(lake.root)
    told = _typed("--profile", str(tmp_path / "trial.toml"))
    applied = _typed("--profile", str(tmp_path / "trial.toml"), "--apply")
    assert applied.splitlines()[:-1] == told.splitlines()[: len(applied.splitlines()) - 1]
    after = _state(lake.root)
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    window = f"cdrs/cpo=NL-ABC/window={WINDOW}"
    assert {f"reports/{window}/summary.json", f"accepted/{window}/part-00001.parquet", "linda.duckdb"} <= differing
    # The report of the window after it compares itself with this one.
    assert f"reports/cdrs/cpo=NL-ABC/window={NEXT}/rapport.html" in differing
    assert any(name.startswith("curated/cdrs/") for name in differing)
    assert not any(name.startswith("raw/") for name in differing)
    with duckdb.connect(str(lake.root / "linda.duckdb"), read_only=True) as base:
        asked = f"SELECT accepted, rejected FROM deliveries WHERE \"window\" = '{WINDOW}'"
        assert base.sql(asked).fetchall() == [(2, 0)]
    assert "0 would differ" in _typed("--profile", str(tmp_path / "trial.toml"))
