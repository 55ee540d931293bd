"""Every fault of the simulator, and what must come of it: the same accepted set, or a named failure. No test stands here.

"The same" is said twice: of the records as bytes, each once, and of what the judge accepts and rejects of them.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Hashable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import msgspec
import pyarrow.parquet as pq

from linda_pipeline import stations
from linda_pipeline.calendar import local_date, window_bounds
from linda_pipeline.ledger.attempts import attempts
from linda_pipeline.ocpi.failures import (
    CpoRefused,
    HostFailing,
    NotAuthorised,
    NotFound,
    NotOcpi,
    OriginNotNamed,
    PageTooLarge,
    PagingBroken,
    PullFailed,
)
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.pulling.pull import newest_pull, pull
from linda_pipeline.register.cpos import Cpo, parse_register
from linda_pipeline.simulator import server as simulator
from linda_pipeline.simulator.faults import faults_of
from linda_pipeline.simulator.faults_answers import BAD_RECORD
from linda_pipeline.simulator.feed import Feed, Sent
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.server import OcpiServer
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, KEY, demo_areas

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC)
COUNT = 26
"""Three pages of ten."""
SPOILT = {"cdrs": (5, "total_energy", -1), "locations": (14, "address", "")}
"""Per module the record that the judge rejects, and why: place, field, value."""
TOKEN = "geheim-sleutel-7f3a"
BRISK = Patience(
    connect_s=10,
    read_s=10,
    answer_s=20,
    tries=2,
    first_wait_s=0.002,
    longest_wait_s=0.004,
    longest_retry_after_s=2,
    largest_page_bytes=2_000_000,
)
BRISK_WITH_THE_SLOW = replace(BRISK, read_s=0.3, answer_s=0.6)

WHOLE = "every record, proven"
LESS_ONE_BAD = "all but the bad record, which is named; not complete"
LESS_ONE_GONE = "all but the record that the CPO took away meanwhile"
UNPROVEN = "not complete"
EXPECTED: dict[str, str | type[PullFailed]] = {
    "http_400": CpoRefused,
    "http_401": NotAuthorised,
    "http_403": NotAuthorised,
    "http_404": NotFound,
    "http_429": HostFailing,
    "http_429_for_a_day": HostFailing,
    "http_500": HostFailing,
    "http_502": HostFailing,
    "http_503": HostFailing,
    "ocpi_2001": CpoRefused,
    "ocpi_3000": CpoRefused,
    "html": NotOcpi,
    "empty_body": NotOcpi,
    "no_data": UNPROVEN,
    "wrong_content_type": WHOLE,
    "truncated_json": HostFailing,
    "cut": HostFailing,
    "silent": HostFailing,
    "drip": HostFailing,
    "fast_drip": HostFailing,
    "drip_headers": HostFailing,
    "gzip_bomb": PageTooLarge,
    "huge_page": PageTooLarge,
    "broken_gzip": HostFailing,
    "gzip_unannounced": WHOLE,
    "gzip_only_said": WHOLE,
    "redirect": WHOLE,
    "redirect_elsewhere": OriginNotNamed,
    "redirect_loop": NotOcpi,
    "bad_record_500": LESS_ONE_BAD,
    "bad_record_ocpi_3000": LESS_ONE_BAD,
    "no_link": WHOLE,
    "empty_link": WHOLE,
    "link_404": WHOLE,
    "link_422": WHOLE,
    "link_loops": WHOLE,
    "link_other_host": WHOLE,
    "link_other_scheme": WHOLE,
    "link_drops_dates": WHOLE,
    "link_skips": WHOLE,
    "link_opaque": WHOLE,
    "repeats_page": PagingBroken,
    "small_pages": WHOLE,
    "limit_echoed": WHOLE,
    "no_count": WHOLE,
    "count_of_page": WHOLE,
    "count_too_high": UNPROVEN,
    "count_too_low": WHOLE,
    "count_grows": WHOLE,
    "count_shrinks": WHOLE,
    "record_added": WHOLE,
    "record_removed": LESS_ONE_GONE,
    "record_moved": WHOLE,
    "order_unstable": UNPROVEN,
    "order_settles": WHOLE,
    "ignores_dates": WHOLE,
    # The same on one page only, or passing: sat out.
    "http_429@2x1": WHOLE,
    "http_500@3x1": WHOLE,
    "http_503@1x1": WHOLE,
    "ocpi_3000@2x1": WHOLE,
    "cut@2x1": WHOLE,
    "truncated_json@3x1": WHOLE,
    "broken_gzip@1x1": WHOLE,
    "silent@2x1": WHOLE,
    "gzip_bomb@2x1": WHOLE,
    "html@3": NotOcpi,
    "http_401@3": NotAuthorised,
    "http_404@2": NotFound,
}
"""By order. What is not listed here has no test, and a test says so."""


@functools.cache
def feeds(version: str) -> dict[str, Feed]:
    start, end = window_bounds(WINDOW)
    plan = Plan("NL-ABC", version, locations=COUNT, start=start + timedelta(hours=1), until=end, per_evse_day=0.5)
    return {module: Feed(spoilt(module, feed.records[:COUNT])) for module, feed in feeds_of(plan).items()}


def spoilt(module: str, records: list[Sent]) -> list[Sent]:
    """The records, with one that the judge rejects."""
    place, field, value = SPOILT[module]
    body = msgspec.json.encode(msgspec.json.decode(records[place].body) | {field: value})
    return [*records[:place], replace(records[place], body=body), *records[place + 1 :]]


def registered(server: OcpiServer, version: str) -> Cpo:
    permission = {"document": "L-1", "owner": "Eindhoven", "owner_kind": "concession", "from": date(2026, 1, 1)}
    block = {"name": "Voorbeeld", "versions_url": server.versions_url, "ocpi": version, "permission": [permission]}
    return parse_register({"cpo": {"NL-ABC": block}})["NL-ABC"]


def delivered(lake: Lake, version: str, module: str, *orders: str) -> tuple[set[bytes] | None, PullFailed | None]:
    """The records of a pull from a server with these faults, each once; or the failure, and then nothing is stored."""
    faults, habits = faults_of(orders)
    cpo = simulator.ServedCpo(version, TOKEN, feeds(version), "2026-11-23T00:00:00Z", 10, faults, habits)
    server = OcpiServer(cpo)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    window = WINDOW if module == "cdrs" else local_date(PULLED_AT)
    patience = BRISK_WITH_THE_SLOW if any("drip" in order or "silent" in order for order in orders) else BRISK
    try:
        got = pull(
            lake, registered(server, version), module, window, token=TOKEN, pulled_at=PULLED_AT, patience=patience
        )
    except PullFailed as failure:
        return None, failure
    finally:
        server.shutdown()
        server.server_close()
    return {record for _, records in got.pages() for record in records}, None


def delivery_of(module: str) -> Delivery:
    return Delivery(module, "NL-ABC", WINDOW if module == "cdrs" else local_date(PULLED_AT))


Verdict = dict[str, frozenset[str]]
"""By record id: its rows in the accepted tables, or in the rejected one, as text without their place in the pages."""


_areas = functools.cache(demo_areas)
_verdicts: dict[Hashable, Verdict] = {}


def judged(lake: Lake, module: str) -> Verdict:
    """What the judge makes of the pull in a lake; that nothing is lost is proven by the road itself.

    The same pages with the same proof, from a server of the same version, are judged once: a verdict rests on no more. Where
    a record is hidden they are always judged, for then the findings are looked at as well.
    """
    got = newest_pull(lake, delivery_of(module))
    assert got is not None
    pages = tuple((number, tuple(records)) for number, records in got.pages())
    proven = (got.complete, got.proof, got.doubt, got.total_count, got.unique_records)
    key = (module, got.ocpi_version, pages, proven)
    if got.hidden or key not in _verdicts:
        _verdicts[key] = _judged(lake, module)
    return _verdicts[key]


def _judged(lake: Lake, module: str) -> Verdict:
    delivery, rows = delivery_of(module), dict[str, set[str]]()
    stations.judge(lake, CPO, delivery, areas=_areas(), key=KEY)
    stations.conserve(lake, delivery)
    accepted = ["part-00001"] if module == "cdrs" else ["locations", "evses"]
    for bucket, name in [*(("accepted", name) for name in accepted), ("rejected", "part-00001")]:
        for row in pq.read_table(lake.table(bucket, delivery, name)).to_pylist():
            key = row.get("cdr_id") or row.get("location_id") or row["id"]
            told = {field: value for field, value in row.items() if field not in ("page", "position")}
            rows.setdefault(key, set()).add(f"{bucket} {json.dumps(told, sort_keys=True, default=str)}")
    return {key: frozenset(found) for key, found in rows.items()}


@functools.cache
def faultless(version: str, module: str) -> Verdict:
    """The verdict on the records of a server that does everything right."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        delivered(lake, version, module)
        verdict = judged(lake, module)
    rejected = [key for key, rows in verdict.items() if any(row.startswith("rejected") for row in rows)]
    assert rejected == [id_of(feeds(version)[module].records[SPOILT[module][0]].body)]
    assert len(verdict) == COUNT
    return verdict


def id_of(body: bytes) -> str:
    return str(msgspec.json.decode(body)["id"])


def check(folder: Path, order: str, version: str, module: str) -> None:
    """Pull from a server with this fault, judge, and hold all of it against what must come of it."""
    lake = Lake(folder / "lake")
    delivery = delivery_of(module)
    sent = [one.body for one in feeds(version)[module].records]
    assert len(sent) == COUNT
    expected = EXPECTED[order]
    records, failure = delivered(lake, version, module, f"{module}:{order}")
    stored = newest_pull(lake, delivery)
    (attempt,) = attempts(lake, delivery)
    if isinstance(expected, type):
        assert type(failure) is expected
        assert stored is None
        assert attempt.failure is not None
        assert (attempt.outcome, attempt.failure["kind"]) == ("failed", expected.__name__)
        return
    assert failure is None
    assert stored is not None
    assert stored.complete == attempt.complete == (expected in (WHOLE, LESS_ONE_GONE))
    verdict, same = judged(lake, module), faultless(version, module)
    if expected == WHOLE or order == "count_too_high":
        assert records == set(sent)
        assert verdict == same
    elif expected == LESS_ONE_GONE:
        assert records == set(sent[1:])
        assert verdict == without(same, sent[0])
    elif expected == LESS_ONE_BAD:
        assert records == set(sent) - {sent[BAD_RECORD]}
        assert verdict == without(same, sent[BAD_RECORD])
        assert [one.offset for one in stored.hidden] == [BAD_RECORD]
        told = pq.read_table(lake.table("findings", delivery)).select(["rule", "value"]).to_pylist()
        assert {"rule": "every_record_given", "value": f"offset {BAD_RECORD}"} in told
    else:
        assert records is not None
        assert records <= set(sent)
        assert verdict.items() <= same.items()
        assert stored.doubt


def without(verdict: Verdict, body: bytes) -> Verdict:
    return {key: rows for key, rows in verdict.items() if key != id_of(body)}
