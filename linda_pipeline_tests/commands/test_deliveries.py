"""`linda deliveries` and `linda held` from the command line's side."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.errors import InputMistake
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import (
    DELIVERY,
    LOCATIONS,
    cdr,
    judged,
    location,
    one_of_each,
    permitted,
    raw_pull,
)

REGISTER = """
[cpo.NL-ABC]
name = "Voorbeeld Laden B.V."
versions_url = "https://ocpi.example.nl/ocpi/versions"
"""


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    (tmp_path / "cpos.toml").write_text(REGISTER)
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.setenv("COLUMNS", "200")
    return Lake(tmp_path / "lake")


def ran(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(options))
    return result.exit_code, result.output


def test_deliveries_lists_every_attempt_with_what_became_of_it(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [cdr(1), cdr(2, total_energy_kwh=-1.0)]))
    code, output = ran("deliveries")
    assert code == 0, output
    assert DELIVERY.id in output
    assert "complete" in output


@pytest.mark.parametrize("command", ["deliveries", "held"])
def test_a_lake_that_is_looked_at_under_another_register_is_told(lake: Lake, tmp_path: Path, command: str) -> None:
    judged(lake, raw_pull(lake, [cdr(1)]))
    assert "Not in the register" not in ran(command)[1]
    (tmp_path / "cpos.toml").write_text(REGISTER.replace("NL-ABC", "NL-XYZ"))
    assert f"Not in the register, but in the lake {lake.root}: NL-ABC." in ran(command)[1]


def test_verify_finds_a_changed_page_with_exit_code_1(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    assert ran("deliveries", "--verify")[0] == 0
    (pull.folder / "page-00001.json.gz").write_bytes(b"x")
    code, output = ran("deliveries", "--verify")
    assert code == 1
    assert "page-00001.json.gz" in output


def test_a_missed_window_gives_exit_code_1_and_is_named(lake: Lake, tmp_path: Path) -> None:
    permission = (
        f'\n[[cpo.NL-ABC.permission]]\ndocument = "L"\nowner = "E"\nowner_kind = "cpo"\nfrom = {date(2025, 1, 1)}\n'
    )
    (tmp_path / "cpos.toml").write_text(REGISTER + permission)
    assert ran("deliveries", "--module", "locations")[0] == 0, "nothing is missed of what never began"
    raw_pull(lake, [location(1)], delivery=LOCATIONS)
    code, output = ran("deliveries", "--module", "locations")
    assert code == 1
    assert "missed locations/NL-ABC/" in output
    assert "it was never pulled" in output


def test_the_receipt_comes_in_the_language_of_the_cpo_or_the_one_asked(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [cdr(1)]))
    assert "Ontvangstbewijs" in ran("deliveries", "--receipt", DELIVERY.id)[1]
    assert "Receipt" in ran("deliveries", "--receipt", DELIVERY.id, "--language", "en")[1]


@pytest.mark.parametrize(
    "name", ["cdrs/NL-ABC", "cdrs/NL-ABC/2026-02-30", "x/NL-ABC/2026-11-09", "cdrs/NL-ABC/2026-11-09"]
)
def test_the_receipt_of_what_is_no_delivery_is_the_users_mistake(lake: Lake, name: str) -> None:
    assert isinstance(CliRunner().invoke(app, ["deliveries", "--receipt", name]).exception, InputMistake)


def test_held_tells_what_is_held_back_and_that_a_run_would_release_it(lake: Lake, tmp_path: Path) -> None:
    judged(lake, raw_pull(lake, [cdr(1), cdr(2)]), permitted())
    code, output = ran("held")
    assert code == 0, output
    assert "no permission of the data owner covers it" in output
    assert "have changed" not in output
    listed = ran("held", "--records", "--format", "csv")[1].splitlines()
    assert listed[1].startswith("cdrs/NL-ABC/2026-11-09,cdr,CDR-000001,no_permission")
    permission = '\n[[cpo.NL-ABC.permission]]\ndocument = "L"\nowner = "E"\nowner_kind = "cpo"\nfrom = 2025-01-01\n'
    (tmp_path / "cpos.toml").write_text(REGISTER + permission)
    assert "have changed for 1 deliveries" in ran("held")[1]


def test_a_module_that_is_none_is_the_users_mistake(lake: Lake) -> None:
    for command in ("held", "deliveries"):
        assert isinstance(CliRunner().invoke(app, [command, "--module", "tariffs"]).exception, InputMistake)


@pytest.mark.parametrize("command", ["deliveries", "held"])
@pytest.mark.parametrize(
    ("asked", "said"),
    [("nl-abc", "Did you mean NL-ABC?"), ("NL-ACB", "Did you mean NL-ABC?"), ("XX-999", "There are NL-ABC, NL-OLD.")],
)
def test_a_cpo_that_nobody_knows_is_told_with_those_that_are(lake: Lake, command: str, asked: str, said: str) -> None:
    raw_pull(lake, [cdr(1)])
    (lake.root / "ledger" / "cdrs" / "cpo=NL-OLD").mkdir(parents=True)  # it has left the register, and its data stay
    result = CliRunner().invoke(app, [command, "--cpo", asked])
    assert isinstance(result.exception, InputMistake)
    assert str(result.exception).startswith(f"There is no CPO {asked} in the register")
    assert str(result.exception).endswith(said)
    assert ran(command, "--cpo", "NL-OLD")[0] in (0, 1)


def test_deliveries_as_json_and_csv_hold_every_attempt_and_what_was_missed(lake: Lake, tmp_path: Path) -> None:
    judged(lake, raw_pull(lake, [cdr(1), cdr(2, total_energy_kwh=-1.0)]))
    raw_pull(lake, [location(1)], delivery=LOCATIONS)
    permission = '\n[[cpo.NL-ABC.permission]]\ndocument = "L"\nowner = "E"\nowner_kind = "cpo"\nfrom = 2025-01-01\n'
    (tmp_path / "cpos.toml").write_text(REGISTER + permission)
    code, output = ran("deliveries", "--format", "json")
    first, night, *missed = json.loads(output)
    assert code == 1
    assert (first["delivery"], first["outcome"], first["accepted"], first["rejected"]) == (
        DELIVERY.id,
        "complete",
        1,
        1,
    )
    assert (night["delivery"], night["accepted"]) == (LOCATIONS.id, None), "pulled, and not judged yet"
    assert {one["outcome"] for one in missed} == {"missed"}
    assert {one["why"] for one in missed} == {"it was never pulled", "it was pulled whole, but not judged"}
    rows = list(csv.DictReader(io.StringIO(ran("deliveries", "--format", "csv")[1])))
    assert [list(row) for row in rows] == [list(first)] * (2 + len(missed))


def test_what_lies_outside_the_window_is_counted_beside_the_buckets(lake: Lake) -> None:
    judged(lake, raw_pull(lake, *one_of_each()))
    (row,) = json.loads(ran("deliveries", "--module", "cdrs", "--format", "json")[1])
    assert row["outside_window"] == 1
    assert row["records"] == 1 + sum(row[name] for name in ("accepted", "rejected", "identical", "held_back"))
    assert "outside window" in ran("deliveries")[1]


@pytest.mark.parametrize("width", [80, 120])
def test_the_listings_fit_the_terminal(lake: Lake, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(lake, raw_pull(lake, *one_of_each()))
    monkeypatch.setenv("COLUMNS", str(width))
    for command in (["deliveries"], ["held"], ["held", "--records"]):
        sentences = ("missed", "The permissions")  # those the terminal wraps by itself
        table = [line for line in ran(*command)[1].splitlines() if not line.startswith(sentences)]
        assert len(table) > 3
        assert max(map(len, table)) <= width


def test_changed_pages_are_listed_for_machines_too(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    assert json.loads(ran("deliveries", "--verify", "--format", "json")[1]) == []
    (pull.folder / "page-00001.json.gz").write_bytes(b"x")
    code, output = ran("deliveries", "--verify", "--format", "json")
    assert code == 1
    assert json.loads(output)[0]["path"].endswith("page-00001.json.gz")


def test_held_as_json_counts_by_reason_and_lists_every_record(lake: Lake) -> None:
    judged(lake, raw_pull(lake, *one_of_each()))
    counted = json.loads(ran("held", "--format", "json")[1])
    assert {one["reason"]: one["records"] for one in counted} == {"home_charging": 1, "reservation_only": 1}
    each = json.loads(ran("held", "--records", "--format", "json")[1])
    assert {one["id"] for one in each} == {"CDR-000003", "CDR-000004"}
