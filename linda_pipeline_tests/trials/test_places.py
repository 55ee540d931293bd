"""Each trial file of Locations has the verdict of the trials' README, on the Location and on its EVSEs."""

from __future__ import annotations

from pathlib import Path

from linda_pipeline_tests.trials.door import judged, needs_trials

pytestmark = needs_trials


def test_a_place_at_home_is_held_back_with_its_evse_and_nothing_else_is_said(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "home-location.json")
    assert outcome.told == {}
    assert outcome.counts == {"locations": (0, 0, 1), "evses": (0, 0, 1)}
    assert outcome.held == {"LOC-0042": "not_public"}


def test_one_uid_on_several_evses_is_an_error_on_each_of_them(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "location-uid-twice.json")
    assert outcome.told == {
        "error evse_uid_unique evses[0].uid": ["EVSE-0042-1", "EVSE-0042-1"],
        "error evse_uid_unique evses[1].uid": ["EVSE-0042-1"],
    }
    assert outcome.counts == {"locations": (2, 0, 0), "evses": (0, 3, 0)}
