"""`linda deliveries` and `linda held` from the command line's side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.errors import InputMistake
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.judging.raw_pulls import DELIVERY, LOCATIONS, cdr, judged, location, permitted, raw_pull

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
    assert (
        ran("held", "--records")[1].splitlines()[0].startswith("cdrs/NL-ABC/2026-11-09\tcdr\tCDR-000001\tno_permission")
    )
    permission = '\n[[cpo.NL-ABC.permission]]\ndocument = "L"\nowner = "E"\nowner_kind = "cpo"\nfrom = 2025-01-01\n'
    (tmp_path / "cpos.toml").write_text(REGISTER + permission)
    assert "have changed for 1 deliveries" in ran("held")[1]


def test_a_module_that_is_none_is_the_users_mistake(lake: Lake) -> None:
    for command in ("held", "deliveries"):
        assert isinstance(CliRunner().invoke(app, [command, "--module", "tariffs"]).exception, InputMistake)
