"""A delivery of CDRs judged twice, in other units, with a closed gate; and where its personal values end up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging import first_look, judge_cdrs
from linda_pipeline.judging.conservation import conserve
from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.quality import contract
from linda_pipeline.quality.judge import FINDINGS as FOUND
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    DELIVERY,
    EVERYWHERE,
    KEY,
    WINDOW,
    bytes_of,
    cdr,
    judged,
    one_of_each,
    permitted,
    raw_pull,
    rows,
)

BUCKETS = ("accepted", "rejected", "held", "findings", "ledger")


def test_judging_again_gives_the_same_bytes_of_every_file(lake: Lake, tmp_path: Path) -> None:
    judged(lake, raw_pull(lake, *one_of_each()))
    first = bytes_of(lake, *BUCKETS)
    assert len(first) == 5
    judged(lake, raw_pull(lake, *one_of_each(), pulled_at=datetime(2026, 11, 24, tzinfo=UTC)))
    assert bytes_of(lake, "findings", "rejected", "held") == {
        name: content for name, content in first.items() if name.split("/")[0] in ("findings", "rejected", "held")
    }, "a later pull of the same records differs only in the moment of the pull"
    elsewhere = Lake(tmp_path / "elsewhere")
    judged(elsewhere, raw_pull(elsewhere, *one_of_each()))
    assert bytes_of(elsewhere, *BUCKETS) == first
    assert list((lake.root / ".staging").iterdir()) == []


def test_the_size_of_a_unit_changes_no_row(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[Any] = [
        *one_of_each(),
        [cdr(9), cdr(2)],
        [],
        [cdr(6, last_updated="2026-11-11T00:00:00Z"), cdr(9, currency="EURO")],
    ]
    pull = raw_pull(lake, *pages)
    buckets = ("accepted", "rejected", "held", "findings")
    whole = judged(lake, pull)
    before = {bucket: rows(lake, bucket) for bucket in buckets}
    monkeypatch.setattr(judge_cdrs, "UNIT_RECORDS", 1)
    parts = judged(lake, pull)
    assert {bucket: rows(lake, bucket) for bucket in buckets} == before
    assert parts.as_dict() | {"tables": {}} == whole.as_dict() | {"tables": {}}, "files are cut elsewhere"
    conserve(lake, DELIVERY, pull)


def test_progress_is_heard(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_cdrs, "UNIT_RECORDS", 1)
    heard: list[int] = []
    pull = raw_pull(lake, [cdr(1)], [cdr(2), cdr(3)])
    judge_cdrs.judge_cdrs(lake, permitted(EVERYWHERE), pull, areas=None, key=KEY, on_records=heard.append)
    assert heard[:2] == [1, 3]
    assert heard[-1] == 3


PERSONAL: dict[str, Any] = {
    "session_id": "GEHEIM-SESSIE",
    "token_uid": "GEHEIM-KAART",
    "contract_id": "NL-GHM-C00GEHEIM-X",
    "authorization_reference": "GEHEIM-AUTORISATIE",
    "meter_id": "GEHEIM-METER",
    "signed_data": {"public_key": "GEHEIM-SLEUTEL", "signed_values": [{"signed_data": "GEHEIM-WAARDE"}]},
    "remark": "GEHEIM: mevrouw De Vries",
    "invoice_reference_id": "GEHEIM-FACTUUR",
}


def _texts(path: Path) -> str:
    """All that a file of the lake says, decompressed."""
    if path.suffix == ".parquet":
        return f"{pq.read_metadata(path).metadata} {pq.read_schema(path).metadata} {pq.read_table(path).to_pylist()}"
    return path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1"])
def test_personal_values_stand_in_raw_and_rejected_alone(lake: Lake, version: str) -> None:
    defects: list[dict[str, Any]] = [
        {},
        {"contract_id": "GEHEIM ZONDER VORM"},
        {"currency": "EURO"},
        {"cdr_id": ABSENT},
        {"start_date_time": "2030-01-01T00:00:00Z"},
        {"home_charging_compensation": True},
        *({name: [value]} for name, value in PERSONAL.items()),
        *({name: f"{value}é" * 40} for name, value in PERSONAL.items() if isinstance(value, str)),
        *({name: "GEHEIM"} for name in ("signed_data", "home_charging_compensation")),
    ]
    records: list[dict[str, Any] | bytes] = [
        cdr(number, version, **{**PERSONAL, **defect}) for number, defect in enumerate(defects)
    ]
    records += [cdr(0, version, **PERSONAL, total_energy_kwh=12.4, last_updated="2026-11-12T00:00:00Z")]
    records += [b'"GEHEIM"', b'["GEHEIM"]', b'{"remark": "GEHEIM\\ud800"}', b'{"id": "\xff", "meter_id": "GEHEIM"}']
    if version != "2.1.1":
        records += [cdr(98, version, **{**PERSONAL, "@cdr_token": ["GEHEIM-KAART"]})]
    pull = raw_pull(lake, records, version=version)
    judgement = judged(lake, pull)
    assert judgement.counts["cdrs"].accepted > 0
    assert judgement.counts["cdrs"].rejected > 0
    holding = set()
    for path in sorted(lake.root.rglob("*")):
        if path.is_file() and path.suffix in (".parquet", ".json"):
            room = path.relative_to(lake.root).parts[0]
            if "GEHEIM" in _texts(path).upper():
                holding.add(room)
    assert holding == {"rejected"}, "raw pages are compressed"
    conserve(lake, DELIVERY, pull)


def test_a_gate_that_closes_leaves_the_old_state(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    pull = raw_pull(lake, [cdr(1), cdr(2, total_energy_kwh="veel")])
    judged(lake, pull)
    before = bytes_of(lake, *BUCKETS)
    monkeypatch.setattr(first_look, "find", lambda view, rules, flaws: FOUND.empty_table())
    with pytest.raises(contract.GateFailed):
        judged(lake, pull)
    assert bytes_of(lake, *BUCKETS) == before
    assert find_judgement(lake, DELIVERY) is not None
    assert find_judgement(lake, Delivery("cdrs", "NL-XYZ", WINDOW)) is None
