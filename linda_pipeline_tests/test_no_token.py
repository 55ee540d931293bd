"""No token, ever: `linda run` with failures of every kind, from servers that quote it, and then every file searched for it.

One command for many CPOs, each with a failure of its own, on a real lake and a real DAGSTER_HOME. The servers send the
token back wherever they can, plain and base64, as some do. What is searched: all that is on disk, unpacked, and all that
was printed.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow.parquet as pq
import pytest

from linda_pipeline.orchestration.home import instance_at
from linda_pipeline_tests.ocpi.test_client_trust import pem  # noqa: F401 (a fixture)

AREAS = Path(__file__).parents[1] / "data" / "reference" / "areas"
TOKEN = "geheim+sleutel/7f3a-niet-tonen"
CODED = base64.b64encode(TOKEN.encode()).decode()
FORMS = [form.encode() for form in (TOKEN, CODED, quote(TOKEN, safe=""), quote(CODED, safe=""))]
QUOTES = f"{TOKEN} {CODED} {quote(TOKEN, safe='')} {quote(CODED, safe='')}"
"""What the servers put into everything they say."""

DRIVER = '''
"""`linda` with little patience, and with mistakes of our own in the middle of the pull of two CPOs."""
import sys
import linda_pipeline.ocpi.limits as limits
import linda_pipeline.ocpi.client_http as http

BRISK = limits.Patience(
    connect_s=2, read_s=0.5, answer_s=1, tries=2, first_wait_s=0.01, longest_wait_s=0.02, longest_retry_after_s=2
)
limits.Patience.__init__.__defaults__ = tuple(getattr(BRISK, name) for name in limits.Patience.__dataclass_fields__)
well = http.Caller._outcome


def outcome(self, fetched, *rest):
    token, url = self.token.header, fetched.url
    if "/crash_local/" in url and "offset" in url:
        raise ZeroDivisionError("a mistake of ours")
    if "/crash_quoting/" in url and "offset" in url:
        try:
            raise KeyError(token)
        except KeyError as error:
            raise RuntimeError(f"no header like {token!r} for {self.token.text}") from error
    return well(self, fetched, *rest)


http.Caller._outcome = outcome
if __name__ == "__main__":
    from linda_pipeline.cli import main
    main()
'''


class Quoting(BaseHTTPRequestHandler):
    """A CPO that quotes the token: the first part of the path says what goes wrong, at its door or in its pages."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        what, _, rest = self.path.strip("/").partition("/")
        base = f"http://{self.headers['Host']}/{what}"
        if what in DOOR:
            DOOR[what](self)
        elif rest.startswith("versions"):
            self.say([{"version": "2.2.1", "url": f"{base}/details"}])
        elif rest.startswith("details"):
            self.say(
                {"version": "2.2.1", "endpoints": [{"identifier": "cdrs", "role": "SENDER", "url": f"{base}/cdrs"}]}
            )
        else:
            PAGES[what](self)

    def say(self, data: object, status: int = 200, code: int = 1000, said: str = "", **headers: str) -> None:
        body = json.dumps({"data": data, "status_code": code, "status_message": said, "timestamp": "x"}).encode()
        self.send(status, body, None, **headers)

    def send(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None

    def log_message(self, *_: object) -> None: ...


def _status(status: int) -> Callable[[Quoting], None]:
    return lambda it: it.say(None, status, 2001, f"no access for {QUOTES}", X_Token=QUOTES)


DOOR: dict[str, Callable[[Quoting], None]] = {
    "http_401": _status(401),
    "http_403": _status(403),
    "http_404": _status(404),
    "http_500": _status(500),
    "html": lambda it: it.send(200, f"<html>{QUOTES}</html>".encode(), Content_Type=f"text/{TOKEN}"),
    "no_envelope": lambda it: it.send(200, json.dumps({TOKEN: CODED}).encode()),
    "no_version": lambda it: it.say([{"version": TOKEN, "url": f"https://x.nl/{TOKEN}"}]),
    "elsewhere": lambda it: it.send(302, b"", Location=f"http://127.0.0.1:9/{TOKEN}?key={CODED}"),
    "nowhere": lambda it: it.send(302, b"", Location=f"gopher://{TOKEN}/{CODED}"),
    "in_a_circle": lambda it: it.send(302, b"", Location=f"{it.path.partition('?')[0]}?key={quote(TOKEN, safe='')}"),
}
PAGES: dict[str, Callable[[Quoting], None]] = {
    "http_429": lambda it: it.say(None, 429, 3000, QUOTES, Retry_After="86400"),
    "ocpi_2001": lambda it: it.say(None, 200, 2001, f"unknown token {QUOTES}"),
    "cut": lambda it: it.send(200, b'{"data": ["' + QUOTES.encode(), length=9999),
    "truncated": lambda it: it.send(200, b'{"data": ["' + QUOTES.encode()),
    "silent": lambda it: time.sleep(2),
    "repeats": lambda it: it.say([{"id": "1"}], X_Total_Count="3", Link=f'<{it.path}&key={TOKEN}>; rel="next"'),
    "crash_local": lambda it: it.say([{"id": "1"}]),
    "crash_quoting": lambda it: it.say([{"id": "1"}]),
}


def contents(path: Path) -> Iterator[bytes]:
    """All that a file holds: as it is, and unpacked or read out where it is packed."""
    yield path.read_bytes()
    if path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes())
    elif path.suffix == ".parquet":
        yield repr(pq.read_table(path).to_pylist()).encode()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as database:
            for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield repr(database.execute(f'SELECT * FROM "{table}"').fetchall()).encode()
    elif path.read_bytes()[:15] == b"SQLite format 3":
        with sqlite3.connect(path) as history:
            yield "\n".join(history.iterdump()).encode()


def holding_it(folder: Path, *but: Path) -> list[Path]:
    """The files in a folder in which the token stands in any form."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path not in but and any(form in part for part in contents(path) for form in FORMS)
    ]


def test_the_search_finds_a_token_wherever_it_may_hide(tmp_path: Path) -> None:
    import pyarrow as pa

    (tmp_path / "plain.log").write_text(f"x{CODED}x")
    (tmp_path / "page.gz").write_bytes(gzip.compress(TOKEN.encode()))
    pq.write_table(pa.table({"x": ["y" * 5000 + TOKEN]}), tmp_path / "t.parquet", compression="zstd")
    with duckdb.connect(str(tmp_path / "t.duckdb")) as database:
        database.execute("CREATE TABLE t AS SELECT ? AS x", [CODED])
    with sqlite3.connect(tmp_path / "runs.db") as history:
        history.execute("CREATE TABLE t (x TEXT)")
        history.execute("INSERT INTO t VALUES (?)", ["y" * 4070 + TOKEN + "y" * 9000])  # over the edge of a page
    assert len(holding_it(tmp_path)) == 5


@pytest.mark.slow
def test_no_token_is_left_anywhere_after_failures_of_every_kind(tmp_path: Path, pem: Path) -> None:  # noqa: F811
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        nobody = f"http://127.0.0.1:{gone.server_port}/{TOKEN}/versions"
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Quoting) as server,
        ThreadingHTTPServer(("127.0.0.1", 0), Quoting) as safe,
    ):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        safe.socket = context.wrap_socket(safe.socket, server_side=True, do_handshake_on_connect=False)
        for one in (server, safe):
            threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        urls = {what: f"{base}/{what}/versions?key={quote(TOKEN, safe='')}" for what in (*DOOR, *PAGES)}
        urls |= {"nobody": nobody, "tls": f"https://127.0.0.1:{safe.server_port}/{TOKEN}/versions"}
        told, what = run(tmp_path, urls)
        server.shutdown()
        safe.shutdown()
    assert told.returncode == 4, told.stdout + told.stderr
    for key, name in what.items():
        assert f"cdrs/{key}" in told.stderr, f"{name} failed in no way"
    assert "ZeroDivisionError: a mistake of ours" in told.stderr
    assert "Traceback" in told.stderr
    assert "RuntimeError: no header like 'Token ***' for ***" in told.stderr
    assert not [form for form in FORMS if form in (told.stdout + told.stderr).encode()], "printed"
    with instance_at(tmp_path / "dagster") as instance:
        failed = [run for run in instance.get_runs() if run.is_failure]
    assert len(failed) == len(urls), "each stands in the history"
    assert len(list((tmp_path / "lake" / "attempts").rglob("*.json"))) == len(urls), "and in the ledger"
    assert holding_it(tmp_path, tmp_path / "cpos.toml") == []


def run(folder: Path, urls: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """`linda run` for a CPO per address; what each CPO does wrong comes by its key."""
    what, register, tokens = {}, "", {}
    for number, (name, url) in enumerate(urls.items()):
        key = f"NL-T{number:02d}"
        what[key] = name
        encoding = "plain" if number % 2 else "base64"
        register += (
            f'[cpo.{key}]\nname = "{name}"\nversions_url = "{url}"\nocpi = "2.2.1"\ntoken_encoding = "{encoding}"\n'
        )
        register += f'[[cpo.{key}.permission]]\ndocument = "T"\nowner = "G"\nowner_kind = "cpo"\nfrom = 2020-01-01\n'
        tokens[f"LINDA_TOKEN_NL_T{number:02d}"] = TOKEN
    (folder / "cpos.toml").write_text(register)
    (folder / "driver.py").write_text(DRIVER)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LINDA_", "DAGSTER_"))}
    told = subprocess.run(
        [sys.executable, str(folder / "driver.py"), "run", "--module", "cdrs"],
        env={
            **clean,
            **tokens,
            "PYTHONPATH": os.pathsep.join(
                path for path in [str(AREAS.parents[2]), clean.get("PYTHONPATH", "")] if path
            ),
            "NO_COLOR": "1",
            "COLUMNS": "300",
            "LINDA_TRACEBACK": "1",
            "LINDA_LAKE": str(folder / "lake"),
            "LINDA_CPOS": str(folder / "cpos.toml"),
            "LINDA_AREAS": str(AREAS),
            "LINDA_PSEUDONYM_KEY": "ab" * 32,
            "DAGSTER_HOME": str(folder / "dagster"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return told, what
