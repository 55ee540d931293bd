"""CDRs from servers that misbehave in every way that the simulator knows, in every OCPI version; and at the door."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.failures import ModuleNotOffered, NotAuthorised, NotFound, NotOcpi, PullFailed
from linda_pipeline.simulator.faults import FAULTS
from linda_pipeline.simulator.server import HABITS
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.pulling.faults_matrix import EXPECTED, check, delivered, feeds

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("order", EXPECTED)
def test_a_fault_ends_in_the_same_accepted_set_or_in_a_named_failure_with_nothing_stored_as_complete(
    tmp_path: Path, order: str, version: str
) -> None:
    check(tmp_path, order, version, "cdrs")


def test_every_fault_is_in_the_matrix() -> None:
    assert {order.partition("@")[0] for order in EXPECTED} == set(FAULTS)


@pytest.mark.parametrize(
    ("orders", "failure"),
    [
        (["versions:http_503x1", "details:cutx1"], None),
        (["versions:html"], NotOcpi),
        (["details:http_404"], NotFound),
        (["details:no_data"], ModuleNotOffered),
        (["server:receiver_only"], ModuleNotOffered),
        (["server:other_token_form"], NotAuthorised),
        (["server:any_token", "server:no_message_ids"], None),
        (["cdrs:no_count", "cdrs:no_link", "cdrs:small_pages", "cdrs:http_500@2x1"], None),
    ],
)
def test_the_door_misbehaves_too_and_faults_come_together(
    tmp_path: Path, orders: list[str], failure: type[PullFailed] | None
) -> None:
    assert set(HABITS) == {"receiver_only", "other_token_form", "any_token", "no_message_ids"}
    records, failed = delivered(Lake(tmp_path / "lake"), "2.2.1", "cdrs", *orders)
    if failure is None:
        assert records == {one.body for one in feeds("2.2.1")["cdrs"].records}
    else:
        assert type(failed) is failure
