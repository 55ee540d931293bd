"""Accepted rows that are made up, so that a test of the warehouse says of each column what it wants.

Here: the rows, and deliveries of which they are what was accepted. Not here: any test, any verdict, and the way into the lake
(deliveries.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from linda_pipeline.ledger.entry import Counts, FindingKey
from linda_pipeline.own_columns.accepted_schema import PRESENT, accepted_schema
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW, judgement_of, put_judged

ZONNESTAD = (52.0907, 5.1214)
LICHTDAM = (51.4416, 5.4697)


def moment(text: str) -> datetime:
    """A moment in UTC from text such as '2026-11-10 07:30'."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cdr(cdr_id: str, start: str = "2026-11-10 07:30", end: str = "2026-11-10 11:00", **columns: Any) -> dict[str, Any]:
    """An accepted CDR of NL-ABC at EVSE 1 in Zonnestad; named columns replace what it says."""
    first, last = moment(start), moment(end)
    return {
        "country_code": "NL",
        "party_id": "ABC",
        "cdr_id": cdr_id,
        "start_date_time": first,
        "end_date_time": last,
        "location_id": "LOC-1",
        "evse_uid": "1",
        "evse_id": "NL*ABC*E1",
        "latitude": ZONNESTAD[0],
        "longitude": ZONNESTAD[1],
        "total_energy_kwh": 10.0,
        "total_time_h": (last - first).total_seconds() / 3600,
        "total_parking_time_h": 0.5,
        "user_pseudonym": "someone",
        "plausibility_warnings": [],
        "charging_periods": [{"start_date_time": first, "dimensions": [{"type": "ENERGY", "volume": 10.0}]}],
        "ocpi_version": "2.2.1",
        "last_updated": last,
        **columns,
    }


def accept_cdrs(
    lake: Lake, rows: Sequence[Mapping[str, Any]], *, cpo: str = "NL-ABC", window: date = WINDOW, complete: bool = True
) -> Delivery:
    """A judged delivery of CDRs in which these were accepted."""
    delivery = Delivery("cdrs", cpo, window)
    pulled_at = datetime.combine(window + timedelta(days=14), datetime.min.time(), UTC) + timedelta(hours=2)
    own = {"cpo": cpo, "window": window, "page": 1, "pulled_at": pulled_at}
    full = [{"position": position, **own, **row} for position, row in enumerate(rows)]
    table = pa.Table.from_pylist(full, schema=accepted_schema("cdr"))
    return _accept(lake, delivery, pulled_at, complete, {"cdrs": len(rows)}, {"part-00001": table})


def evse(number: int = 1, **columns: Any) -> dict[str, Any]:
    """An accepted EVSE of Location LOC-1; named columns replace what it says."""
    return {
        "location_id": "LOC-1",
        "evse_uid": str(number),
        "evse_id": f"NL*ABC*E{number}",
        "status": "AVAILABLE",
        "connectors": [connector()],
        "bucket": "accepted",
        **columns,
    }


def connector(
    power_type: str = "AC_3_PHASE", volts: int = 230, amperes: int = 16, watts: int | None = None
) -> dict[str, Any]:
    """A connector of an EVSE."""
    return {
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": power_type,
        "max_voltage_v": volts,
        "max_amperage_a": amperes,
        "max_electric_power_w": watts,
        "last_updated": moment("2026-10-01 00:00"),
    }


def accept_night(
    lake: Lake,
    night: str,
    evses: Sequence[Mapping[str, Any]],
    *,
    cpo: str = "NL-ABC",
    complete: bool = True,
    location: Mapping[str, Any] | None = None,
) -> Delivery:
    """A judged night: LOC-1 with EVSEs. One with another bucket than accepted was received, and no more."""
    delivery = Delivery("locations", cpo, date.fromisoformat(night))
    pulled_at = moment(f"{night} 01:00")
    own = {"cpo": cpo, "window": delivery.window, "ocpi_version": "2.2.1", "pulled_at": pulled_at}
    place = {"location_id": "LOC-1", "latitude": ZONNESTAD[0], "longitude": ZONNESTAD[1], "address": "Plein 1"}
    locations = [
        {**own, "country_code": "NL", "party_id": cpo[3:], "page": 1, "position": 0, **place, **(location or {})}
    ]
    accepted = [{**own, "index": index, **row} for index, row in enumerate(evses) if row["bucket"] == "accepted"]
    tables = {}
    for name, rows, schema in (
        ("locations", locations if evses else [], accepted_schema("location")),
        ("evses", accepted, accepted_schema("evse")),
        ("present", [dict(row) for row in evses], PRESENT),
    ):
        kept = [{key: row.get(key) for key in schema.names} for row in rows]
        tables[name] = pa.Table.from_pylist(kept, schema=schema)
    return _accept(lake, delivery, pulled_at, complete, {"locations": 1, "evses": len(evses)}, tables)


def _accept(
    lake: Lake,
    delivery: Delivery,
    pulled_at: datetime,
    complete: bool,
    counts: Mapping[str, int],
    tables: Mapping[str, pa.Table],
) -> Delivery:
    judgement = judgement_of(
        delivery,
        pulled_at,
        complete=complete,
        counts={kind: Counts(number, number) for kind, number in counts.items()},
        findings=Counter({FindingKey("cdr", "some_rule", "warning"): 2}),
    )
    return put_judged(lake, judgement, tables).delivery
