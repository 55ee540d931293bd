"""The files for machines: complete, in order, safe to open, and the same bytes every time."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ledger.entry import NotJudged
from linda_pipeline.report import write_report
from linda_pipeline.report.files import CSV_COLUMNS, DUTCH_COLUMNS
from linda_pipeline.report.messages import json_text
from linda_pipeline.report.report_html import LANGUAGES
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.report.made_findings import Made, made_cdrs, made_locations, made_rules


def _report(made: Made) -> Path:
    delivery = made.write()
    with made.lake.transaction() as transaction:
        write_report(made.lake, delivery, cpo_name="Voorbeeld Laden B.V.", transaction=transaction, rules=made_rules(3))
    return made.lake.report(delivery)


def _csv(folder: Path, name: str = "findings.csv", delimiter: str = ",") -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _found(root: Path, values: list[str]) -> Made:
    """A delivery in which each of these values was found, in a CDR with that id."""
    made = Made(Lake(root))
    made.count("cdrs", len(values), rejected=len(values))
    for number, value in enumerate(values):
        made.find("postal_code_format", "error", value, 1, number, path="p", value=value)
        made.reject(value, 1, number, "{}")
    return made


def _rejected(folder: Path) -> list[dict[str, Any]]:
    with gzip.open(folder / "rejected.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_the_summary_has_the_keys_of_the_contract_in_their_order(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 500, 30)
    summary = json.loads((_report(made) / "summary.json").read_text(encoding="utf-8"))
    assert list(summary) == [
        *("delivery_id", "cpo", "module", "window", "pulled_at", "complete", "profile_version", "ocpi_version"),
        *("counts", "errors", "warnings", "infos", "by_rule", "rules_not_run", "due_date"),
    ]
    assert summary["window"] == {"from": "2026-11-09T00:00:00Z", "until": "2026-11-23T00:00:00Z"}
    assert list(summary["counts"]["cdrs"]) == ["received", "accepted", "rejected", "identical", "held_back"]
    assert summary["due_date"] == "2026-12-21"
    assert sum(summary["errors"].values()) == sum(one["severity"] == "error" for one in made.findings)


def test_every_finding_is_a_line_with_its_sentences(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 2_000, 300)
    lines = _csv(_report(made))
    assert len(lines) == len(made.findings)
    assert tuple(lines[0]) == CSV_COLUMNS
    line = next(line for line in lines if line["rule"] == "postal_code_format")
    assert line["message_nl"] == "De postcode staat niet in de vorm 1111 AA (gevonden: 3511AB)."
    assert line["message_en"] == "The postal code is not in the form 1111 AA (found: 3511AB)."
    assert line["fix_nl"] == "Zet een spatie tussen cijfers en letters."
    missing = next(line for line in lines if line["rule"] == "total_parking_time_required")
    assert missing["value"] == ""
    assert missing["message_nl"] == "Dit veld voldoet niet aan de regel total_parking_time_required."


def test_what_a_cpo_sent_stands_in_findings_csv_exactly(tmp_path: Path) -> None:
    values = ["=1+1", '@SUM(A1)\n"x"', "A;=1+1;B", "-4.50", "\u200b=1", " ", "'", "", "a,b"]
    folder = _report(_found(tmp_path, values))
    assert (folder / "findings.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [(line["id"], line["value"]) for line in _csv(folder)] == [(value, value) for value in values]


def test_a_message_names_what_nobody_sees_and_the_value_stays_as_it_was_sent(tmp_path: Path) -> None:
    values = ["Plein\u200b\xa01", "\ufeffPlein", "a\u2028b\xadc", "x\u2069\ufffd", "Caf\u00e9 1"]
    lines = _csv(_report(_found(tmp_path, values)))
    assert [line["value"] for line in lines] == values
    dutch, english = ([line[name].partition(": ")[2] for line in lines] for name in ("message_nl", "message_en"))
    assert dutch == [
        "Plein[spatie zonder breedte][vaste spatie]1).",
        "[byte order mark]Plein).",
        "a[regelscheiding]b[zacht afbreekstreepje]c).",
        "x[U+2069][verloren letter]).",
        "Caf\u00e9 1).",
    ]
    assert english[0] == "Plein[zero-width space][no-break space]1)."


def test_bevindingen_csv_opens_in_a_dutch_spreadsheet_with_every_finding_in_dutch(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 2_000, 300)
    made.find("delivery_complete", "error", None, None, None, object="delivery")
    folder = _report(made)
    dutch, exact = _csv(folder, "bevindingen.csv", ";"), _csv(folder)
    assert (folder / "bevindingen.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert tuple(dutch[0]) == tuple(DUTCH_COLUMNS)
    assert [line["id"] for line in dutch] == [line["id"] for line in exact]
    line = next(line for line in dutch if line["regel"] == "postal_code_format")
    assert (line["soort"], line["zwaarte"], line["gevonden"]) == ("CDR", "afkeuring", "3511AB")
    assert line["bevinding"] == "De postcode staat niet in de vorm 1111 AA (gevonden: 3511AB)."
    assert line["wat u doet"] == "Zet een spatie tussen cijfers en letters."
    assert (dutch[-1]["soort"], dutch[-1]["pagina"]) == ("levering", "")


def test_bevindingen_csv_runs_nothing_and_shows_what_cannot_be_seen(tmp_path: Path) -> None:
    shown = {
        "=1+1": "'=1+1",
        "A;=1+1;B": "A;'=1+1;B",
        "\u200b=1+1": "\\u200b=1+1",
        "a\n=1": "a\\u000a=1",
        "|calc": "'|calc",
        "-0,5": "-0,5",
        "0012": "0012",
    }
    lines = _csv(_report(_found(tmp_path, list(shown))), "bevindingen.csv", ";")
    assert [line["gevonden"] for line in lines] == list(shown.values())
    assert [line["id"] for line in lines] == list(shown.values())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_is_written_as_json_that_reads_back(text: str) -> None:
    assert json.loads(json_text(pa.array([text], pa.string()))[0].as_py()) == text


def test_a_delivery_as_a_whole_has_findings_without_a_record(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 500, 30)
    made.find("delivery_complete", "error", None, None, None, object="delivery")
    line = _csv(_report(made))[-1]
    assert (line["object"], line["id"], line["path"], line["page"], line["position"]) == ("delivery", "", "", "", "")
    assert line["message_nl"] == "delivery_complete."


def test_every_rejected_record_comes_back_as_received_with_its_findings(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_000, 9_000)
    records = _rejected(_report(made))
    assert [record["id"] for record in records] == [one["id"] for one in made.rejected]
    expected: dict[str, list[tuple[str, str | None]]] = {}
    for one in made.findings:
        expected.setdefault(one["id"], []).append((one["rule"], one["value"]))
    for record in records:
        assert record["record"] == {"id": record["id"], "remark": 'a "quoted" word', "total_time": 2.75}
        assert [(one["rule"], one.get("value")) for one in record["findings"]] == expected[record["id"]]
    assert list(records[0]) == ["object", "id", "page", "position", "findings", "record"]


def test_a_record_that_is_no_json_comes_back_as_text_on_one_line(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    deep = '{"a":' + "[" * 5000 + "]" * 5000 + "}"
    sent = [
        '{"a":\n  1}',
        '{"a": "\\xff"}',
        '{"a": "x\ny"}',
        '{"a": NaN}',
        '{"a": 012}',
        '{"a" "b"}',
        deep,
        '{"a": "NaN"}',
    ]
    made.count("cdrs", len(sent), rejected=len(sent))
    for number, raw in enumerate(sent):
        made.find("record_is_json", "error", f"c{number}", 1, number, path="", value=None)
        made.reject(
            f"c{number}", 1, number, raw, rules=["record_is_json"] if raw in sent[4:7] else ["postal_code_format"]
        )
    assert [one["record"] for one in _rejected(_report(made))] == [{"a": 1}, *sent[1:7], {"a": "NaN"}]


def test_a_finding_on_an_evse_goes_with_the_evse_or_with_its_rejected_location(tmp_path: Path) -> None:
    made = made_locations(tmp_path)
    made.rejected = [one for one in made.rejected if one["id"] != "E-1"]
    found = {one["id"]: [finding["path"] for finding in one["findings"]] for one in _rejected(_report(made))}
    assert found == {
        "LOC-1": ["evses[0].evse_id", "postal_code"],
        "E-4-0": ["evses[0].evse_id"],
        "E-4-2": ["evses[2].evse_id"],
        "E-9-11": ["evses[11].evse_id"],
    }


def test_only_the_owner_may_read_rejected_records(tmp_path: Path) -> None:
    path = _report(made_cdrs(tmp_path, 50, 3)) / "rejected.jsonl.gz"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_delivery_has_all_seven_files(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 0)
    folder = _report(made)
    assert {name for words in LANGUAGES for name in (words.file, *dict(words.files))} == {
        path.name for path in folder.iterdir()
    }
    assert sorted(path.name for path in folder.iterdir()) == [
        *("bevindingen.csv", "findings.csv", "findings.xlsx"),
        *("rapport.html", "rejected.jsonl.gz", "report.html", "summary.json"),
    ]
    assert _csv(folder) == []
    assert _rejected(folder) == []


def test_the_same_delivery_gives_the_same_bytes(tmp_path: Path) -> None:
    def digests(root: Path) -> dict[str, str]:
        folder = _report(made_cdrs(root, 2_000, 300))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}

    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_a_report_on_a_delivery_that_was_not_judged_is_refused(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 10, 1)
    with made.lake.transaction() as transaction, pytest.raises(NotJudged):
        write_report(made.lake, made.delivery, cpo_name="x", transaction=transaction, rules=made_rules())
