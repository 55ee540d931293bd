"""The `linda` command as a person meets it: its exit codes, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline_tests.linda_here import bare_environment, linda_here
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo

pytestmark = pytest.mark.slow

TOKEN = "a-token-that-must-not-be-shown"
AREAS = Path(__file__).parents[1] / "data" / "reference" / "areas"


def linda(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, with nothing of LINDA's set but what is given."""
    return linda_here(*words, environment={"COLUMNS": "200", "NO_COLOR": "1", **environment})


def linda_process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "linda_pipeline.cli", *words],
        env={**bare_environment(), "COLUMNS": "200", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


class Portal:
    """A register with one CPO, a lake and all settings, in a folder of its own."""

    def __init__(self, folder: Path, versions_url: str) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        (folder / "cpos.toml").write_text(
            f'[cpo.NL-ABC]\nname = "Voorbeeld Laden"\nversions_url = "{versions_url}"\nocpi = "2.2.1"\n'
            '[[cpo.NL-ABC.permission]]\ndocument = "T-1"\nowner = "Gemeente"\nowner_kind = "concession"\nfrom = 2020-01-01\n'
        )
        self.environment = {
            "LINDA_LAKE": str(self.lake),
            "LINDA_CPOS": str(folder / "cpos.toml"),
            "LINDA_AREAS": str(AREAS),
            "LINDA_PSEUDONYM_KEY": "ab" * 32,
            "LINDA_TOKEN_NL_ABC": TOKEN,
            "DAGSTER_HOME": str(folder / "dagster"),
        }

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`linda run` on it. Whatever happens, the token is not shown."""
        told = linda("run", *arguments, **{**self.environment, **environment})
        assert TOKEN not in told.stdout + told.stderr
        return told

    def delivered(self) -> list[Path]:
        """The finished pulls in the lake."""
        return [path for path in self.lake.glob("raw/*/*/*/pull=*") if path.suffix != ".partial"]


@pytest.fixture(scope="module")
def silent_cpo() -> Iterator[str]:
    """A CPO without a single CDR in any window that has ended, and few Locations."""
    now = datetime.now(UTC).replace(microsecond=0)
    plan = Plan("NL-ABC", locations=3, start=now, until=now)
    with SimulatedCpo(plan, TOKEN) as simulated:
        yield simulated.versions_url


@pytest.fixture
def web_page() -> Iterator[str]:
    """A server that answers everything with a page for people."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<html><body>Welcome to our charging portal</body></html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/ocpi/versions"
        server.shutdown()


def test_a_register_without_mistakes_is_fine(tmp_path: Path) -> None:
    portal = Portal(tmp_path, "https://ocpi.example.nl/ocpi/versions")
    told = linda("check-cpos", **portal.environment)
    assert told.returncode == 0
    assert "1 CPOs, no mistakes" in told.stdout


def test_every_mistake_in_a_register_is_one_sentence_with_block_and_key(tmp_path: Path) -> None:
    register = tmp_path / "cpos.toml"
    register.write_text('[cpo.NL-ABC]\nname = "X"\nversion_url = "https://x.nl"\nlanguage = "de"\n')
    told = linda_process("check-cpos", str(register))
    assert told.returncode == 2
    assert '[cpo.NL-ABC] version_url: is not a key of this block; did you mean "versions_url"?' in told.stderr
    assert "[cpo.NL-ABC] versions_url: is missing" in told.stderr
    assert "[cpo.NL-ABC] language: must be" in told.stderr


def test_a_wrong_setting_of_alerts_is_found_beside_a_good_register(tmp_path: Path) -> None:
    portal = Portal(tmp_path, "https://ocpi.example.nl/ocpi/versions")
    told = linda("check-cpos", **portal.environment, LINDA_ALERT_SMTP="mail.example.nl:25")
    assert told.returncode == 2
    assert "LINDA_ALERT_SMTP is written as smtp://host:25" in told.stderr


def test_a_history_that_cannot_be_opened_is_a_setting_to_mend(tmp_path: Path) -> None:
    portal = Portal(tmp_path, "http://127.0.0.1:9/ocpi/versions")
    told = portal.run("--module", "cdrs", LINDA_POSTGRES_URL="postgresql://linda:geheim@127.0.0.1:1/linda")
    assert told.returncode == 2
    assert "The PostgreSQL server of LINDA_POSTGRES_URL cannot be used" in told.stderr
    assert "geheim" not in told.stdout + told.stderr


def test_a_run_with_a_mistake_in_the_register_pulls_nothing(tmp_path: Path) -> None:
    portal = Portal(tmp_path, "https://ocpi.example.nl/ocpi/versions")
    (tmp_path / "cpos.toml").write_text('[cpo.NL-ABC]\nnaam = "X"\n')
    told = portal.run()
    assert told.returncode == 2
    assert "[cpo.NL-ABC] naam: is not a key of this block" in told.stderr
    assert not portal.lake.exists()


def test_a_cpo_that_is_not_in_the_register_is_named_beside_those_that_are(tmp_path: Path) -> None:
    told = Portal(tmp_path, "https://ocpi.example.nl/").run("--cpo", "NL-XYZ")
    assert told.returncode == 2
    assert "There is no CPO NL-XYZ in the register of CPOs. There are NL-ABC." in told.stderr


def test_a_day_that_opens_no_window_gets_the_monday_that_does(tmp_path: Path) -> None:
    told = Portal(tmp_path, "https://ocpi.example.nl/").run("--window", "2026-02-10")
    assert told.returncode == 2
    assert "Give the Monday of the window it falls in: 2026-02-02." in told.stderr


@pytest.mark.parametrize(("key", "said"), [("", "is not set"), ("secret-but-short", "has 16 characters")])
def test_a_missing_or_malformed_key_is_told_before_anything_is_pulled(tmp_path: Path, key: str, said: str) -> None:
    portal = Portal(tmp_path, "http://127.0.0.1:9/ocpi/versions")
    told = portal.run(LINDA_PSEUDONYM_KEY=key)
    assert told.returncode == 2
    assert "LINDA_PSEUDONYM_KEY" in told.stderr
    assert said in told.stderr
    assert not key or key not in told.stderr
    assert portal.delivered() == []


def test_a_limit_that_is_none_is_told_before_anything_is_pulled(tmp_path: Path) -> None:
    portal = Portal(tmp_path, "http://127.0.0.1:9/ocpi/versions")
    told = portal.run(LINDA_LIMIT_PAGES="many")
    assert told.returncode == 2
    assert "LINDA_LIMIT_PAGES must be a whole number above 0, and is 'many'." in told.stderr
    assert portal.delivered() == []


def test_a_missing_token_names_its_variable(tmp_path: Path) -> None:
    portal = Portal(tmp_path, "http://127.0.0.1:9/ocpi/versions")
    told = portal.run("--module", "cdrs", LINDA_TOKEN_NL_ABC="")
    assert told.returncode == 2
    assert "LINDA_TOKEN_NL_ABC" in told.stderr
    assert portal.delivered() == []


def test_a_wrong_token_is_a_pull_that_failed_with_its_remedy(tmp_path: Path, silent_cpo: str) -> None:
    portal = Portal(tmp_path, silent_cpo)
    told = portal.run("--module", "cdrs", LINDA_TOKEN_NL_ABC="not-the-token")
    assert told.returncode == 3
    assert "401" in told.stderr
    assert "LINDA_TOKEN_NL_ABC" in told.stderr
    assert "not-the-token" not in told.stdout + told.stderr
    assert portal.delivered() == []


def test_a_web_page_in_place_of_json_is_shown_by_its_beginning(tmp_path: Path, web_page: str) -> None:
    told = Portal(tmp_path, web_page).run("--module", "cdrs")
    assert told.returncode == 3
    assert "<html>" in told.stderr


def test_a_cpo_cannot_have_the_portal_ask_another_server(tmp_path: Path) -> None:
    victim, cpo = LittleCpo({"cdrs": []}).start(), LittleCpo({"cdrs": []}).start()
    launch = {"identifier": "cdrs", "role": "SENDER", "url": f"{victim.url}/cdrs?query=mutation{{launchRun}}"}
    cpo.details = {"version": "2.2.1", "endpoints": [launch]}
    try:
        portal = Portal(tmp_path, cpo.versions_url)
        told = portal.run("--module", "cdrs")
        assert told.returncode == 3, told.stderr
        assert f"announces cdrs at {victim.url}, which the register does not name" in told.stderr
        assert f'put this line into [cpo.NL-ABC] of the register: origins = ["{victim.url}"]' in told.stderr
        assert victim.asked == []
        register = tmp_path / "cpos.toml"
        register.write_text(register.read_text().replace("[[cpo", f'origins = ["{victim.url}"]\n[[cpo', 1))
        told = portal.run("--module", "cdrs")
        assert told.returncode == 0, told.stderr
        assert len(victim.asked) > 0
    finally:
        victim.stop()
        cpo.stop()


def test_what_a_cpo_says_reaches_terminal_and_books_without_escapes(tmp_path: Path) -> None:
    cpo = LittleCpo({"cdrs": []}).start()
    cpo.versions_fault = lambda handler: handler.say([{"version": "\x1b[2J\ud800", "url": "https://x.nl"}])
    try:
        portal = Portal(tmp_path, cpo.versions_url)
        told = portal.run("--module", "cdrs")
        books = linda("deliveries", **portal.environment)
    finally:
        cpo.stop()
    assert told.returncode == 3, told.stderr
    assert "it offers: \\u001b[2J\\ud800." in told.stderr
    assert "\x1b" not in told.stdout + told.stderr + books.stdout + books.stderr
    (attempt,) = tmp_path.glob("lake/attempts/cdrs/cpo=NL-ABC/window=*/*.json")
    content = json.loads(attempt.read_bytes())
    assert content["outcome"] == "failed"
    assert "it offers: \\u001b[2J\\ud800." in content["failure"]["message"]


def test_a_host_that_is_down_is_named(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        port = gone.server_port
    told = Portal(tmp_path, f"http://127.0.0.1:{port}/ocpi/versions").run("--module", "cdrs")
    assert told.returncode == 3
    assert f"127.0.0.1:{port}" in told.stderr


def test_an_empty_feed_ends_in_a_report_that_says_so(tmp_path: Path, silent_cpo: str) -> None:
    portal = Portal(tmp_path, silent_cpo)
    told = linda_process("run", **portal.environment)
    assert told.returncode == 0, told.stderr
    assert TOKEN not in told.stdout + told.stderr
    reports = list(portal.lake.glob("reports/cdrs/cpo=NL-ABC/window=*/rapport.html"))
    assert len(reports) == 1
    assert "geen CDR" in reports[0].read_text(encoding="utf-8")
    asked = linda_process("sql", "SELECT count(*) AS cdrs FROM cdrs", **portal.environment)
    assert asked.returncode == 0, asked.stderr


def test_the_last_permission_withdrawn_takes_the_records_out_though_nobody_is_pulled(
    tmp_path: Path, silent_cpo: str
) -> None:
    portal = Portal(tmp_path, silent_cpo)
    assert portal.run("--module", "locations").returncode == 0
    register = tmp_path / "cpos.toml"
    register.write_text(register.read_text().partition("[[cpo.")[0])
    pulls = portal.delivered()
    told = portal.run("--module", "locations")
    assert told.returncode == 0, told.stderr
    assert "nothing is pulled" in told.stdout
    assert portal.delivered() == pulls
    held = linda("held", **portal.environment).stdout
    assert "3  no permission of the data owner covers it" in held
    assert "Withdrawn with a permission: locations/NL-ABC" in held
    assert "left in what is curated: 0" in held
    asked = linda("sql", "SELECT 'left: ' || count(*) FROM locations", **portal.environment)
    assert "left: 0" in asked.stdout
    assert portal.run("--module", "locations").returncode == 2, "and then there is nothing to do"


def test_a_lake_of_another_user_is_told_with_what_to_do(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can act as two users")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    theirs.chmod(0o755)
    script = (
        "import os, pathlib\nfrom linda_pipeline.storage.lake import Lake\nfrom linda_pipeline.errors import exit_code\n"
        "os.setgid(23456)\nos.setuid(23456)\n"
        f"try:\n    Lake(pathlib.Path({str(theirs)!r}) / 'lake')\n"
        "except Exception as failure:\n    print(failure)\n    raise SystemExit(int(exit_code(failure)))\n"
    )
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert told.returncode == 2, told.stderr
    assert "cannot be written by this user" in told.stdout
    assert "LINDA_LAKE" in told.stdout


def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path, silent_cpo: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=False).returncode:
        pytest.skip("a small disk cannot be made here")
    try:
        portal = Portal(tmp_path, silent_cpo)
        # In a process of its own: nothing of it may hold the disk when that is taken away. The register has a disk of its own:
        # beside the lake it would fill this one before the lake does.
        own = {"LINDA_LAKE": str(small / "lake"), "LINDA_DATABASE_URL": f"sqlite:///{tmp_path / 'register.sqlite'}"}
        told = linda_process("run", "--module", "locations", **portal.environment | own)
        assert told.returncode == 2, told.stderr
        assert f"The disk of the lake {small / 'lake'} is full" in told.stderr
        lake = small / "lake"
        assert list(lake.glob("raw/*/*/*/*.partial")) == []
        assert [path for path in (lake / ".staging").iterdir() if path.is_dir()] == []
        assert not (lake / "linda.duckdb").exists()
        for report in lake.glob("reports/*/*/*"):
            assert len(list(report.iterdir())) == 6, "a report stands whole or not at all"
    finally:
        subprocess.run(["umount", small], check=True)
