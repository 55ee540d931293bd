"""Rows for the examples of KPIs: a plain session and a plain EVSE, of which an example changes what it is about.

Here: made-up rows. Not here: the examples, which stand with their KPI.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

EVSE_1, EVSE_2, EVSE_3 = "NLABCE1", "NLABCE2", "NLABCE3"
WARNED = ["energy_plausible"]
"""The plausibility warnings of a session that has one."""


def session(start: str, end: str, **columns: Any) -> dict[str, Any]:
    """A row of `cdrs`: moments in UTC such as '2026-11-03 07:00'. Without more, 10 kWh at EVSE 1 by user a, never idle."""
    first, last = _moment(start), _moment(end)
    hours = (last - first).total_seconds() / 3600
    return {
        "cpo": "NL-ABC",
        "cdr_id": f"{start}/{columns.get('evse_key', EVSE_1)}",
        "evse_key": EVSE_1,
        "user_pseudonym": "a",
        "start_date_time": first,
        "end_date_time": last,
        "total_time_h": hours,
        "total_parking_time_h": 0.0,
        "total_energy_kwh": 10.0,
        "gemeente_code": "GM9901",
        "nal_region": "G4",
        "cbs_cell_500m": "E1365N4555",
        **columns,
    }


def evse(first: str, last_seen: str, **columns: Any) -> dict[str, Any]:
    """A row of `evses`: nights such as '2026-11-01'. Without more, a regular EVSE 1 that is still there."""
    return {
        "cpo": "NL-ABC",
        "evse_key": EVSE_1,
        "power_class": "regular",
        "gemeente_code": "GM9901",
        "nal_region": "G4",
        "cbs_cell_500m": "E1365N4555",
        "valid_from": date.fromisoformat(first),
        "valid_to": None,
        "end_reason": None,
        "first_seen": date.fromisoformat(first),
        "last_seen": date.fromisoformat(last_seen),
        **columns,
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
