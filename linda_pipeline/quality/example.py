"""Good records to start from, one per object and OCPI version, and the way in which a rule's example changes one.

Here: made-up records of our own (no example of the specification is shipped) and `changed`. The tests, the documentation,
the simulator's defects all start here. Not here: the examples themselves; each stands with its rule.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.quality.rule import ABSENT

PULLED_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""The moment at which the examples are pulled."""
PARTIES = frozenset({"NL-ABC"})

_EVSE_211: dict[str, Any] = {
    "uid": "EVSE-0042-1",
    "evse_id": "NL*ABC*E00421",
    "status": "AVAILABLE",
    "connectors": [
        {
            "id": "1",
            "standard": "IEC_62196_T2",
            "format": "SOCKET",
            "power_type": "AC_3_PHASE",
            "voltage": 230,
            "amperage": 16,
            "last_updated": "2026-10-01T08:00:00Z",
        }
    ],
    "last_updated": "2026-10-01T08:00:00Z",
}
_LOCATION_211: dict[str, Any] = {
    "id": "LOC-0042",
    "type": "ON_STREET",
    "name": "Plein 1944",
    "address": "Plein 1944 3",
    "city": "Nijmegen",
    "postal_code": "6511 JE",
    "country": "NLD",
    "coordinates": {"latitude": "51.846870", "longitude": "5.863410"},
    "evses": [_EVSE_211],
    "operator": {"name": "Voorbeeld Laden B.V."},
    "time_zone": "Europe/Amsterdam",
    "last_updated": "2026-10-01T08:00:00Z",
}
_PERIODS: list[dict[str, Any]] = [
    {
        "start_date_time": "2026-11-10T07:30:00Z",
        "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 2.0}],
    },
    {
        "start_date_time": "2026-11-10T09:30:00Z",
        "dimensions": [{"type": "ENERGY", "volume": 0.0}, {"type": "PARKING_TIME", "volume": 1.5}],
    },
]
_CDR_211: dict[str, Any] = {
    "id": "CDR-2026-000042",
    "start_date_time": "2026-11-10T07:30:00Z",
    "stop_date_time": "2026-11-10T11:00:00Z",
    "auth_id": "NL-EMS-C00000042-X",
    "auth_method": "WHITELIST",
    "location": _LOCATION_211,
    "meter_id": "MTR-0042",
    "currency": "EUR",
    "tariffs": [
        {
            "id": "T-1",
            "currency": "EUR",
            "elements": [{"price_components": [{"type": "ENERGY", "price": 0.32, "step_size": 1}]}],
            "last_updated": "2026-01-01T00:00:00Z",
        }
    ],
    "charging_periods": _PERIODS,
    "total_cost": 4.0,
    "total_energy": 12.5,
    "total_time": 3.5,
    "total_parking_time": 1.5,
    "last_updated": "2026-11-10T12:00:00Z",
}
_CDR_221: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "ABC",
    "id": "CDR-2026-000042",
    "start_date_time": "2026-11-10T07:30:00Z",
    "end_date_time": "2026-11-10T11:00:00Z",
    "session_id": "SES-2026-000042",
    "cdr_token": {
        "country_code": "NL",
        "party_id": "EMS",
        "uid": "04A1B2C3D4E5F6",
        "type": "RFID",
        "contract_id": "NL-EMS-C00000042-X",
    },
    "auth_method": "WHITELIST",
    "cdr_location": {
        "id": "LOC-0042",
        "name": "Plein 1944",
        "address": "Plein 1944 3",
        "city": "Nijmegen",
        "postal_code": "6511 JE",
        "country": "NLD",
        "coordinates": {"latitude": "51.846870", "longitude": "5.863410"},
        "evse_uid": "EVSE-0042-1",
        "evse_id": "NL*ABC*E00421",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_3_PHASE",
    },
    "meter_id": "MTR-0042",
    "currency": "EUR",
    "tariffs": [
        {
            "country_code": "NL",
            "party_id": "ABC",
            "id": "T-1",
            "currency": "EUR",
            "type": "REGULAR",
            "elements": [{"price_components": [{"type": "ENERGY", "price": 0.32, "vat": 21.0, "step_size": 1}]}],
            "last_updated": "2026-01-01T00:00:00Z",
        }
    ],
    "charging_periods": [{**period, "tariff_id": "T-1"} for period in _PERIODS],
    "total_cost": {"excl_vat": 4.0, "incl_vat": 4.84},
    "total_fixed_cost": {"excl_vat": 0.0, "incl_vat": 0.0},
    "total_energy": 12.5,
    "total_energy_cost": {"excl_vat": 4.0, "incl_vat": 4.84},
    "total_time": 3.5,
    "total_parking_time": 1.5,
    "last_updated": "2026-11-10T12:00:00Z",
}
_EVSE_221: dict[str, Any] = {
    **_EVSE_211,
    "connectors": [
        {
            "id": "1",
            "standard": "IEC_62196_T2",
            "format": "SOCKET",
            "power_type": "AC_3_PHASE",
            "max_voltage": 230,
            "max_amperage": 16,
            "max_electric_power": 11000,
            "tariff_ids": ["T-1"],
            "last_updated": "2026-10-01T08:00:00Z",
        }
    ],
}
_LOCATION_221: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "ABC",
    "publish": True,
    "parking_type": "ON_STREET",
    **{key: value for key, value in _LOCATION_211.items() if key != "type"},
    "evses": [_EVSE_221],
}


def _price_230(price: Mapping[str, float]) -> dict[str, Any]:
    tax = round(price["incl_vat"] - price["excl_vat"], 4)
    return {"before_taxes": price["excl_vat"], "taxes": [{"name": "VAT", "amount": tax}]}


_CDR_230 = {key: _price_230(value) if key.endswith("_cost") else value for key, value in _CDR_221.items()}
_CDR_230["tariffs"] = [{**_CDR_221["tariffs"][0], "tax_included": "NO"}]

_GOOD = {
    ("cdr", "2.1.1"): _CDR_211,
    ("cdr", "2.2.1"): _CDR_221,
    ("cdr", "2.3.0"): _CDR_230,
    ("location", "2.1.1"): _LOCATION_211,
    ("location", "2.2.1"): _LOCATION_221,
    ("location", "2.3.0"): _LOCATION_221,
}


def good_record(object_name: str, version: str) -> dict[str, Any]:
    """A record (cdr or location) without any finding, pulled at PULLED_AT from a CPO with PARTIES."""
    return copy.deepcopy(_GOOD[object_name, version])


class AsSent(str):
    """In an example: what stands there as JSON text, where no decoded value says it; bytes that are no UTF-8 as surrogates."""

    def __new__(cls, text: str) -> AsSent:
        made = super().__new__(cls, f"{_OPEN}{text}{_CLOSE}")
        made.text = text
        return made

    def __deepcopy__(self, _: Any) -> AsSent:
        return self

    text: str


_OPEN, _CLOSE = "\ue000", "\ue001"
_WRITTEN = re.compile(r'"\\ue000(?:[^"\\]|\\.)*\\ue001"')


def encoded(record: Any) -> bytes:
    """A changed record as a CPO sends it."""
    if isinstance(record, bytes):
        return record
    text = json.dumps(record)
    text = _WRITTEN.sub(lambda found: json.loads(found.group())[1:-1], text)
    return text.encode("utf-8", "surrogateescape")


def changed(object_name: str, version: str, example: Mapping[str, Any]) -> Any:
    """A good record changed as an example says. An evse's example changes the first EVSE of a good Location.

    The key `@` alone stands for the whole record; bytes are a record that is no JSON.
    """
    if "@" in example:
        return copy.deepcopy(example["@"])
    columns = by_name(object_name)
    if object_name == "evse":
        location = good_record("location", version)
        _apply(location["evses"][0], columns, version, example)
        return location
    record = good_record(object_name, version)
    _apply(record, columns, version, example)
    return record


def _apply(record: dict[str, Any], columns: Mapping[str, Any], version: str, example: Mapping[str, Any]) -> None:
    for name, value in example.items():
        if name.startswith("@"):
            set_at(record, name[1:], value)
        elif not name.startswith("~") and version in columns[name].path:
            set_at(record, full_path(columns, name, version), value)


def full_path(columns: Mapping[str, Any], name: str, version: str) -> str:
    """The path of a column from the top of its record; of a list's elements the first one."""
    path = str(columns[name].path[version])
    above = name.rpartition(".")[0]
    return f"{full_path(columns, above, version)}[0].{path}" if above else path


def set_at(record: dict[str, Any], path: str, value: Any) -> None:
    """Set (or with ABSENT remove) the place that a path names; objects and lists of one on the way are made where missing."""
    steps: list[str | int] = [
        int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)
    ]
    place: Any = record
    for step, following in pairwise(steps):
        missing: Any = [{}] if isinstance(following, int) else {}
        place = place[step] if isinstance(step, int) else place.setdefault(step, missing)
    if value is ABSENT:
        place.pop(steps[-1], None) if isinstance(place, dict) else place.pop(steps[-1])
    else:
        place[steps[-1]] = copy.deepcopy(value)
