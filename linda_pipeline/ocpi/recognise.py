"""What a JSON object is, told by what it holds: a CDR or a Location, and of which OCPI version.

Here: recognition of single objects, for files that do not say what they are. Not here: any judgement on them.
"""

from __future__ import annotations

from typing import Any

from linda_pipeline.ocpi.patient import decoded, readable_names

_OF_A_CDR = {
    *("start_date_time", "end_date_time", "stop_date_time", "charging_periods", "total_energy", "total_time"),
    *("cdr_token", "cdr_location", "auth_id", "auth_method", "total_cost", "session_id"),
}
_OF_A_LOCATION = {"evses", "coordinates", "postal_code", "address", "publish", "opening_times", "time_zone"}
_ENOUGH_FOR_A_CDR = 3
_ENOUGH_FOR_A_LOCATION = 2


def seen_in(record: bytes) -> Any:
    """The value of a record; of one that is no JSON, an object with the names that can still be told."""
    value = decoded(record)
    if value is not None:
        return value
    names: dict[str, Any] = dict(readable_names(record))
    if "total_cost" in names and b'"before_taxes"' in record:
        names["total_cost"] = {"before_taxes": None}
    return names


def module_of(value: Any) -> str | None:
    """The module that an object belongs to, cdrs or locations; None where it is neither."""
    if not isinstance(value, dict):
        return None
    if len(_OF_A_CDR & value.keys()) >= _ENOUGH_FOR_A_CDR:
        return "cdrs"
    return "locations" if len(_OF_A_LOCATION & value.keys()) >= _ENOUGH_FOR_A_LOCATION else None


def version_of(value: dict[str, Any], module: str) -> str:
    """The OCPI version that an object of a module looks like; 2.2.1 where nothing tells it from others."""
    if module == "cdrs":
        if {"stop_date_time", "auth_id", "location"} & value.keys():
            return "2.1.1"
        cost = value.get("total_cost")
        return "2.3.0" if isinstance(cost, dict) and "before_taxes" in cost else "2.2.1"
    return "2.1.1" if "type" in value and not {"country_code", "party_id", "publish"} & value.keys() else "2.2.1"
