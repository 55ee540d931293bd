"""Made-up Dutch charging locations, the same for the same seed.

Here: places, stations and connectors as facts. Not here: how OCPI writes them (records.py) and who charges there
(sessions.py). Every city is invented; only the coordinates are those of real built-up places in the Netherlands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Charger:
    """What an EVSE can do. Voltage is line to neutral for AC, as OCPI wants it."""

    power_type: str
    standard: str
    format: str
    voltage_v: int
    amperage_a: int
    power_kw: float

    @property
    def is_dc(self) -> bool:
        """Whether it charges with direct current, and so in minutes rather than hours."""
        return self.power_type == "DC"


AC_7 = Charger("AC_1_PHASE", "IEC_62196_T2", "SOCKET", 230, 32, 7.36)
AC_11 = Charger("AC_3_PHASE", "IEC_62196_T2", "SOCKET", 230, 16, 11.04)
AC_22 = Charger("AC_3_PHASE", "IEC_62196_T2", "SOCKET", 230, 32, 22.08)
DC_50 = Charger("DC", "IEC_62196_T2_COMBO", "CABLE", 400, 125, 50.0)
DC_150 = Charger("DC", "IEC_62196_T2_COMBO", "CABLE", 500, 300, 150.0)
DC_300 = Charger("DC", "IEC_62196_T2_COMBO", "CABLE", 1000, 300, 300.0)

_KINDS = ((AC_11, 0.58), (AC_22, 0.32), (DC_50, 0.05), (DC_150, 0.03), (DC_300, 0.02))
"""What stands at a made-up Location, and how often: the Dutch stock is AC posts with two EVSEs for the most part."""
_REMOVED_SHARE = 0.01


@dataclass(frozen=True)
class City:
    """An invented city: EVSEs stand within 0.045° of latitude and 0.07° of longitude of its centre."""

    name: str
    latitude: float
    longitude: float
    first_postcode: int


CITIES = (
    City("Zonnestad", 52.0907, 5.1214, 3500),
    City("Lichtdam", 51.4416, 5.4697, 5600),
    City("Noorderlaad", 53.2194, 6.5665, 9700),
    City("Waterveen", 52.3702, 4.8952, 1000),
)
_REACH_LATITUDE = 0.045
_REACH_LONGITUDE = 0.07
_STREETS = (
    "Plein 1944",
    "De Hoek",
    "Zonnelaan",
    "Kanaalweg",
    "Molenstraat",
    "Eerste Ringdijk",
    "Burg. van Laadstraat",
    "Stationsplein",
    "2e Watergang",
    "Lindelaan",
    "Voltakade",
    "Nieuwe Markt",
    "'t Hofje",
    "Amperehof",
)
_POSTAL_LETTERS = "ABCDEGHJKLMNPRTVWXZ"
"""Without S as a first letter, so that SA, SD and SS (which do not exist) never come up."""


@dataclass(frozen=True)
class Evse:
    """One charge point."""

    uid: str
    evse_id: str
    charger: Charger
    status: str = "AVAILABLE"

    @property
    def is_live(self) -> bool:
        """Whether anyone can still charge there."""
        return self.status != "REMOVED"


@dataclass(frozen=True)
class Location:
    """A place with one or more EVSEs. Coordinates are text, since OCPI sends them so and their decimals count."""

    id: str
    name: str
    address: str
    postal_code: str
    city: str
    latitude: str
    longitude: str
    kind: str
    evses: tuple[Evse, ...]


@dataclass(frozen=True)
class Fleet:
    """Everything that one CPO has standing. `since` is when its Locations, EVSEs and tariffs last changed."""

    country_code: str
    party_id: str
    operator: str
    since: datetime
    locations: tuple[Location, ...]

    @property
    def charge_points(self) -> tuple[tuple[Location, Evse], ...]:
        """Every live EVSE with its Location, in a fixed order; sessions name an EVSE by its index in here."""
        return tuple((place, evse) for place in self.locations for evse in place.evses if evse.is_live)

    @property
    def removed(self) -> tuple[tuple[Location, Evse], ...]:
        """Every EVSE that is REMOVED, likewise."""
        return tuple((place, evse) for place in self.locations for evse in place.evses if not evse.is_live)


def make_fleet(
    party: str,
    operator: str,
    seed: int,
    locations: int | Sequence[Sequence[Charger]],
    since: datetime = datetime(2025, 11, 3, 8, 0, tzinfo=UTC),
) -> Fleet:
    """A CPO's made-up fleet. `party` is country code and party id such as NL-ABC.

    `locations` is how many, with chargers drawn from the Dutch mix; or for each Location its chargers, all live.
    """
    country_code, party_id = party.split("-")
    draw = np.random.default_rng(seed)
    drawn = isinstance(locations, int)
    plans = [_chargers(draw) for _ in range(locations)] if isinstance(locations, int) else locations
    made = []
    for number, chargers in enumerate(plans, start=1):
        city = CITIES[int(draw.integers(len(CITIES)))]
        street = _STREETS[int(draw.integers(len(_STREETS)))]
        house_number = f"{int(draw.integers(1, 250))}{' A' if draw.random() < 0.1 else ''}"
        letters = "".join(_POSTAL_LETTERS[int(index)] for index in draw.integers(len(_POSTAL_LETTERS), size=2))
        north, east = draw.uniform(-1, 1, size=2)
        evses = tuple(
            Evse(
                uid=f"EVSE-{number:05d}-{point}",
                evse_id=f"{country_code}*{party_id}*E{number:05d}{point}",
                charger=charger,
                status=_status(draw) if drawn else "AVAILABLE",
            )
            for point, charger in enumerate(chargers, start=1)
        )
        made.append(
            Location(
                id=f"LOC-{number:05d}",
                name=f"{street} {house_number}, {city.name}",
                address=f"{street} {house_number}",
                postal_code=f"{city.first_postcode + int(draw.integers(100))} {letters}",
                city=city.name,
                latitude=f"{city.latitude + north * _REACH_LATITUDE:.6f}",
                longitude=f"{city.longitude + east * _REACH_LONGITUDE:.6f}",
                kind="PARKING_LOT" if chargers[0].is_dc else "ON_STREET",
                evses=evses,
            )
        )
    return Fleet(country_code, party_id, operator, since, tuple(made))


def _chargers(draw: np.random.Generator) -> tuple[Charger, ...]:
    kinds = [kind for kind, _ in _KINDS]
    charger = kinds[int(draw.choice(len(kinds), p=[share for _, share in _KINDS]))]
    stations = 1 if draw.random() < 0.8 else 2
    return (charger,) * (2 * stations)


def _status(draw: np.random.Generator) -> str:
    kinds = (("REMOVED", _REMOVED_SHARE), ("OUTOFORDER", 0.02), ("CHARGING", 0.2), ("AVAILABLE", 1.0))
    roll, bounds = draw.random(), np.cumsum([0.0, *(share for _, share in kinds)])
    return next(name for (name, _), (_, above) in zip(kinds, pairwise(bounds), strict=True) if roll < above)
