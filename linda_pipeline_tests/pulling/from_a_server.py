"""Pulling a small delivery from a server on loopback, with little patience.

Here: the pull, and the files that it leaves in raw. Not here: any test, the server (ocpi/little_cpo.py), and deliveries without
one (deliveries.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.pulling.pull import Pull, pull
from linda_pipeline.register.cpos import Cpo, parse_register
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo

BRISK = Patience(connect_s=2, read_s=2, answer_s=10, tries=2, first_wait_s=0.01, longest_wait_s=0.02)
WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 2, 11, 987654, tzinfo=UTC)
DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)
TOKEN = "geheim-sleutel-7f3a"


def registered(server: LittleCpo, **block: Any) -> Cpo:
    permission = {"document": "L-1", "owner": "Eindhoven", "owner_kind": "concession", "from": date(2026, 1, 1)}
    usual = {"name": "Voorbeeld", "versions_url": server.versions_url, "permission": [permission]}
    return parse_register({"cpo": {"NL-ABC": usual | block}})["NL-ABC"]


def pulled(lake: Lake, server: LittleCpo, module: str = "cdrs", window: date = WINDOW, **changes: Any) -> Pull:
    options: dict[str, Any] = {"token": TOKEN, "pulled_at": PULLED_AT, "patience": BRISK, "cpo": registered(server)}
    options |= changes
    return pull(lake, options.pop("cpo"), module, window, **options)


def files_of(lake: Lake) -> list[str]:
    raw = lake.root / "raw"
    return sorted(str(path.relative_to(raw)) for path in raw.rglob("*") if path.is_file())
