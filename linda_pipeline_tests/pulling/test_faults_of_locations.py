"""Locations from servers that misbehave in every way that the simulator knows, in every OCPI version."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline_tests.pulling.faults_matrix import EXPECTED, check

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("order", EXPECTED)
def test_a_fault_ends_in_the_same_accepted_set_or_in_a_named_failure_with_nothing_stored_as_complete(
    tmp_path: Path, order: str, version: str
) -> None:
    check(tmp_path, order, version, "locations")
