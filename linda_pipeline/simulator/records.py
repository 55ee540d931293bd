"""Facts as OCPI records: Locations and CDRs in 2.1.1, 2.2.1 and 2.3.0.

Here: the JSON of one record, and a fleet's sessions as CDRs that add up. Not here: records that are wrong on purpose
(defects.py) and sessions out of a file (replay.py, which writes them by the same `cdr_record`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from linda_pipeline.simulator.clock import text, texts
from linda_pipeline.simulator.fleet import Charger, Evse, Fleet, Location
from linda_pipeline.simulator.sessions import Sessions

Record = dict[str, Any]

ENERGY_PRICE_EUR = {"AC": 0.34, "DC": 0.69}
"""Price of a kWh without VAT. Made up."""
START_PRICE_EUR = {"AC": 0.0, "DC": 0.35}
"""Price of a start without VAT. Made up."""
VAT_PERCENT = 21.0
PROVIDERS = ("EMS", "LDP", "PAS")
"""Made-up providers of charging cards; a driver's number says which is his."""
SHORTEST_PARKING_H = 1 / 60
"""Less than a minute plugged in after charging is not told apart."""
MOST_CHARGING_PERIODS = 4


@dataclass(frozen=True)
class Period:
    """A charging period. `moment` and volumes as they are sent; energy None: not measured."""

    moment: str
    energy_kwh: float | None
    time_h: float
    is_parking: bool = False


@dataclass(frozen=True)
class Place:
    """An EVSE as a CDR of one version names it: the parts that all its CDRs share (never change them in place)."""

    version: str
    country_code: str
    party_id: str
    evse: Evse
    location: Record
    tariffs: list[Record]

    @property
    def price_kind(self) -> str:
        """Which price holds: AC or DC."""
        return "DC" if self.evse.charger.is_dc else "AC"


def location_records(fleet: Fleet, version: str) -> list[Record]:
    """Every Location of a fleet, with its EVSEs."""
    return [_location(fleet, place, place.evses, version) for place in fleet.locations]


def places(fleet: Fleet, version: str, *, removed: bool = False) -> list[Place]:
    """The fleet's charge points in their order, as CDRs name them; or those that are REMOVED."""
    tariffs = {kind: [_tariff(fleet, kind, version)] for kind in ("AC", "DC")}
    return [
        Place(
            version,
            fleet.country_code,
            fleet.party_id,
            evse,
            _location(fleet, place, (evse,), version) if version == "2.1.1" else _cdr_location(place, evse),
            tariffs["DC" if evse.charger.is_dc else "AC"],
        )
        for place, evse in (fleet.removed if removed else fleet.charge_points)
    ]


def cdr_records(fleet: Fleet, sessions: Sessions, version: str, seed: int) -> Iterator[tuple[int, Record]]:
    """The CDR of each session, without defect, with the moment of its last_updated in seconds since 1970."""
    draw = np.random.default_rng([seed, 2])
    known = places(fleet, version)
    changed = sessions.end + draw.integers(300, 7200, size=len(sessions))
    total_h = np.round((sessions.end - sessions.start) / 3600, 4)
    parking_h = np.round(total_h - sessions.charging_h, 4)
    parking_h = np.where(parking_h < SHORTEST_PARKING_H, 0.0, parking_h)
    columns = (sessions.evse, sessions.start, total_h, parking_h, sessions.energy_kwh, sessions.user, changed)
    moments = (texts(sessions.start), texts(sessions.end), texts(changed))
    rows = zip(*(column.tolist() for column in columns), *moments, strict=True)
    for number, row in enumerate(rows, start=1):
        evse, start, total, parking, energy, user, last_updated, start_text, end_text, changed_text = row
        place = known[evse]
        yield (
            last_updated,
            cdr_record(
                place,
                cdr_id=f"CDR-{start_text[:4]}-{number:07d}",
                start=start_text,
                end=end_text,
                contract_id=contract_id(user),
                token_uid=token_uid(user),
                token_type="RFID" if user >= 0 else "AD_HOC_USER",
                periods=charging_periods(start, total, parking, energy),
                energy_kwh=energy,
                total_time_h=total,
                parking_time_h=parking,
                energy_cost_eur=round(energy * ENERGY_PRICE_EUR[place.price_kind], 4),
                fixed_cost_eur=START_PRICE_EUR[place.price_kind],
                last_updated=changed_text,
            ),
        )


def cdr_record(
    place: Place,
    *,
    cdr_id: str,
    start: str,
    end: str | None,
    contract_id: str | None,
    token_uid: str | None,
    token_type: str,
    periods: Sequence[Period],
    energy_kwh: float | None,
    total_time_h: float | None,
    parking_time_h: float | None,
    energy_cost_eur: float,
    fixed_cost_eur: float,
    last_updated: str,
) -> Record:
    """A CDR with the values given, as they are; what is None is left out."""
    version = place.version
    end_name = "stop_date_time" if version == "2.1.1" else "end_date_time"
    total_eur = round(energy_cost_eur + fixed_cost_eur, 4)
    record: Record = {"id": cdr_id, "start_date_time": start, end_name: end}
    if version == "2.1.1":
        record |= {"auth_id": contract_id, "auth_method": "WHITELIST", "location": place.location}
    else:
        country_code, provider = contract_id.split("-")[:2] if contract_id else (place.country_code, PROVIDERS[0])
        token = {
            "country_code": country_code,
            "party_id": provider,
            "uid": token_uid,
            "type": token_type,
            "contract_id": contract_id,
        }
        record = {"country_code": place.country_code, "party_id": place.party_id, **record}
        record |= {
            "session_id": f"SES-{cdr_id}",
            "cdr_token": _without_gaps(token),
            "auth_method": "WHITELIST",
            "cdr_location": place.location,
        }
    record |= {
        "meter_id": f"MTR-{place.evse.uid}",
        "currency": "EUR",
        "tariffs": place.tariffs,
        "charging_periods": [_period(period, place) for period in periods],
        "total_cost": total_eur if version == "2.1.1" else _price(total_eur, version),
    }
    if version != "2.1.1":
        record["total_fixed_cost"] = _price(fixed_cost_eur, version)
        record["total_energy_cost"] = _price(energy_cost_eur, version)
    record |= {
        "total_energy": energy_kwh,
        "total_time": total_time_h,
        "total_parking_time": parking_time_h,
        "last_updated": last_updated,
    }
    return _without_gaps(record)


def charging_periods(start: int, total_h: float, parking_h: float, energy_kwh: float) -> list[Period]:
    """A session's periods: charging in up to four parts of equal length, then parking. Their sums are the totals."""
    charging_h = round(total_h - parking_h, 4)
    parts = 1 + min(MOST_CHARGING_PERIODS - 1, int(charging_h))
    part_h, part_kwh = round(charging_h / parts, 4), round(energy_kwh / parts, 4)
    found = []
    for part in range(parts):
        is_last = part == parts - 1
        found.append(
            Period(
                text(start + round(part * part_h * 3600)),
                round(energy_kwh - part * part_kwh, 4) if is_last else part_kwh,
                round(charging_h - part * part_h, 4) if is_last else part_h,
            )
        )
    if parking_h > 0:
        found.append(Period(text(start + round(charging_h * 3600)), 0.0, parking_h, is_parking=True))
    return found


def contract_id(user: int) -> str:
    """The contract of a driver; an ad hoc user (below 0) has one of his own."""
    kind = "A" if user < 0 else "C"
    return f"NL-{PROVIDERS[user % len(PROVIDERS)]}-{kind}{abs(user):08d}-X"


def token_uid(user: int) -> str:
    """The uid of a driver's card: seven bytes, as cards have."""
    return f"04{(user + 2**40) * 2654435761 % 2**48:012X}"


def _location(fleet: Fleet, place: Location, evses: Sequence[Evse], version: str) -> Record:
    changed = fleet.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    owner: Record = {"type": place.kind}
    if version != "2.1.1":
        owner = {"country_code": fleet.country_code, "party_id": fleet.party_id, "publish": True}
    record = owner | {
        "id": place.id,
        "name": place.name,
        "address": place.address,
        "city": place.city,
        "postal_code": place.postal_code,
        "country": "NLD",
        "coordinates": {"latitude": place.latitude, "longitude": place.longitude},
        "evses": [
            {
                "uid": evse.uid,
                "evse_id": evse.evse_id,
                "status": evse.status,
                "connectors": [_connector(evse.charger, version, changed)],
                "last_updated": changed,
            }
            for evse in evses
        ],
        "operator": {"name": fleet.operator},
        "time_zone": "Europe/Amsterdam",
        "last_updated": changed,
    }
    return record if version == "2.1.1" else record | {"parking_type": place.kind}


def _connector(charger: Charger, version: str, changed: str) -> Record:
    record: Record = {
        "id": "1",
        "standard": charger.standard,
        "format": charger.format,
        "power_type": charger.power_type,
    }
    if version == "2.1.1":
        record |= {"voltage": charger.voltage_v, "amperage": charger.amperage_a}
    else:
        record |= {
            "max_voltage": charger.voltage_v,
            "max_amperage": charger.amperage_a,
            "max_electric_power": round(charger.power_kw * 1000),
            "tariff_ids": [f"T-{'DC' if charger.is_dc else 'AC'}"],
        }
    return record | {"last_updated": changed}


def _cdr_location(place: Location, evse: Evse) -> Record:
    return {
        "id": place.id,
        "name": place.name,
        "address": place.address,
        "city": place.city,
        "postal_code": place.postal_code,
        "country": "NLD",
        "coordinates": {"latitude": place.latitude, "longitude": place.longitude},
        "evse_uid": evse.uid,
        "evse_id": evse.evse_id,
        "connector_id": "1",
        "connector_standard": evse.charger.standard,
        "connector_format": evse.charger.format,
        "connector_power_type": evse.charger.power_type,
    }


def _tariff(fleet: Fleet, kind: str, version: str) -> Record:
    vat = {} if version == "2.1.1" else {"vat": VAT_PERCENT}
    components: list[Record] = [{"type": "ENERGY", "price": ENERGY_PRICE_EUR[kind], **vat, "step_size": 1}]
    if START_PRICE_EUR[kind]:
        components.append({"type": "FLAT", "price": START_PRICE_EUR[kind], **vat, "step_size": 1})
    record: Record = {"id": f"T-{kind}", "currency": "EUR"}
    if version != "2.1.1":
        record = {"country_code": fleet.country_code, "party_id": fleet.party_id, **record, "type": "REGULAR"}
    if version == "2.3.0":
        record["tax_included"] = "NO"
    changed = fleet.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    return record | {"elements": [{"price_components": components}], "last_updated": changed}


def _price(excl_vat_eur: float, version: str) -> Record:
    tax_eur = round(excl_vat_eur * VAT_PERCENT / 100, 4)
    if version == "2.3.0":
        return {"before_taxes": excl_vat_eur, "taxes": [{"name": "VAT", "amount": tax_eur}]}
    return {"excl_vat": excl_vat_eur, "incl_vat": round(excl_vat_eur + tax_eur, 4)}


def _period(period: Period, place: Place) -> Record:
    dimensions: list[Record] = []
    if period.energy_kwh is not None:
        dimensions.append({"type": "ENERGY", "volume": period.energy_kwh})
    dimensions.append({"type": "PARKING_TIME" if period.is_parking else "TIME", "volume": period.time_h})
    record: Record = {"start_date_time": period.moment, "dimensions": dimensions}
    return record if place.version == "2.1.1" else record | {"tariff_id": place.tariffs[0]["id"]}


def _without_gaps(record: Record) -> Record:
    return {key: value for key, value in record.items() if value is not None}
