"""`linda probe` from the command line's side: its exit codes, its files, and that it keeps nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.errors import InputMistake
from linda_pipeline.simulator.feed import Feed, Sent
from linda_pipeline_tests.ocpi.probing.bent_cpo import TOKEN, BentCpo, changed, feeds, without


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CPO_TOKEN", TOKEN)
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.chdir(tmp_path)


def test_a_healthy_cpo_gives_exit_code_0_and_no_lake(tmp_path: Path) -> None:
    with BentCpo("2.2.1") as cpo:
        ran = CliRunner().invoke(app, ["probe", cpo.versions_url, "--token-env", "CPO_TOKEN"])
    assert ran.exit_code == 0, ran.output
    assert "voldoet aan alle 39 getoetste eisen" in ran.output
    assert list(tmp_path.iterdir()) == []


def test_a_failed_requirement_gives_exit_code_1_and_stands_in_every_file(tmp_path: Path) -> None:
    with BentCpo("2.2.1", fault=without("Link")) as cpo:
        options = ["--token-env", "CPO_TOKEN", "--out", str(tmp_path / "out"), "--language", "en"]
        ran = CliRunner().invoke(app, ["probe", cpo.versions_url, *options])
    assert ran.exit_code == 1, ran.output
    assert "cdrs.next_link" in ran.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ketentest.html", "probe.html", "probe.json"]
    told = json.loads((tmp_path / "out" / "probe.json").read_text())
    assert [line["id"] for line in told["lines"] if line["outcome"] == "failed"] == ["cdrs.next_link"]
    assert told["counts"] == {"passed": 38, "failed": 1, "not_testable": 0}
    assert "Link ontbreekt terwijl er meer records zijn." in (tmp_path / "out" / "ketentest.html").read_text()
    assert "Link is missing though there are more records." in (tmp_path / "out" / "probe.html").read_text()


def test_a_defect_in_the_records_fails_the_line_of_the_sample_with_its_rule(tmp_path: Path) -> None:
    def spoilt(sent: Sent) -> Sent:
        record = json.loads(sent.body) | {"total_energy": -1}
        return Sent(sent.last_updated, json.dumps(record).encode())

    own = {"locations": feeds("2.2.1")["locations"], "cdrs": Feed(map(spoilt, feeds("2.2.1")["cdrs"].records))}
    with BentCpo("2.2.1", feeds=own) as cpo:
        ran = CliRunner().invoke(app, ["probe", cpo.versions_url, "--token-env", "CPO_TOKEN", "--out", "."])
    assert ran.exit_code == 1
    told = json.loads((tmp_path / "probe.json").read_text())
    (line,) = [line for line in told["lines"] if line["outcome"] == "failed"]
    assert line["id"] == "cdrs.sample_accepted"
    assert "60 van 60 CDR's" in line["seen_nl"]
    assert "total_energy_not_negative" in line["seen_en"]


def test_a_defect_in_an_evse_fails_the_sample_of_locations(tmp_path: Path) -> None:
    def spoilt(sent: Sent) -> Sent:
        record = json.loads(sent.body)
        record["evses"][-1]["evse_id"] = "laadpaal 7"
        return Sent(sent.last_updated, json.dumps(record).encode())

    own = {"cdrs": feeds("2.2.1")["cdrs"], "locations": Feed(map(spoilt, feeds("2.2.1")["locations"].records))}
    with BentCpo("2.2.1", feeds=own) as cpo:
        CliRunner().invoke(app, ["probe", cpo.versions_url, "--token-env", "CPO_TOKEN", "--out", "."])
    told = json.loads((tmp_path / "probe.json").read_text())
    (line,) = [line for line in told["lines"] if line["outcome"] == "failed"]
    assert line["id"] == "locations.sample_accepted"
    assert "evse_id_format" in line["seen_en"]


def test_a_server_that_cannot_be_reached_gives_exit_code_3() -> None:
    ran = CliRunner().invoke(app, ["probe", "http://127.0.0.1:1/versions", "--token-env", "CPO_TOKEN"])
    assert ran.exit_code == 3


@pytest.mark.parametrize("columns", [80, 120])
def test_what_rests_on_one_failure_is_told_together_and_the_verdict_before_what_to_do(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    only_sessions = changed(
        "2.2.1",
        lambda e: {**e, "data": {**e["data"], "endpoints": [{**e["data"]["endpoints"][1], "identifier": "sessions"}]}},
    )
    with BentCpo("2.2.1", only_sessions) as cpo:
        ran = CliRunner().invoke(app, ["probe", cpo.versions_url, "--token-env", "CPO_TOKEN"])
    assert ran.exit_code == 1
    rows = [line for line in ran.output.splitlines() if "eisen niet te" in line]
    assert len(rows) == 2, "one for each module that is not there"
    assert ran.output.index("De koppeling voldoet aan") < ran.output.index("✗ cdrs.module_announced")
    assert max(len(line) for line in ran.output.splitlines() if line.startswith(("│", "┃"))) <= columns


def test_a_server_that_nobody_named_is_asked_once_it_is_given_with_origin() -> None:
    with BentCpo("2.2.1") as other:
        there = {"url": "", "identifier": "cdrs", "role": "SENDER"}
        bend = changed("2.2.1", lambda e: {**e, "data": {**e["data"], "endpoints": [e["data"]["endpoints"][0], there]}})
        with BentCpo("2.2.1", bend) as cpo:
            there["url"] = f"{other.base}/ocpi/2.2.1/cdrs"
            options = ["probe", cpo.versions_url, "--token-env", "CPO_TOKEN", "--language", "en", "--out", "."]
            CliRunner().invoke(app, options)
            refused, asked = json.loads(Path("probe.json").read_text()), len(other.requests)
            CliRunner().invoke(app, [*options, "--origin", other.base])
            let_in = json.loads(Path("probe.json").read_text())
    assert [line["id"] for line in refused["lines"] if line["outcome"] == "failed"] == ["known_origins"]
    assert asked == 0
    assert "known_origins" in [line["id"] for line in let_in["lines"] if line["outcome"] == "passed"]
    assert len(other.requests) > 0


@pytest.mark.parametrize(
    "options",
    [
        ["http://127.0.0.1:1/v", "--token-env", "NOT_SET"],
        ["no-address", "--token-env", "CPO_TOKEN"],
        ["http://127.0.0.1:1/v", "--token-env", "CPO_TOKEN", "--ocpi", "9"],
        ["http://127.0.0.1:1/v", "--token-env", "CPO_TOKEN", "--language", "fr"],
        ["http://127.0.0.1:1/v", "--token-env", "CPO_TOKEN", "--origin", "b.nl"],
        ["http://127.0.0.1:1/v", "--token-env", "CPO_TOKEN", "--origin", "https://b.nl/ocpi"],
    ],
)
def test_what_cannot_be_asked_is_the_users_mistake(options: list[str]) -> None:
    assert isinstance(CliRunner().invoke(app, ["probe", *options]).exception, InputMistake)


def test_the_token_and_the_drivers_stand_in_no_file(tmp_path: Path) -> None:
    with BentCpo("2.2.1") as cpo:
        ran = CliRunner().invoke(app, ["probe", cpo.versions_url, "--token-env", "CPO_TOKEN", "--out", "."])
    texts = ran.output + "".join(path.read_text() for path in tmp_path.glob("*.*"))
    assert TOKEN not in texts
    for sent in feeds("2.2.1")["cdrs"].records[:60]:
        assert json.loads(sent.body)["cdr_token"]["contract_id"] not in texts
