"""Where the history goes: chosen by LINDA_POSTGRES_URL alone, and on a real server nothing is left in SQLite files."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.orchestration.history_storage import StorageUnusable, with_driver
from linda_pipeline.orchestration.home import instance_at
from linda_pipeline_tests.postgres_server import Server, running_server


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_way_to_write_the_address_gets_the_installed_driver(scheme: str) -> None:
    assert with_driver(f"{scheme}://u:p@db:5432/linda") == "postgresql+psycopg2://u:p@db:5432/linda"


def test_without_the_setting_the_history_is_in_sqlite_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINDA_POSTGRES_URL", raising=False)
    with instance_at(tmp_path) as instance:
        instance.add_dynamic_partitions("cpo", ["NL-ABC"])
    with instance_at(tmp_path) as again:
        assert again.get_dynamic_partitions("cpo") == ["NL-ABC"]
    assert list(tmp_path.rglob("*.db"))


@pytest.mark.parametrize("wrong", ["db:5432/linda", "mysql://u:secret@db/linda", "postgresql://"])
def test_a_wrong_address_is_one_sentence_that_does_not_repeat_it(wrong: str) -> None:
    with pytest.raises(StorageUnusable, match="LINDA_POSTGRES_URL is no address of a PostgreSQL server") as told:
        with_driver(wrong)
    assert "secret" not in str(told.value)


def test_a_server_that_is_not_there_is_named_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    monkeypatch.setenv("LINDA_POSTGRES_URL", f"postgresql://linda:geheim@127.0.0.1:{port}/linda")
    with pytest.raises(StorageUnusable, match=f"cannot be used: .*port {port}.*Connection refused. Start it") as told, \
            instance_at(tmp_path):  # fmt: skip
        pass
    assert "geheim" not in str(told.value)


def test_a_database_that_the_server_does_not_have_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINDA_POSTGRES_URL", server.url.rpartition("/")[0] + "/no_such_database")
    with pytest.raises(StorageUnusable, match="no_such_database"), instance_at(tmp_path):
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as one:
        yield one


@dg.asset
def little() -> None:
    """Something to run."""


def test_on_a_server_runs_events_and_partitions_are_there_and_nothing_is_in_sqlite(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINDA_POSTGRES_URL", server.url)
    with instance_at(tmp_path) as instance:
        instance.add_dynamic_partitions("cpo", ["NL-ABC"])
        ended = dg.materialize([little], instance=instance)
    server.stop()
    server.start()
    with instance_at(tmp_path) as again:
        run = again.get_run_by_id(ended.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.SUCCESS
        assert again.get_latest_materialization_event(dg.AssetKey("little")) is not None
        assert again.get_dynamic_partitions("cpo") == ["NL-ABC"]
    assert list(tmp_path.rglob("*.db")) == []


def test_after_a_restart_of_the_server_the_kept_connections_of_the_webserver_are_renewed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINDA_POSTGRES_URL", server.url)
    with instance_at(tmp_path) as instance:
        instance.optimize_for_webserver(statement_timeout=5000, pool_recycle=3600, max_overflow=20)
        instance.add_dynamic_partitions("cpo", ["NL-ABC"])
        runs = len(instance.get_runs())
        server.stop()
        server.start()
        assert len(instance.get_runs()) == runs
        assert instance.get_dynamic_partitions("cpo") == ["NL-ABC"]
        assert instance.all_instigator_state() == []
