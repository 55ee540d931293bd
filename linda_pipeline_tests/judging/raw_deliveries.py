"""Raw deliveries written into a lake without a CPO: records of ours as one page, ready to be judged."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.judging.judge_locations import judge_locations
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.pulling.raw import PageFile, Pull, folder_of, newest_pull
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.storage.lake import Delivery, Lake

KEY = bytes(32)
WINDOW = date(2026, 11, 9)
NIGHT = date(2026, 11, 9)


def cpo(version: str = "2.2.1") -> Cpo:
    """NL-ABC, which may deliver everything."""
    permission = Permission("trial", "trial", "cpo", date(2020, 1, 1))
    return Cpo("NL-ABC", "ABC", "http://127.0.0.1", version, None, ("NL-ABC",), "nl", (), None, True, (permission,))


def deliver(
    lake: Lake,
    records: list[Any],
    *,
    module: str = "cdrs",
    version: str = "2.2.1",
    window: date = WINDOW,
    total_count: int | None = None,
) -> Pull:
    """Write a raw delivery; one that counts more than its records is not complete."""
    delivery = Delivery(module, "NL-ABC", window)
    days = 14 if module == "cdrs" else 0
    pulled_at = datetime.combine(window + timedelta(days=days), time(2), UTC)
    folder = folder_of(lake, delivery, pulled_at)
    folder.mkdir(parents=True)
    body = json.dumps({"status_code": 1000, "timestamp": "2026-11-23T02:00:00Z", "data": records}).encode()
    stored = gzip.compress(body, mtime=0)
    (folder / "page-00001.json.gz").write_bytes(stored)
    page = PageFile(
        1, "page-00001.json.gz", "trial:", len(records), len(body), hashlib.sha256(body).hexdigest(), len(stored), 0.0
    )
    counted = len(records) if total_count is None else total_count
    pull = Pull(
        folder=folder,
        delivery=delivery,
        asked_from=None,
        asked_until=None,
        pulled_at=pulled_at,
        ocpi_version=version,
        versions_url="trial:",
        endpoint="trial:",
        token_encoding="plain",
        complete=counted == len(records),
        total_count=counted,
        records=len(records),
        files=(page,),
        duration_s=0.0,
    )
    (folder / "delivery.json").write_text(json.dumps(pull.as_json()))
    return pull


def judge(lake: Lake, delivery: Delivery, **more: Any) -> Judgement:
    """Judge the newest pull of a delivery."""
    pull = newest_pull(lake, delivery)
    assert pull is not None
    if delivery.module == "cdrs":
        return judge_cdrs(lake, cpo(pull.ocpi_version), pull, areas=None, key=KEY, **more)
    return judge_locations(lake, cpo(pull.ocpi_version), pull, areas=None, **more)


def delivered(lake: Lake, records: list[Any], **what: Any) -> Judgement:
    """Deliver and judge."""
    return judge(lake, deliver(lake, records, **what).delivery)
