"""What follows from deliveries, run by Dagster: with every publication reports of wrong places are closed and mails go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline import following, means
from linda_pipeline.definitions import defs
from linda_pipeline.location_desk.delivered_places import find_location
from linda_pipeline.location_desk.handling import Proposal, report_of, report_place, verify
from linda_pipeline.orchestration.follow_up_assets import FOLLOW_UP
from linda_pipeline.orchestration.in_process import run_publish
from linda_pipeline.orchestration.jobs import CASES, FOLLOWED, PUBLISH
from linda_pipeline.orchestration.mailing import mails_waiting
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.post.outbox import put
from linda_pipeline.post.trial_letter import trial_letter
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.deliveries import CPO, REGISTER, delivered, demo_areas, location
from linda_pipeline_tests.location_desk.test_desk import RIGHT_PLACE, WRONG_PLACE

NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
PORTAL = Portal(now=NOW.isoformat())


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    (tmp_path / "cpos.toml").write_text(REGISTER)
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LINDA_AREAS", str(Path(__file__).parents[2] / "data" / "reference" / "areas"))
    for name in ("LINDA_DATABASE_URL", "LINDA_SMTP_URL", "LINDA_MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    return Lake(tmp_path / "lake")


@pytest.fixture
def database(lake: Lake) -> Iterator[RegisterDatabase]:
    found = means.register_database(read_settings())
    yield found
    found.close()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as one:
        yield one


def test_every_asset_that_follows_is_made_with_each_publication_and_every_morning() -> None:
    made = {spec.key.to_user_string() for asset in FOLLOW_UP for spec in asset.specs}
    assert made == set(FOLLOWED)
    for job in (PUBLISH, CASES):
        assert made <= {
            key.to_user_string() for key in defs.resolve_job_def(job.name).asset_layer.executable_asset_keys
        }


def test_a_publication_closes_the_report_that_the_newest_night_has_right_and_sends_what_waits(
    lake: Lake, database: RegisterDatabase, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    delivered(lake, [location(1, **WRONG_PLACE)], module="locations")
    with database.writing() as session:
        place = find_location(lake, CPO.key, location(1)["id"])
        proposal = Proposal(float(RIGHT_PLACE["latitude"]), float(RIGHT_PLACE["longitude"]))
        report = report_place(
            session,
            place,
            proposal,
            evse_id=None,
            wrong="Om de hoek.",
            role="region",
            address=None,
            at=NOW,
            actor="jan",
        )
        number = report.id
        verify(session, number, at=NOW, actor="ndw")
        put(session, trial_letter("data@cpo.example", "nl", NOW), "linda@ndw.example", NOW)
    delivered(lake, [location(1, **RIGHT_PLACE)], module="locations", window=NOW.date())
    following.take_in_cases(lake, database, NOW)
    ended = run_publish(instance, defs, PORTAL)
    assert ended.said == ""
    with database.reading() as session:
        assert report_of(session, number).state == "solved"
    assert open_readonly(lake).sql("SELECT state FROM location_report").fetchall() == [("solved",)]
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1


def test_the_sensor_asks_for_a_run_only_while_a_mail_is_due(
    lake: Lake, database: RegisterDatabase, instance: dg.DagsterInstance
) -> None:
    def tick() -> dg.RunRequest | dg.SkipReason:
        with dg.build_sensor_context(
            instance=instance, resources={"portal": PORTAL}, repository_def=defs.get_repository_def()
        ) as context:
            asked = mails_waiting(context)
        assert isinstance(asked, dg.RunRequest | dg.SkipReason)
        return asked

    assert tick() == dg.SkipReason("No mail waits.")
    with database.writing() as session:
        put(session, trial_letter("data@cpo.example", "nl", NOW), "linda@ndw.example", NOW)
    assert isinstance(tick(), dg.RunRequest)
    PORTAL.send_mails(database)
    assert tick() == dg.SkipReason("No mail waits.")


def test_a_region_is_told_without_the_areas_being_read_where_nothing_was_refused(lake: Lake) -> None:
    delivered(lake, [location(1)], module="locations")
    read: list[str] = []

    def areas() -> means.Areas:
        read.append("areas")
        return demo_areas()

    postman = following.postman(lake, {CPO.key: CPO}, areas, sender="linda@ndw.example", served_at=None)
    delivered(lake, [location(1, postal_code="nowhere")], module="locations", window=NOW.date())
    for night in lake.judged("locations"):
        postman.prepare(night)
    assert read == ["areas"], "for the night with a defect alone"
