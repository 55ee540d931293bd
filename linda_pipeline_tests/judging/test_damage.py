"""Every kind of file of a lake, damaged in every way: it is found, stops nothing else, and the advice given mends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline import stations
from linda_pipeline.errors import Exit, exit_code
from linda_pipeline.judging.again import deliveries_to_judge_again, judge_again_in_turn
from linda_pipeline.judging.damage import TablesDamaged, damage
from linda_pipeline.ledger.attempts import write_attempt
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.ledger.moves import moves
from linda_pipeline.means import Means
from linda_pipeline.pulling.books import all_deliveries
from linda_pipeline.pulling.raw import RawUnreadable, attempt_of
from linda_pipeline.pulling.raw_damage import BY_ITSELF, Damage, set_damaged_aside
from linda_pipeline.rebuilding import rebuild, to_make
from linda_pipeline.register.cpos import Permission
from linda_pipeline.storage.lake import SET_ASIDE, Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    DELIVERY,
    EVERYWHERE,
    KEY,
    LICHTDAM,
    LOCATIONS,
    WINDOW,
    bytes_of,
    cdr,
    demo_areas,
    location,
    one_of_each,
    permitted,
    raw_pull,
)

LATER = Delivery("cdrs", CPO.key, WINDOW + timedelta(days=14))
MEANS = Means({CPO.key: CPO}, demo_areas(), KEY)
PAGES: list[list[dict[str, Any] | bytes]] = [*one_of_each(), [cdr(11, **LICHTDAM)]]
"""Something for every bucket, and a CDR that another permission would hold back."""
MADE = ("accepted", "rejected", "held", "findings", "ledger")
JUDGED_AGAIN = f"linda rebuild --from-raw --cpo {CPO.key} judges it again."


def put(lake: Lake, delivery: Delivery, *pages: list[dict[str, Any] | bytes], minute: int = 0) -> None:
    """Pull a delivery with the note of its attempt, as a run does."""
    until = delivery.window + timedelta(days=14 if delivery.module == "cdrs" else 0)
    moment = raw_moment(until, minute)
    pull = raw_pull(lake, *pages, delivery=delivery, pulled_at=moment)
    write_attempt(lake, attempt_of(pull), pull.stamp)
    if minute:
        assert list(set_damaged_aside(lake, pull))


def raw_moment(day: object, minute: int) -> datetime:
    return datetime.fromisoformat(f"{day}T03:02:11+00:00") + timedelta(minutes=minute)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night, two windows (the later holds a copy of what the earlier accepted), a proof of moved records; all published."""
    lake = Lake(tmp_path_factory.mktemp("house") / "lake")
    put(lake, LOCATIONS, [location(1), location(2, postal_code="wrong")])
    put(lake, DELIVERY, *PAGES)
    put(lake, LATER, [cdr(1, last_updated="2026-11-25T00:00:00Z"), cdr(7, currency=None)])
    elsewhere = permitted(Permission("L-2", "Zonnestad", "concession", EVERYWHERE.start, None, ("GM9901",)))
    stations.judge(lake, elsewhere, DELIVERY, areas=MEANS.areas, key=KEY)
    rebuild(lake, MEANS, to_make(lake, MEANS, from_raw=True))
    assert moves(lake, DELIVERY)
    assert list(damage(lake, all_deliveries(lake))) == []
    return lake.root


@pytest.fixture
def lake(house: Path, tmp_path: Path) -> Lake:
    shutil.copytree(house, tmp_path / "lake")
    return Lake(tmp_path / "lake")


def pull_of(lake: Lake, delivery: Delivery) -> Path:
    return next(lake.raw(delivery).glob("pull=*"))


KINDS: dict[str, Callable[[Lake], Path]] = {
    "the record of a window": lambda lake: pull_of(lake, DELIVERY) / "delivery.json",
    "the record of a night": lambda lake: pull_of(lake, LOCATIONS) / "delivery.json",
    "a page": lambda lake: pull_of(lake, DELIVERY) / "page-00001.json.gz",
    "an attempt": lambda lake: next(lake.attempt(DELIVERY, "x").parent.glob("*.json")),
    "a judgement": lambda lake: lake.ledger(DELIVERY),
    "the judgement of a night": lambda lake: lake.ledger(LOCATIONS),
    "the proofs of moved records": lambda lake: lake.ledger(DELIVERY).with_name("permissions.jsonl"),
    "accepted CDRs": lambda lake: lake.table("accepted", DELIVERY),
    "accepted EVSEs": lambda lake: lake.table("accepted", LOCATIONS, "evses"),
    "rejected records": lambda lake: lake.table("rejected", DELIVERY),
    "held records": lambda lake: lake.table("held", DELIVERY),
    "findings": lambda lake: lake.table("findings", DELIVERY),
    "a summary": lambda lake: lake.report(DELIVERY) / "summary.json",
    "curated CDRs": lambda lake: next((lake.root / "curated" / "cdrs").rglob("*.parquet")),
    "KPIs": lambda lake: next(lake.kpi.glob("*.parquet")),
    "the database": lambda lake: lake.database,
}


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbled(path: Path) -> None:
    """Of the same size, and nothing of it as it was."""
    path.write_bytes(bytes(byte ^ 0x5A for byte in path.read_bytes()))


def gone(path: Path) -> None:
    path.unlink()


NOT_MISSED = {
    ("the proofs of moved records", "gone"),
    ("an attempt", "gone"),
    ("a judgement", "gone"),
    ("KPIs", "gone"),
} | {(kind, "gone") for kind in ("the judgement of a night", "curated CDRs", "the database")}
"""What is gone without a trace: nothing else in the lake names it. It is made again all the same, but for the proofs."""


def found(lake: Lake) -> list[Damage]:
    return list(damage(lake, all_deliveries(lake)))


def goes_on(lake: Lake) -> list[str]:
    """What `linda run` does by itself before and after its pulls; says what it said."""
    said = stations.mend(lake)
    for one in judge_again_in_turn(lake, MEANS.register):
        stations.judge(lake, CPO, one.delivery, areas=MEANS.areas, key=KEY)
        stations.conserve(lake, one.delivery)
    return said


def follow(lake: Lake, remedies: set[str]) -> None:
    """Do what the advice says, until there is none left to follow."""
    for remedy in remedies:
        if remedy.startswith("linda rebuild makes it anew"):
            rebuild(lake, MEANS, to_make(lake, MEANS, from_raw=False))
        elif remedy == JUDGED_AGAIN:
            rebuild(lake, MEANS, to_make(lake, MEANS, from_raw=True))
        elif remedy.endswith("linda run --cpo NL-ABC --module cdrs --window 2026-11-09"):
            put(lake, DELIVERY, *PAGES, minute=1)
            goes_on(lake)
            rebuild(lake, MEANS, to_make(lake, MEANS, from_raw=False))
        else:
            assert remedy == BY_ITSELF


@pytest.mark.slow
@pytest.mark.parametrize("way", [empty, cut, garbled, gone])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_found_stops_nothing_else_and_is_mended_by_the_advice(
    lake: Lake, kind: str, way: Callable[[Path], None]
) -> None:
    before, counts = bytes_of(lake, *MADE), read_judgement(lake, DELIVERY).counts
    path = KINDS[kind](lake)
    way(path)
    damages = found(lake)
    if (kind, way.__name__) in NOT_MISSED:
        assert damages == []
    else:
        assert {one.path for one in damages} == {path}
        assert all(one.what and one.remedy for one in damages)
    goes_on(lake)
    follow(lake, {one.remedy for one in damages})
    goes_on(lake)
    assert found(lake) == []
    assert deliveries_to_judge_again(lake, MEANS.register) == []
    after = bytes_of(lake, *MADE)
    if kind == "a page":  # pulled again, at another moment
        assert read_judgement(lake, DELIVERY).counts == counts
    elif kind == "the proofs of moved records":
        proofs = {name for name in before if name.endswith("permissions.jsonl")}
        assert {name: content for name, content in after.items() if name not in proofs} == {
            name: content for name, content in before.items() if name not in proofs
        }
    else:
        assert after == before


def test_a_commit_whose_plan_is_damaged_is_set_aside_and_stops_nothing(lake: Lake) -> None:
    for number, content in enumerate((b"", b'{"put": {', b"null", b'{"put": {"x": "../../elsewhere"}, "remove": []}')):
        plan = lake.root / ".staging" / f"999999-{number}.commit"
        plan.write_bytes(content)
        plan.with_suffix("").mkdir()
        (plan.with_suffix("") / "00000.parquet").write_bytes(b"half")
    assert len([one for one in found(lake) if one.path.suffix == ".commit"]) == 4
    again = Lake(lake.root)
    said = stations.mend(again)
    assert len(said) == 4
    assert all("its plan is damaged: it lies in" in one for one in said)
    assert len(list((lake.root / SET_ASIDE / ".staging").rglob("00000.parquet"))) == 4
    assert found(again) == []
    assert stations.mend(again) == []


@pytest.mark.parametrize("name", ["records", "pages", "complete", "total_count", "asked"])
def test_a_record_that_says_other_things_than_the_receipt_is_found(lake: Lake, name: str) -> None:
    path = pull_of(lake, DELIVERY) / "delivery.json"
    record = json.loads(path.read_bytes())
    changed = {
        "records": 7,
        "pages": record["pages"][:1],
        "complete": False,
        "total_count": 1,
        "asked": {"from": None, "until": None},
    }
    path.write_text(json.dumps(record | {name: changed[name]}))
    (first, *_) = [one for one in found(lake) if one.path == path]
    assert "it and its attempt disagree on" in first.what
    assert name in first.what
    said = goes_on(lake)
    if name in ("records", "pages"):  # the pages themselves tell which of the two is right
        assert "is made again from its attempt and its pages" in said[0]
        assert found(lake) == []
    else:
        assert said == []
        assert first.remedy.endswith("linda run --cpo NL-ABC --module cdrs --window 2026-11-09")


def test_an_attempt_that_says_other_things_than_the_pages_is_made_again_from_its_pull(lake: Lake) -> None:
    (path,) = lake.attempt(DELIVERY, "x").parent.glob("*.json")
    before = path.read_bytes()
    path.write_text(json.dumps(json.loads(before) | {"records": 3, "bytes": 1}))
    assert [one.remedy for one in found(lake)] == [BY_ITSELF]
    (said,) = goes_on(lake)
    assert "is made again from its pull" in said
    assert path.read_bytes() == before
    assert found(lake) == []


def test_a_record_that_nothing_proves_is_set_aside_with_its_pages_and_what_was_judged_stands(lake: Lake) -> None:
    """As in a lake of before attempts were kept: a night cannot be asked for again."""
    for path in lake.attempt(LOCATIONS, "x").parent.glob("*.json"):
        path.unlink()
    folder, before = pull_of(lake, LOCATIONS), bytes_of(lake, *MADE)
    (folder / "delivery.json").write_bytes(b"")
    (one,) = found(lake)
    assert one.remedy.startswith("Bring it back from a backup: a night that has passed cannot be asked for again")
    (said,) = goes_on(lake)
    assert f"is set aside in {lake.root / SET_ASIDE / folder.relative_to(lake.root)}" in said
    assert (lake.root / SET_ASIDE / folder.relative_to(lake.root) / "page-00001.json.gz").exists()
    assert bytes_of(lake, *MADE) == before
    assert found(lake) == []


def test_another_delivery_does_not_wait_for_a_lost_page(lake: Lake) -> None:
    """The later window holds a copy of what the lost page held: it is taken for that, and it is said what was not checked."""
    (pull_of(lake, DELIVERY) / "page-00001.json.gz").unlink()
    judged = stations.judge(lake, CPO, LATER, areas=MEANS.areas, key=KEY)
    assert judged.main.identical == 1
    (told,) = [one for one in judged.rules_not_run if one["rule"] == "unchanged_since_accepted"]
    assert told["why"].startswith("1 CDRs could not be compared")
    with pytest.raises(RawUnreadable, match="page-00001") as raised:
        stations.judge(lake, CPO, DELIVERY, areas=MEANS.areas, key=KEY)
    assert exit_code(raised.value) == Exit.INPUT


def test_a_garbled_table_met_on_the_way_is_named_set_aside_and_judged_again(lake: Lake) -> None:
    before = bytes_of(lake, *MADE)
    garbled(lake.table("accepted", DELIVERY))
    with pytest.raises(
        TablesDamaged, match=r"accepted/cdrs/cpo=NL-ABC/window=2026-11-09/part-00001\.parquet"
    ) as raised:
        stations.curate_cdrs(lake, MEANS.areas)
    assert "Run linda run: it judges these deliveries again" in str(raised.value)
    assert exit_code(raised.value) == Exit.INPUT
    goes_on(lake)
    stations.curate_cdrs(lake, MEANS.areas)
    assert bytes_of(lake, *MADE) == before


def test_what_does_not_belong_to_a_lake_stops_nothing(lake: Lake) -> None:
    for room in ("raw", "ledger", "attempts"):
        for name in ("window=2026-11-09.bak", "window=", "kopie"):
            shutil.copytree(lake.root / room / DELIVERY.folder, lake.root / room / DELIVERY.folder.with_name(name))
    assert all_deliveries(lake) == [DELIVERY, LATER, LOCATIONS]
    assert goes_on(lake) == []


def test_a_cpo_that_is_being_pulled_is_mended_another_time(lake: Lake) -> None:
    empty(lake.attempt(DELIVERY, "x").parent / "20261123T030211Z.json")
    with lake.lock(f"pull-{CPO.key}"):
        assert stations.mend(lake) == []
    assert len(stations.mend(lake)) == 1
