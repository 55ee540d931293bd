"""A CPO's own files judged: the verdicts are the portal's, whatever form the files have."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.calendar import window_bounds
from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.judging.judge_locations import judge_locations
from linda_pipeline.judging.own_files import FilesUnusable
from linda_pipeline.judging.self_check import Checked, Table, self_check
from linda_pipeline.ocpi.page import read_page
from linda_pipeline.pulling.raw import PageFile, Pull
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.report import report_on
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Delivery, Lake

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
START, END = window_bounds(WINDOW)
PAGE = 100


@pytest.fixture(scope="module", params=["2.1.1", "2.2.1"])
def plan(request: pytest.FixtureRequest) -> Plan:
    """A CPO of which every third record is wrong on purpose."""
    until = END - timedelta(hours=1)
    return Plan("NL-ABC", request.param, "Toets B.V.", 3, 45, 0.6, START, until, PULLED_AT, 0.33)


@pytest.fixture(scope="module")
def sent(plan: Plan) -> dict[str, list[bytes]]:
    """What it sends, by module, of the window."""
    feeds = feeds_of(plan)
    return {
        "cdrs": [one.body for one in feeds["cdrs"].records if START.timestamp() <= one.last_updated < END.timestamp()],
        "locations": [one.body for one in feeds["locations"].records],
    }


def reported(lake: Lake, table: Table, module: str, **options: Any) -> Checked:
    """One module judged, with its report."""
    found = self_check(lake, table, module, **options)
    report_on(lake, found.judgement.delivery, cpo_name=", ".join(found.parties))
    return found


def checked(folder: Path, bodies: dict[str, bytes], **options: Any) -> tuple[Lake, dict[str, Checked]]:
    """Files by name, judged."""
    folder.mkdir(parents=True, exist_ok=True)
    table, lake = Table(folder), Lake(folder / "lake")
    for name, body in bodies.items():
        table.add(io.BytesIO(body), name)
    table.close()
    return lake, {module: reported(lake, table, module, moment=PULLED_AT, **options) for module in table.shelves}


def findings(lake: Lake, delivery: Delivery) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(lake.table("findings", delivery)).to_pylist()
    return found


class Pages(Pull):
    """A pull whose pages are in memory."""

    bodies: list[list[bytes]]

    def pages(self) -> Iterator[tuple[int, list[bytes]]]:
        yield from enumerate(self.bodies, start=1)

    def page(self, number: int) -> list[bytes]:
        return self.bodies[number - 1]


def portal(
    lake: Lake, plan: Plan, module: str, records: list[bytes], night: date = date(2026, 11, 23)
) -> list[dict[str, Any]]:
    """What the portal finds in the same records, as it pulls them page by page."""
    day = WINDOW if module == "cdrs" else night
    pull = Pages(
        lake.root, Delivery(module, "NL-ABC", day), START, END, PULLED_AT, plan.ocpi, "", "", "plain", True,
        len(records), len(records), tuple[PageFile, ...](), 0.0,
    )  # fmt: skip
    object.__setattr__(pull, "bodies", [records[at : at + PAGE] for at in range(0, len(records), PAGE)])
    permission = Permission("x", "x", "cpo", date(2000, 1, 1))
    cpo = Cpo("NL-ABC", "Toets", "", plan.ocpi, None, ("NL-ABC",), "nl", (), None, True, (permission,))
    if module == "cdrs":
        judge_cdrs(lake, cpo, pull, areas=None, key=bytes(32))
    else:
        judge_locations(lake, cpo, pull, areas=None)
    found = findings(lake, pull.delivery)
    for one in found:
        if one["page"] is not None:
            one["position"] += (one["page"] - 1) * PAGE
            one["page"] = 1
    return found


def without_places(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings without the place at which a record is broken: in a file it is the file's, in an answer the record's."""
    return [{**one, "value": None} if one["rule"] == "record_is_json" else one for one in found]


@pytest.mark.parametrize("module", ["cdrs", "locations"])
def test_the_verdicts_are_the_portals(tmp_path: Path, plan: Plan, sent: dict[str, list[bytes]], module: str) -> None:
    records = sent[module]
    lake, found = checked(
        tmp_path / "own", {"all.json": b"[" + b",\n".join(records) + b"]"}, parties=["NL-ABC"], version=plan.ocpi
    )
    mine = findings(lake, found[module].judgement.delivery)
    assert without_places(mine) == without_places(portal(Lake(tmp_path / "portal"), plan, module, records))
    assert len(mine) >= 8
    assert found[module].judgement.main.received == len(records)


STAINS: dict[str, Callable[[bytes], bytes]] = {
    "a missing comma": lambda one: one.replace(b',"', b'"', 1),
    "a leading zero": lambda one: one.replace(b'"last_updated":', b'"x":012,"last_updated":', 1),
    "a comment": lambda one: one.replace(b'"last_updated"', b'/* x */"last_updated"', 1),
    "NaN": lambda one: one.replace(b'"last_updated":', b'"total_energy":NaN,"last_updated":', 1),
    "no UTF-8": lambda one: one.replace(b'"city":"', b'"city":"\xeb', 1),
    "half a character": lambda one: one.replace(b'"city":"', b'"city":"\\ud83d', 1),
    "a control character": lambda one: one.replace(b'"city":"', b'"city":"\x01', 1),
    "a name twice": lambda one: one.replace(b'"city":', b'"city":"x","city":', 1),
    "an unknown name twice": lambda one: one.replace(b'"city":', b'"x":{"y":[{"z":1,"z":2}]},"city":', 1),
    "5,000 digits": lambda one: one.replace(
        b'"last_updated":', b'"total_time":' + b"9" * 5000 + b',"last_updated":', 1
    ),
    "too deep": lambda one: one.replace(
        b'"last_updated":', b'"x":' + b"[" * 3000 + b"]" * 3000 + b',"last_updated":', 1
    ),
    "no object": lambda one: b'"x"',
    "a null": lambda one: b"null",
}


@pytest.mark.parametrize("module", ["cdrs", "locations"])
def test_the_verdicts_on_stained_records_are_the_portals_too(
    tmp_path: Path, plan: Plan, sent: dict[str, list[bytes]], module: str
) -> None:
    """From the very page that a server sends; only where a record is broken, the place is that in the file."""
    whole = [one for one in sent[module] if b'"city":"' in one and b'"last_updated":' in one]
    clean = whole[: 2 * len(STAINS)]
    stained = [stain(record) for stain, record in zip(STAINS.values(), clean, strict=False)]
    assert all(one != other for one, other in zip(stained, clean, strict=False))
    records = [one for pair in zip(stained, clean[len(stained) :], strict=False) for one in pair]
    page = b'{"status_code": 1000, "data": [' + b", ".join(records) + b"]}"
    given = read_page(page).records
    assert given == records
    lake, found = checked(tmp_path / "own", {"all.json": page}, parties=["NL-ABC"], version=plan.ocpi)
    mine = findings(lake, found[module].judgement.delivery)
    assert without_places(mine) == without_places(portal(Lake(tmp_path / "portal"), plan, module, given))
    told = {one["rule"] for one in mine}
    assert {"record_is_json", "record_unreadable", "names_unique", "text_utf8"} <= told
    assert len([one for one in mine if one["rule"] == "record_is_json" and one["id"]]) == 4


def test_a_name_twice_in_one_evse_withholds_that_evse_alone(tmp_path: Path, sent: dict[str, list[bytes]]) -> None:
    body = next(one for one in sent["locations"] if one.count(b'"status":') > 1 and b"REMOVED" not in one)
    lake, found = checked(tmp_path, {"x": body.replace(b'"status":', b'"status":"AVAILABLE","status":', 1)})
    mine = [one for one in findings(lake, found["locations"].judgement.delivery) if one["rule"] == "names_unique"]
    assert [(one["object"], one["path"]) for one in mine] == [("evse", "evses[0].status")]
    counts = found["locations"].judgement.counts
    assert (counts["locations"].rejected, counts["evses"].rejected) == (0, 1)


def test_cdrs_are_held_against_the_locations_that_come_with_them(
    tmp_path: Path, plan: Plan, sent: dict[str, list[bytes]]
) -> None:
    places = [body for body in sent["locations"] if b'"LOC-00003"' not in body]
    assert len(places) < len(sent["locations"])
    folder, lake = tmp_path / "own", Lake(tmp_path / "own" / "lake")
    folder.mkdir(exist_ok=True)
    table = Table(folder)
    table.add(io.BytesIO(b"\n".join(places)), "locations.json")
    table.add(io.BytesIO(b"\n".join(sent["cdrs"])), "cdrs.json")
    table.close()
    options: dict[str, Any] = {"moment": PULLED_AT, "parties": ["NL-ABC"], "version": plan.ocpi}
    beside = reported(lake, table, "locations", **options)
    own = reported(lake, table, "cdrs", beside=beside, **options)
    mine = without_places(findings(lake, own.judgement.delivery))
    theirs = Lake(tmp_path / "portal")
    portal(theirs, plan, "locations", places, night=WINDOW)
    portals = without_places(portal(theirs, plan, "cdrs", sent["cdrs"]))
    told = [one for one in portals if one["object"] == "cdr" and RULES[f"cdr.{one['rule']}"].needs]
    assert "known_location" in {one["rule"] for one in told}
    assert [one for one in portals if one not in mine] == []
    # The portal knows nothing of sessions from before its first night; a file of Locations stands for all time.
    assert all(RULES[f"cdr.{one['rule']}"].needs for one in mine if one not in portals)
    not_run = {one["rule"] for one in own.judgement.rules_not_run}
    assert not_run & {rule.id for rule in RULES.values() if rule.needs} == {"coordinates_match_permit"}


def test_every_form_of_file_gives_the_same_findings(tmp_path: Path, plan: Plan, sent: dict[str, list[bytes]]) -> None:
    records = [record for record in sent["cdrs"][:150] if b"\n" not in record]
    together = b"[" + b",".join(records) + b"]"
    forms = {
        "list": together,
        "envelope": b'{"status_code":1000,"data":' + together + b"}",
        "lines": b"\n".join(records),
        "gzip": gzip.compress(b"\n".join(records)),
    }
    found = {}
    for name, body in forms.items():
        lake, told = checked(tmp_path / name, {name: body}, parties=["NL-ABC"])
        found[name] = findings(lake, told["cdrs"].judgement.delivery)
        assert told["cdrs"].judgement.ocpi_version == plan.ocpi, "told from the records"
    assert found["list"]
    assert all(one == found["list"] for one in found.values())


def test_findings_name_the_file_and_the_place_in_it(tmp_path: Path) -> None:
    plan = Plan("NL-ABC", seed=3, locations=40, until=datetime(2026, 11, 10, tzinfo=UTC), pulled_at=PULLED_AT)
    bodies = [json.loads(one.body) for one in feeds_of(plan)["cdrs"].records][:1205]
    assert len(bodies) > 1100, "more than one page of the shelf"
    bodies[3]["currency"] = "XXX1"
    bodies[1100]["total_energy"] = "4,00"
    split = 2
    files = {"a.json": json.dumps(bodies[:split]).encode(), "b.json": json.dumps(bodies[split:]).encode()}
    lake, found = checked(tmp_path, files)
    told = {(one["rule"], one["page"], one["position"]) for one in findings(lake, found["cdrs"].judgement.delivery)}
    assert ("total_energy_unreadable", 2, 1100 - split) in told
    assert ("currency_iso_4217", 2, 3 - split) in told
    assert found["cdrs"].judgement.files == ["a.json", "b.json"]
    rejected = pq.read_table(lake.table("rejected", found["cdrs"].judgement.delivery)).to_pylist()
    assert {"page": 2, "position": 1098}.items() <= rejected[-1].items()


def test_what_needs_history_or_a_register_is_listed_as_not_run(tmp_path: Path, sent: dict[str, list[bytes]]) -> None:
    _, found = checked(tmp_path, {"x": b"\n".join(sent["cdrs"][:5])})
    summary = json.loads((found["cdrs"].folder / "summary.json").read_text())
    assert {"unchanged_since_accepted", "owner_matches_connection"} <= {one["rule"] for one in summary["rules_not_run"]}
    assert summary["window"] == {"from": None, "until": None}
    assert summary["due_date"] is None


def test_cdrs_and_locations_in_one_folder_are_told_apart(tmp_path: Path, sent: dict[str, list[bytes]]) -> None:
    files = {module: b"[" + b",".join(records[:20]) + b"]" for module, records in sent.items()}
    _, found = checked(tmp_path, files | {"other.json": b'{"hello": 1}'})
    assert {module: one.judgement.main.received for module, one in found.items()} == {"cdrs": 20, "locations": 20}


def test_files_without_cdrs_or_locations_are_refused_with_the_place_that_is_broken(tmp_path: Path) -> None:
    with pytest.raises(FilesUnusable, match=r"x\.json: it holds no CDRs and no Locations; line 1, column 1"):
        checked(tmp_path, {"x.json": b"<html>"})


def test_a_gzip_that_breaks_off_is_told_and_the_rest_is_judged(tmp_path: Path, sent: dict[str, list[bytes]]) -> None:
    whole = gzip.compress(b"\n".join(sent["cdrs"]), 1)
    folder = tmp_path / "x"
    folder.mkdir()
    table = Table(folder)
    source = table.add(io.BytesIO(whole[: len(whole) * 9 // 10]), "cut.gz")
    assert "its gzip breaks off" in source.problem
    assert 0 < source.records < len(sent["cdrs"])


def test_two_runs_give_the_same_bytes(tmp_path: Path, sent: dict[str, list[bytes]]) -> None:
    body = b"\n".join(sent["cdrs"][:300])
    folders = [checked(tmp_path / name, {"x": body})[1]["cdrs"].folder for name in ("one", "two")]
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == [
        "bevindingen.csv",
        "findings.csv",
        "findings.xlsx",
        "rapport.html",
        "rejected.jsonl.gz",
        "report.html",
        "summary.json",
    ]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_plan_of_another_party_is_refused_by_its_owner_only_where_a_party_is_given(
    tmp_path: Path, sent: dict[str, list[bytes]], plan: Plan
) -> None:
    if plan.ocpi == "2.1.1":
        pytest.skip("a CDR of 2.1.1 names no owner")
    body = b"\n".join(sent["cdrs"][:20])
    assert replace(plan).party == "NL-ABC"
    _, told = checked(tmp_path / "given", {"x": body}, parties=["NL-XYZ"])
    _, open_ = checked(tmp_path / "open", {"x": body})
    assert told["cdrs"].judgement.of_severity("error")["owner_matches_connection"] >= 15
    assert "owner_matches_connection" not in open_["cdrs"].judgement.of_severity("error")
