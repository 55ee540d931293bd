"""Deliveries for the tests, which come into a lake by the doors that the road itself uses.

Here: a CPO, records that differ in what a test says, pulls put into raw, judging them, putting a judgement that is made up,
and what was judged read back. Not here: any test; the made-up rows and findings of warehouse/accepted_rows.py and
report/made_findings.py, which come in through `put_judged`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.areas.area_set import Areas, read_areas
from linda_pipeline.calendar import stamp, window_bounds
from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.judging.judge_locations import judge_locations
from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.ledger.tables import FINDINGS
from linda_pipeline.ocpi.paging import RawPage
from linda_pipeline.pulling.keeping import keep_page, keep_pull
from linda_pipeline.pulling.raw import Pull, folder_of, newest_pull
from linda_pipeline.quality.example import changed
from linda_pipeline.register.cpos import Cpo, Permission, parse_register
from linda_pipeline.storage.lake import Delivery, Lake

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC)
NIGHT = date(2026, 11, 23)
DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)
LOCATIONS = Delivery("locations", "NL-ABC", NIGHT)
KEY = bytes(range(32))
REGISTER = """
[cpo.NL-ABC]
name = "Voorbeeld Laden B.V."
versions_url = "https://ocpi.example.nl/ocpi/versions"
[[cpo.NL-ABC.permission]]
document = "L-1"
owner = "Eindhoven"
owner_kind = "concession"
from = 2025-01-01
"""
"""The CPO as cpos.toml tells of it."""
CPO = parse_register(tomllib.loads(REGISTER))["NL-ABC"]
EVERYWHERE = CPO.permissions[0]
ZONNESTAD: dict[str, Any] = {"latitude": "52.090700", "longitude": "5.121400"}
"""In the made-up municipality GM9901; the good records lie outside all of them, in Nijmegen."""
LICHTDAM: dict[str, Any] = {"latitude": "51.441600", "longitude": "5.469700"}
"""In GM9902."""
RESERVED: dict[str, Any] = {
    "evse_uid": "#NA",
    "evse_id": "#NA",
    "connector_id": "#NA",
    "total_energy_kwh": 0.0,
    "@charging_periods": [
        {"start_date_time": "2026-11-10T07:30:00Z", "dimensions": [{"type": "RESERVATION_TIME", "volume": 1.0}]}
    ],
}
"""A reservation that never became a session."""


def permitted(*permissions: Permission) -> Cpo:
    """The CPO with other permissions."""
    return replace(CPO, permissions=permissions)


def demo_areas() -> Areas:
    """The made-up municipalities that the project ships."""
    return read_areas(Path(__file__).parents[1] / "data" / "reference" / "areas")


def cdr(number: int = 42, version: str = "2.2.1", **changes: Any) -> dict[str, Any]:
    """A good CDR with an id of its own, changed as said: our column name -> value, or ABSENT."""
    own = {"cdr_id": f"CDR-{number:06d}", "session_id": f"SES-{number:06d}", "evse_uid": f"EVSE-{number:06d}"}
    record: dict[str, Any] = changed("cdr", version, {**own, **changes})
    return record


def one_of_each() -> list[list[dict[str, Any] | bytes]]:
    """Two pages with a record for each bucket and reason, and one outside the window."""
    return [
        [cdr(1), cdr(2, total_energy_kwh="veel"), cdr(3, **RESERVED), cdr(1, last_updated="2026-11-12T00:00:00Z")],
        [
            cdr(4, home_charging_compensation=True),
            b'"no object"',
            cdr(5, last_updated="2026-11-23T00:00:00Z"),
            cdr(1, total_energy_kwh=12.4, last_updated="2026-11-13T00:00:00Z"),
            cdr(6, evse_uid="EVSE-000001", total_energy_kwh=12.45),
        ],
    ]


def location(number: int = 42, version: str = "2.2.1", evses: int = 1, **changes: Any) -> dict[str, Any]:
    """A good Location with an id and EVSEs of its own, changed as said."""
    record: dict[str, Any] = changed("location", version, {"location_id": f"LOC-{number:04d}", **changes})
    record["evses"] = [evse(number, index, version) for index in range(evses)]
    return record


def evse(number: int = 42, index: int = 0, version: str = "2.2.1", **fields: Any) -> dict[str, Any]:
    """A good EVSE with ids of its own; fields are named as OCPI names them."""
    made = changed("location", version, {})["evses"][0]
    return {**made, "uid": f"EVSE-{number:04d}-{index}", "evse_id": f"NL*ABC*E{number:05d}{index}", **fields}


def raw_pull(
    lake: Lake,
    *pages: Sequence[Mapping[str, Any] | bytes],
    delivery: Delivery = DELIVERY,
    version: str = "2.2.1",
    pulled_at: datetime | None = None,
    total_count: int | None = None,
) -> Pull:
    """Put pages of records (objects, or bytes as they are) into raw as a pull; complete unless `total_count` is more."""
    pulled_at = pulled_at or PULLED_AT + (delivery.window - (WINDOW if delivery.module == "cdrs" else NIGHT))
    folder = folder_of(lake, delivery, pulled_at)
    made = folder.with_name(f"{folder.name}.partial")
    made.mkdir(parents=True)
    files = tuple(keep_page(made, _page(number, records)) for number, records in enumerate(pages or [[]], start=1))
    count = sum(page.records for page in files)
    start, end = window_bounds(delivery.window)
    margin = timedelta(days=1 if version == "2.1.1" else 0)
    pull = Pull(
        folder=folder,
        delivery=delivery,
        asked_from=start - margin if delivery.module == "cdrs" else None,
        asked_until=end + margin if delivery.module == "cdrs" else None,
        pulled_at=pulled_at,
        ocpi_version=version,
        versions_url=CPO.versions_url,
        endpoint="https://ocpi.example.nl/ocpi/cdrs",
        token_encoding="base64",
        complete=total_count in (None, count),
        total_count=count if total_count is None else total_count,
        records=count,
        files=files,
        duration_s=0.0,
    )
    keep_pull(made, pull)
    return pull


def _page(number: int, records: Sequence[Mapping[str, Any] | bytes]) -> RawPage:
    """A page as the client hands it over."""
    encoded = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    body = b'{"status_code":1000,"timestamp":"2026-11-23T03:00:00Z","data":[' + b",".join(encoded) + b"]}"
    stored = gzip.compress(body, mtime=0)
    return RawPage(
        number=number,
        url=f"https://ocpi.example.nl/{number}",
        body=body,
        stored=stored,
        sha256=hashlib.sha256(body).hexdigest(),
        status_code=1000,
        records=len(records),
        total_count=None,
        limit=None,
        received_bytes=len(stored),
        duration_s=0.0,
    )


def judged(lake: Lake, pull: Pull, cpo: Cpo = CPO, areas: Areas | None = None, **more: Any) -> Judgement:
    """Judge a pull of CDRs or Locations."""
    if pull.delivery.module == "cdrs":
        return judge_cdrs(lake, cpo, pull, areas=areas, key=KEY, **more)
    return judge_locations(lake, cpo, pull, areas=areas, **more)


def delivered(
    lake: Lake,
    records: Sequence[Mapping[str, Any] | bytes],
    *,
    module: str = "cdrs",
    version: str = "2.2.1",
    window: date | None = None,
    total_count: int | None = None,
) -> Judgement:
    """Records as one page of a window or a night, pulled and judged."""
    day = window or (WINDOW if module == "cdrs" else NIGHT)
    delivery = Delivery(module, CPO.key, day)
    return judged(lake, raw_pull(lake, records, delivery=delivery, version=version, total_count=total_count))


def judged_again(lake: Lake, delivery: Delivery, **more: Any) -> Judgement:
    """Judge the newest pull of a delivery once more."""
    pull = newest_pull(lake, delivery)
    assert pull is not None
    return judged(lake, pull, **more)


def put_judged(
    lake: Lake, judgement: Judgement, accepted: Mapping[str, pa.Table] | None = None, **buckets: pa.Table
) -> Judgement:
    """Put a judgement that is made up, and its tables, as the judge does: all at once, with the findings counted.

    `accepted`: by name, since a night has several; the other buckets have one.
    """
    parts = {("accepted", name): table for name, table in (accepted or {}).items()}
    parts |= {(bucket, "part-00001"): table for bucket, table in buckets.items()}
    with lake.transaction() as transaction:
        for (bucket, name), table in parts.items():
            pq.write_table(table, transaction.put(lake.table(bucket, judgement.delivery, name)))
            if bucket == "findings":
                judgement.count(table)
        judgement.write(transaction.put(lake.ledger(judgement.delivery)))
    return judgement


def findings_table(*rows: Mapping[str, Any]) -> pa.Table:
    """Findings that are made up; what a row does not say is null."""
    return pa.Table.from_pylist([{name: row.get(name) for name in FINDINGS.names} for row in rows], schema=FINDINGS)


def judgement_of(delivery: Delivery, pulled_at: datetime = PULLED_AT, **more: Any) -> Judgement:
    """A judgement that is made up: complete, by today's profile, of the pull at a moment; with what is said otherwise."""
    usual = {
        "pull": stamp(pulled_at),
        "complete": True,
        "profile_version": "2025-04",
        "ocpi_version": "2.2.1",
        "counts": {delivery.module: Counts()},
    }
    return Judgement(delivery=delivery, pulled_at=pulled_at, **{**usual, **more})


def rows(lake: Lake, bucket: str, delivery: Delivery = DELIVERY, name: str = "part-00001") -> list[dict[str, Any]]:
    """What stands in a bucket of a delivery."""
    found: list[dict[str, Any]] = pq.read_table(lake.table(bucket, delivery, name)).to_pylist()
    return found


def ids(lake: Lake, bucket: str, delivery: Delivery = DELIVERY) -> list[str]:
    """The ids of what stands in a bucket of a delivery, in order."""
    if bucket == "accepted":
        name, column = ("part-00001", "cdr_id") if delivery.module == "cdrs" else ("locations", "location_id")
        return [row[column] for row in rows(lake, bucket, delivery, name)]
    return [row["id"] for row in rows(lake, bucket, delivery)]


def findings(lake: Lake, delivery: Delivery = DELIVERY) -> list[tuple[str | None, str, str | None]]:
    """What was found: (id, rule, path) of each finding, in order."""
    return [(row["id"], row["rule"], row["path"]) for row in rows(lake, "findings", delivery)]


def bytes_of(lake: Lake, *buckets: str) -> dict[str, bytes]:
    """Every file of some buckets with its bytes."""
    return {
        str(path.relative_to(lake.root)): path.read_bytes()
        for bucket in buckets
        for path in sorted((lake.root / bucket).rglob("*"))
        if path.is_file()
    }
