"""`linda sql` as an analyst types it, pipes into it, and stops it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.errors import InputMistake
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.commands.published_lake import lake_in, linda, linda_process, tree

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range % 7 = b.range % 3"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_in(tmp_path_factory.mktemp("sql"), tmp_path_factory)


def asked(lake: Lake, *options: str, text: str | None = None, width: int = 120) -> str:
    """What `linda sql` prints, in this process. Raises what it raises."""
    environment = {"LINDA_LAKE": str(lake.root), "COLUMNS": str(width), "NO_COLOR": "1"}
    result = CliRunner().invoke(app, ["sql", *options], env=environment, input=text)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_statements_on_a_pipe_may_take_several_lines_and_be_several(lake: Lake) -> None:
    text = "SELECT 1\n  AS one;\nSET VARIABLE x = 2;\n\nSELECT getvariable('x') AS two, 'a;b' AS text -- the end\n"
    told = linda_process(lake.root, "sql", text=text)
    assert (told.returncode, told.stderr) == (0, "")
    assert [line.split() for line in told.stdout.splitlines() if line.strip(" ─")] == [
        ["one"], ["1"], ["two", "text"], ["2", "a;b"],
    ]  # fmt: skip


def test_a_mistake_in_the_last_statement_is_told_before_the_first_is_run(lake: Lake) -> None:
    told = linda(lake.root, "sql", "SELECT 1; COPY (SELECT 1) TO 'kpi/x.csv'")
    assert (told.returncode, told.stdout) == (2, "")
    assert "COPY is not run here" in told.stderr


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM kpis", 'Did you mean "kpi"?'),
        ("SELECT total_energy FROM cdrs", "total_energy_kwh"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM register", "does not exist"),
        ("SELECT * FROM one", "does not exist"),
        ("", "no statement"),
        ("FROM read_text('/etc/hostname')", "no other file"),
    ],
)
def test_a_slip_of_the_asker_is_told_in_duckdbs_words(query: str, said: str, lake: Lake) -> None:
    with pytest.raises(InputMistake) as raised:
        asked(lake, query)
    assert said in str(raised.value)
    assert "Python" not in str(raised.value)


def test_a_slip_of_the_asker_ends_with_2(lake: Lake) -> None:
    told = linda(lake.root, "sql", "SELECT * FROM kpis")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == 'Catalog Error: Table with name kpis does not exist!\nDid you mean "kpi"?\n'


def test_without_a_database_the_way_to_make_one_is_told(tmp_path: Path) -> None:
    Lake(tmp_path / "lake")
    told = linda(tmp_path / "lake", "sql", "SELECT 1")
    assert told.returncode == 2
    assert "There is no linda.duckdb" in told.stderr
    assert "failure of the portal itself" not in told.stderr


def test_the_query_of_a_kpi_comes_out_as_it_can_be_pasted(lake: Lake) -> None:
    told = asked(lake, "SELECT sql FROM kpi_definition WHERE kpi_id = 'occupancy'")
    assert "\\n" not in told
    assert len(told.splitlines()) > 5
    assert asked(lake, "--format", "csv", text=told).startswith("month,")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("query", ["FROM kpi", "FROM cdrs", "FROM deliveries", "SUMMARIZE kpi", "FROM rule"])
def test_a_table_fits_the_terminal_and_every_column_is_shown_or_named(query: str, width: int, lake: Lake) -> None:
    told = asked(lake, query, "--rows", "5", width=width)
    lines = told.splitlines()
    if not lines[0].startswith("──"):  # rows one below the other show long texts whole
        assert max(map(len, lines)) <= width
    names = next(csv.reader(io.StringIO(asked(lake, query, "--format", "csv"))))
    together = "".join(told.split())
    missing = [name for name in names if not all(part in together for part in name.replace("_", "_ ").split())]
    assert len(names) > 5
    assert missing == []


def test_a_table_says_how_many_rows_it_shows(lake: Lake) -> None:
    told = asked(lake, "FROM range(100)")
    assert "The first 40 rows; there are more. --rows 0 shows all" in told
    told = asked(lake, "FROM range(100)", "--rows", "0")
    assert "there are more" not in told
    assert len(told.split()) == 102
    assert "there are more" not in asked(lake, "FROM range(40)")


def test_no_rows_name_their_columns(lake: Lake) -> None:
    assert asked(lake, "SELECT 1 AS a, 2 AS b WHERE false") == "No rows. The columns are a, b.\n"


def test_csv_json_and_parquet_hold_the_same_rows(lake: Lake, tmp_path: Path) -> None:
    query = "SELECT cdr_id, total_energy_kwh, start_date_time, NULL AS nothing FROM cdrs ORDER BY cdr_id"
    as_csv = list(csv.DictReader(io.StringIO(asked(lake, query, "--format", "csv"))))
    as_json = json.loads(asked(lake, query, "--format", "json"))
    assert [one["cdr_id"] for one in as_json] == ["CDR-000001", "CDR-000006"]
    assert [{name: "" if value is None else str(value) for name, value in one.items()} for one in as_json] == as_csv
    assert as_json[0]["start_date_time"].endswith("Z")
    piped = subprocess.run(
        [sys.executable, "-m", "linda_pipeline.cli", "sql", query, "--format", "parquet"],
        env={**os.environ, "LINDA_LAKE": str(lake.root)}, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    (tmp_path / "a.parquet").write_bytes(piped.stdout)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table["cdr_id"].to_pylist() == ["CDR-000001", "CDR-000006"]


def test_json_holds_numbers_that_are_none_as_null_and_each_key_once(lake: Lake) -> None:
    told = asked(lake, "SELECT 'nan'::DOUBLE AS a, 'inf'::DOUBLE AS b, 1 AS c, 2 AS c, 1.5::DECIMAL(4,2) AS d,"
                 " 170141183460469231731687303715884105727::HUGEINT AS e", "--format", "json")  # fmt: skip
    assert json.loads(told, parse_constant=lambda name: pytest.fail(name)) == [
        {"a": None, "b": None, "c": 1, "c_2": 2, "d": 1.5, "e": 170141183460469231731687303715884105727}
    ]


def test_what_machines_read_is_one_answer(lake: Lake) -> None:
    with pytest.raises(InputMistake, match="gives one answer"):
        asked(lake, "SELECT 1; SELECT 2", "--format", "csv")
    assert asked(lake, "SET VARIABLE a = 1; SELECT getvariable('a') AS a", "--format", "csv") == "a\n1\n"


def test_foreign_text_in_an_answer_cannot_steer_the_terminal(lake: Lake) -> None:
    told = asked(lake, "SELECT chr(27) || '[2J' AS a, chr(8238) || 'x' AS b FROM range(2)")
    assert "\x1b" not in told
    assert "\\u001b[2J" in told
    assert "\\u202ex" in told


def test_a_query_that_is_no_utf_8_is_told_so(lake: Lake) -> None:
    piped = subprocess.run(
        [sys.executable, "-m", "linda_pipeline.cli", "sql"],
        input="SELECT 'é'".encode("latin-1"), env={**os.environ, "LINDA_LAKE": str(lake.root)},
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert piped.returncode == 2
    assert b"UTF-8" in piped.stderr


def as_at_a_prompt() -> None:
    """Whoever runs the tests in the background, or under nohup, has signals ignored; at a prompt they are not."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


@pytest.mark.parametrize(("told", "said"), [(signal.SIGINT, "Stopped.\n"), (signal.SIGTERM, ""), (signal.SIGHUP, "")])
def test_a_piped_query_that_is_stopped_ends_at_once_and_leaves_nothing(
    told: signal.Signals, said: str, lake: Lake, tmp_path: Path
) -> None:
    before = tree(lake.root)
    process = subprocess.Popen(
        [sys.executable, "-m", "linda_pipeline.cli", "sql", ENDLESS],
        env={**os.environ, "LINDA_LAKE": str(lake.root), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=as_at_a_prompt,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(told)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (128 + told, "", said)
    assert list(tmp_path.iterdir()) == []
    assert tree(lake.root) == before


class Terminal:
    """`linda sql` at a terminal, as somebody types."""

    def __init__(self, lake: Lake) -> None:
        self.shown = ""
        self.pid, self._line = pty.fork()
        if self.pid == 0:
            as_at_a_prompt()
            os.execve(
                sys.executable,
                [sys.executable, "-m", "linda_pipeline.cli", "sql"],
                {**os.environ, "LINDA_LAKE": str(lake.root), "COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"},
            )

    def type(self, text: str) -> None:
        """Type something."""
        os.write(self._line, text.encode())

    def wait_for(self, seen: Callable[[str], bool]) -> str:
        """What was shown since the last time, once it is as wanted."""
        text, deadline = "", time.monotonic() + 60
        while not seen(text):
            assert time.monotonic() < deadline, text
            if select.select([self._line], [], [], 0.2)[0]:
                try:
                    text += os.read(self._line, 65536).decode()
                except OSError:
                    break
        return text.replace("\r\n", "\n")

    def end(self) -> int:
        """The exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_at_a_terminal_ctrl_c_stops_the_query_and_the_conversation_goes_on(lake: Lake) -> None:
    terminal = Terminal(lake)
    terminal.wait_for(lambda text: text.endswith("linda> "))
    terminal.type("SELECT 6 *\n")
    terminal.wait_for(lambda text: text.endswith("...> "))
    terminal.type("7 AS answer;\n")
    assert "42" in terminal.wait_for(lambda text: text.endswith("linda> "))
    terminal.type("SELECT * FROM kpis;\n")
    assert 'Did you mean "kpi"?' in terminal.wait_for(lambda text: text.endswith("linda> "))
    terminal.type(f"{ENDLESS};\n")
    terminal.wait_for(lambda text: text.endswith("\n"))
    time.sleep(1)
    terminal.type("\x03")
    assert "Stopped." in terminal.wait_for(lambda text: text.endswith("linda> "))
    terminal.type("SELECT 'still ' || 'here' AS a;\n")
    assert "still here" in terminal.wait_for(lambda text: text.endswith("linda> "))
    terminal.type("\x04")
    assert terminal.end() == 0
