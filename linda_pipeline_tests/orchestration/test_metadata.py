"""What an operator reads beside an asset: links only to where something is served, and every name in its place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.cases.lookup import Standing
from linda_pipeline.definitions import defs
from linda_pipeline.ledger.entry import Counts, FindingKey, Judgement
from linda_pipeline.orchestration.metadata import Served, case_metadata, findings_table, report_metadata
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import DELIVERY, judgement_of

PLACE = "cdrs/cpo=NL-ABC/window=2026-11-09/rapport.html"


@pytest.fixture
def judgement() -> Judgement:
    findings = Counter(
        {
            FindingKey("cdr", "address_format", "error"): 12,
            FindingKey("delivery", "delivery_late", "warning"): 1,
            FindingKey("cdr", "identical_copy", "info"): 99,
        }
    )
    counts = {"cdrs": Counts(received=20, accepted=8, rejected=12)}
    return judgement_of(DELIVERY, counts=counts, findings=findings, opens_case=True)


def test_a_report_is_a_link_where_reports_are_served_and_else_its_place_in_the_lake(
    tmp_path: Path, judgement: Judgement
) -> None:
    lake = Lake(tmp_path / "lake")
    linked = report_metadata(lake, judgement, Served(reports="https://linda.example.nl/reports"))
    assert linked["in_dutch"] == dg.MetadataValue.url(f"https://linda.example.nl/reports/{PLACE}")
    placed = report_metadata(lake, judgement, Served())
    assert placed["in_dutch"] == dg.MetadataValue.text(f"in the lake: reports/{PLACE}")
    assert str(tmp_path) not in str(placed)
    assert placed["to_be_delivered_again"] == "by 2026-12-21"


def test_the_largest_findings_are_errors_and_warnings_each_with_its_place_in_the_docs(judgement: Judgement) -> None:
    table = findings_table(judgement, Served(docs="https://docs.example.nl"))
    assert table.splitlines()[2:] == [
        "| 12 | error | [cdr.address_format](https://docs.example.nl/rules.md#cdr-address_format) |",
        "| 1 | warning | [delivery.delivery_late](https://docs.example.nl/rules.md#delivery-delivery_late) |",
    ]
    assert "| 12 | error | cdr.address_format |" in findings_table(judgement, Served())


def test_groups_stand_in_the_order_of_the_road_and_everything_says_what_it_is() -> None:
    graph = defs.resolve_asset_graph()
    groups = {str(graph.get(key).group_name) for key in graph.get_all_asset_keys()}
    assert [group.partition("_")[2][2:] for group in sorted(groups)] == [
        "deliver",
        "judge",
        "report",
        "curate",
        "publish",
    ]
    silent = [str(key) for key in graph.get_all_asset_keys() if not graph.get(key).description]
    silent += [str(key) for key in graph.asset_check_keys if not graph.get(key).description]
    repository = defs.get_repository_def()
    told = {one.name: one.description for one in repository.schedule_defs}
    told |= {one.name: one.description for one in repository.sensor_defs}
    silent += [name for name, description in told.items() if not description]
    silent += [job.name for job in repository.get_all_jobs() if not job.description and not job.name.startswith("__")]
    assert "locations_every_night" in told
    assert silent == []


def test_of_cases_it_is_said_how_they_stand_what_was_done_now_and_whose_are_overdue() -> None:
    standing = Standing({"open": 3, "overdue": 1}, {"NL-ABC": 1}, without_event=0, overdue_unmarked=0, untold_by_cpo={})
    told = case_metadata(standing, {"opened": 3, "overdue": 1})
    assert (told["dagster/row_count"], told["open"], told["done_now"]) == (4, 3, "opened 3, overdue 1")
    assert "| NL-ABC | 1 |" in told["overdue_by_cpo"].value
    assert case_metadata(Standing({}, {}, 0, 0, {}), {})["done_now"] == "nothing"
