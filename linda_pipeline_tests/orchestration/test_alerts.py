"""Alerts: by every way that is set, once for the same thing, and never lost where a way is out of order."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from linda_pipeline.errors import InputMistake
from linda_pipeline.orchestration.alerts import Alert, Post, read_post
from linda_pipeline.orchestration.watching import failure_alert, lost, missed_alerts, unheard_of
from linda_pipeline.post.carrier import read_server
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Delivery
from linda_pipeline_tests.post.mail_servers import Mailbox, mail_server

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ALERT = Alert(
    "cdrs/NL-ABC/2026-11-09: 401", "LINDA: cdrs/NL-ABC/2026-11-09 failed", "The token is wrong.", "http://p/runs/1"
)


@contextmanager
def webhook(received: list[dict[str, str]]) -> Iterator[str]:
    """A real HTTP server that takes what is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_by_default_an_alert_stands_in_a_file_with_its_link(tmp_path: Path) -> None:
    assert read_post(read_settings({"LINDA_ALERT_FILE": str(tmp_path / "alerts.jsonl")})).send(ALERT, NOW) == []
    (line,) = lines(tmp_path / "alerts.jsonl")
    assert (line["text"], line["link"], line["unreached"]) == ("The token is wrong.", "http://p/runs/1", [])


def test_the_same_thing_is_not_told_twice_within_a_week(tmp_path: Path) -> None:
    received: list[dict[str, str]] = []
    with webhook(received) as url:
        post = Post(tmp_path / "alerts.jsonl", webhook=url)
        for hours in (0, 1, 24, 24 * 6):
            post.send(ALERT, NOW + timedelta(hours=hours))
        assert len(received) == 1
        post.send(ALERT, NOW + timedelta(days=8))
    assert len(received) == 2


def test_a_webhook_gets_subject_text_and_link(tmp_path: Path) -> None:
    received: list[dict[str, str]] = []
    with webhook(received) as url:
        Post(tmp_path / "alerts.jsonl", webhook=url).send(ALERT, NOW)
    assert received[0]["text"] == f"{ALERT.subject}\n{ALERT.text}\n{ALERT.link}"


def test_a_letter_reaches_every_reader_by_smtp(tmp_path: Path) -> None:
    box = Mailbox()
    with mail_server(box) as port:
        environment = {
            "LINDA_ALERT_SMTP": f"smtp://127.0.0.1:{port}",
            "LINDA_ALERT_TO": "a@example.nl, b@example.nl",
            "LINDA_ALERT_FILE": str(tmp_path / "alerts.jsonl"),
        }
        assert read_post(read_settings(environment)).send(ALERT, NOW) == []
    assert [message["To"] for message in box.taken] == ["a@example.nl, b@example.nl"] * 2
    assert ALERT.link in box.taken[0].get_content()


def test_a_reader_whom_the_server_refuses_is_told_and_the_mail_is_tried_again(tmp_path: Path) -> None:
    box = Mailbox(refused={"a@example.nl": "550 no such user"})
    with mail_server(box) as port:
        server = read_server(f"smtp://127.0.0.1:{port}", "LINDA_ALERT_SMTP")
        post = Post(tmp_path / "alerts.jsonl", server, "linda@localhost", ("a@example.nl",))
        assert post.send(ALERT, NOW) == ["mail: 550 no such user"]
        box.refused.clear()
        assert post.again(NOW + timedelta(minutes=15)) == []
    assert len(box.taken) == 1


def test_a_way_that_is_out_of_order_is_tried_again_and_then_told_once(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
    file = tmp_path / "alerts.jsonl"
    assert Post(file, webhook=dead).send(ALERT, NOW)[0].startswith("webhook: ")
    received: list[dict[str, str]] = []
    with webhook(received) as url:
        post = Post(file, webhook=url)
        assert post.again(NOW + timedelta(minutes=15)) == []
        assert post.again(NOW + timedelta(minutes=30)) == []
    assert len(received) == 1


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"LINDA_ALERT_SMTP": "mail.example.nl:25", "LINDA_ALERT_TO": "a@b.nl"}, "LINDA_ALERT_SMTP"),
        ({"LINDA_ALERT_SMTP": "smtp://mail.example.nl"}, "LINDA_ALERT_TO"),
        ({"LINDA_ALERT_WEBHOOK": "example.nl/hook"}, "LINDA_ALERT_WEBHOOK"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], names: str) -> None:
    with pytest.raises(InputMistake, match=names):
        read_post(read_settings(environment))


def test_a_missing_window_is_one_alert_for_all_its_cpos_and_each_cpo_is_told_once() -> None:
    window = date(2026, 11, 9)
    missing = [Delivery("cdrs", cpo, window) for cpo in ("NL-AAA", "NL-BBB", "NL-CCC")]
    failed = f"{missing[2].id}: the host does not answer"
    (first,) = missed_alerts(unheard_of(missing[:2] + missing[2:], {failed}), "http://localhost:3000")
    assert "NL-AAA, NL-BBB" in first.text
    assert "NL-CCC" not in first.text
    assert unheard_of(missing, {failed, first.key}) == []
    assert [one.cpo for one in unheard_of([*missing, Delivery("cdrs", "NL-DDD", window)], {failed, first.key})] == [
        "NL-DDD"
    ]


def test_the_link_of_a_failure_leads_to_its_run() -> None:
    import dagster as dg

    interface = read_settings({"LINDA_DAGSTER_URL": "https://dagster.example.nl/"}).dagster_url
    run = dg.DagsterRun(
        job_name="cdrs_delivery",
        run_id="11111111-2222-4333-8444-555555555555",
        tags={"dagster/partition/cpo": "NL-ABC", "dagster/partition/window": "2026-11-09"},
    )
    alert = failure_alert(run, "The token is wrong.", interface)
    assert alert.link == f"https://dagster.example.nl/runs/{run.run_id}"
    assert alert.subject == "LINDA: cdrs/NL-ABC/2026-11-09 failed"


@pytest.mark.parametrize(
    ("dagsters", "ours"),
    [
        (
            "This run has been marked as failed from outside the execution context.",
            "The process that carried the run out",
        ),
        ("Detected run worker status FAILED: 'the process 7 that carried it out is no longer there'.", "The process"),
        ("Run timed out due to taking longer than 180 seconds to start.", "did not start in time"),
    ],
)
def test_a_run_whose_process_was_lost_says_so_and_what_to_do(dagsters: str, ours: str) -> None:
    told = lost(dagsters)
    assert ours in told
    assert told.endswith("choose Re-execute, From failure.")


def test_a_failure_that_says_what_it_is_keeps_its_words() -> None:
    assert lost("The code could not be loaded.") == "The code could not be loaded."
