"""Every home of Dagster keeps the same house: the project's own, and those that linda makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.orchestration.home import FILE, house_text, instance_at

ROOT = Path(__file__).parents[2]


def test_the_projects_own_is_the_one_text_for_its_data() -> None:
    assert (ROOT / FILE).read_text(encoding="utf-8") == house_text("data/dagster")


def test_a_folder_without_one_gets_it_for_itself_and_asks_nobody_for_a_newsletter(tmp_path: Path) -> None:
    home = tmp_path / "a home's folder"
    with instance_at(home) as instance:
        assert not instance.nux_enabled
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
    assert (home / "history").is_dir()


@pytest.mark.parametrize("end", ["telemetry:\n  enabled: false\n", "# mine\n"])
def test_a_home_of_an_earlier_version_opens_with_its_history(tmp_path: Path, end: str) -> None:
    with instance_at(tmp_path) as instance:
        instance.add_dynamic_partitions("cpo", ["NL-ABC"])
    (tmp_path / FILE).write_text(
        "storage:\n  custom:\n    module: linda_pipeline.orchestration.storage\n    class: PortalStorage\n"
        f'    config:\n      base_dir: "{tmp_path}"\n{end}'
    )
    with instance_at(tmp_path) as again:
        assert again.get_dynamic_partitions("cpo") == ["NL-ABC"]
        assert again.nux_enabled is (end == "# mine\n"), "what linda made is made anew, what somebody made stays"


def test_a_home_that_somebody_made_stays_as_it_is(tmp_path: Path) -> None:
    own = f"storage:\n  sqlite:\n    base_dir: {tmp_path}\n"
    (tmp_path / FILE).write_text(own)
    with instance_at(tmp_path):
        pass
    assert (tmp_path / FILE).read_text() == own
