"""Several CPOs through Dagster in this process: a slow one holds up nobody, and no token is written anywhere."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from linda_pipeline.calendar import window_bounds
from linda_pipeline.failures import sentence
from linda_pipeline.lake import Delivery
from linda_pipeline.simulator.faults import FAULTS, faults_of
from linda_pipeline.simulator.feed import Feed
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.server import Answer, Cpo, Fault, OcpiServer, PageRequest

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC)
TOKEN = "geheim-sleutel-7f3a"
CODED = base64.b64encode(TOKEN.encode()).decode()


def feeds() -> dict[str, Feed]:
    start, end = window_bounds(WINDOW)
    plan = Plan("NL-ABC", locations=6, start=start + timedelta(hours=1), until=end)
    return {module: Feed(feed.records[:25]) for module, feed in feeds_of(plan).items()}


@contextmanager
def serving(cpos: dict[str, dict[str, Fault]], to: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server for each CPO with its faults, and the portal's settings for them."""
    register, own = "", feeds()
    with ExitStack() as stack:
        for key, faults in cpos.items():
            server = OcpiServer(Cpo("2.2.1", TOKEN, own, "2026-11-23T00:00:00Z", 10, faults))
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            register += (
                f'[cpo.{key}]\nname = "{key}"\nversions_url = "{server.versions_url}"\nocpi = "2.2.1"\n'
                f'[[cpo.{key}.permission]]\ndocument = "L"\nowner = "E"\nowner_kind = "cpo"\nfrom = 2025-01-01\n'
            )
            monkeypatch.setenv("LINDA_TOKEN_" + key.replace("-", "_"), TOKEN)
        (to / "cpos.toml").write_text(register)
        monkeypatch.setenv("LINDA_CPOS", str(to / "cpos.toml"))
        monkeypatch.setenv("LINDA_LAKE", str(to / "lake"))
        monkeypatch.setenv("LINDA_AREAS", str(Path(__file__).parents[2] / "data" / "reference" / "areas"))
        monkeypatch.setenv("LINDA_PSEUDONYM_KEY", "11" * 32)
        yield


def test_one_cpo_that_answers_a_byte_a_second_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dagster")
    from linda_pipeline.definitions import defs
    from linda_pipeline.ocpi import client_http
    from linda_pipeline.orchestration.in_process import instance_at, run_deliveries
    from linda_pipeline.orchestration.portal import Portal

    slow_for_s = 25
    brisk = client_http.Patience(answer_s=slow_for_s, tries=1)
    monkeypatch.setattr("linda_pipeline.ocpi.client.Patience", lambda: brisk)
    slow, _ = faults_of(["cdrs:drip"])
    with serving({"NL-SLO": slow, "NL-ABC": {}, "NL-DEF": {}}, tmp_path, monkeypatch):
        deliveries = [Delivery("cdrs", key, WINDOW) for key in ("NL-SLO", "NL-ABC", "NL-DEF")]
        began, ended = time.monotonic(), {}
        with instance_at(tmp_path / "dagster") as instance:
            for outcome in run_deliveries(instance, defs, deliveries, Portal(now=PULLED_AT.isoformat())):
                assert outcome.delivery is not None
                ended[outcome.delivery.cpo] = (outcome.failure, time.monotonic() - began)
    assert list(ended)[-1] == "NL-SLO"
    assert ended["NL-ABC"][0] is ended["NL-DEF"][0] is None
    assert "still sending after 25 s" in str(ended["NL-SLO"][0])
    assert max(ended["NL-ABC"][1], ended["NL-DEF"][1]) < ended["NL-SLO"][1]


def telling(fault: Fault) -> Fault:
    """A fault of which the server also says the token aloud, in both forms, wherever it can."""

    def told(request: PageRequest, answer: Answer) -> Answer:
        answer = fault(request, answer)
        echo = f"{TOKEN} {CODED}"
        body = answer.body.replace(b'"status_message": "', f'"status_message": "{echo} '.encode())
        answer.headers |= {"X-Echo": echo}
        if answer.status >= 400 and not body:
            body = echo.encode()
        answer.body = body
        return answer

    return told


def test_no_token_is_written_anywhere_after_failures_of_every_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("dagster")
    from linda_pipeline.definitions import defs
    from linda_pipeline.ocpi import client_http
    from linda_pipeline.orchestration.in_process import instance_at, run_deliveries
    from linda_pipeline.orchestration.portal import Portal

    brisk = client_http.Patience(read_s=0.5, answer_s=1, tries=1, largest_page_bytes=2_000_000)
    monkeypatch.setattr("linda_pipeline.ocpi.client.Patience", lambda: brisk)
    names = [
        "http_400",
        "http_401",
        "http_403",
        "http_404",
        "http_429",
        "http_500",
        "http_503",
        "ocpi_2001",
        "ocpi_3000",
    ]
    names += [
        "html",
        "cut",
        "truncated_json",
        "silent",
        "gzip_bomb",
        "repeats_page",
        "redirect_loop",
        "redirect_elsewhere",
    ]
    keys = {f"NL-{number:03d}": name for number, name in enumerate(names)}
    failures = {}
    faults = {key: {"cdrs": telling(FAULTS[name]())} for key, name in keys.items()}
    with serving(faults, tmp_path, monkeypatch), instance_at(tmp_path / "dagster") as instance:
        deliveries = [Delivery("cdrs", key, WINDOW) for key in keys]
        for outcome in run_deliveries(instance, defs, deliveries, Portal(now=PULLED_AT.isoformat())):
            assert outcome.delivery is not None
            assert outcome.failure is not None, keys[outcome.delivery.cpo]
            failures[keys[outcome.delivery.cpo]] = sentence(outcome.failure)
        events = [record for run in instance.get_runs() for record in instance.all_logs(run.run_id)]
    assert len(failures) == len(names)
    assert any("PullFailed" in str(event) or "HostFailing" in str(event) for event in events), (
        "the failures are in the log"
    )
    said = "".join(map(str, events)) + "".join(failures.values()) + "".join(capfd.readouterr())
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (TOKEN, CODED):
        assert secret not in said
        assert secret.encode() not in written
