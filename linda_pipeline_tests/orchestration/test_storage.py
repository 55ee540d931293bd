"""Where the history goes: chosen by LINDA_POSTGRES_URL alone, and on a real server nothing is left in SQLite files."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.orchestration.in_process import instance_at
from linda_pipeline.orchestration.storage import StorageUnusable, postgres_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_way_to_write_the_address_gets_the_installed_driver(scheme: str) -> None:
    assert (
        postgres_url({"LINDA_POSTGRES_URL": f"{scheme}://u:p@db:5432/linda"})
        == "postgresql+psycopg2://u:p@db:5432/linda"
    )


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
        postgres_url({"LINDA_POSTGRES_URL": wrong})
    assert "secret" not in str(told.value)


class Server:
    """A real PostgreSQL server in a folder of its own, reached by a socket in that folder."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.folder, self.user = folder, user
        self._run("initdb", "-A", "trust", "-U", "linda", "-D", str(folder / "pg"), "--no-sync")

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgresql://linda@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder / "pg"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would."""
        self._run("pg_ctl", "-D", str(self.folder / "pg"), "-m", "immediate", "stop")

    def _run(self, *command: str) -> None:
        subprocess.run(
            command, check=True, user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder
        )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not shutil.which("initdb") or not shutil.which("pg_ctl"):
        pytest.skip("no PostgreSQL on the PATH: install the server to try it (initdb, pg_ctl)")
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = next((name for name in ("postgres", "nobody") if name in {one.pw_name for one in pwd.getpwall()}), None)
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody here")
    with tempfile.TemporaryDirectory(prefix="linda-pg-") as folder:
        if user is not None:
            shutil.chown(folder, user)
        one = Server(Path(folder), user)
        one.start()
        yield one
        one.stop()


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
