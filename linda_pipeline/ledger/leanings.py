"""What a judgement takes from other deliveries and what it gives to them, as digests in its ledger entry.

Here: the digests, and which deliveries differ from what is remembered. A delivery is judged beside what earlier windows
accepted, beside the nights around it, the nights of other CPOs and the volume of earlier ones; where one of these changes, it
is to be judged again. Whoever makes judging read more of another delivery adds that to the digest here. Not here: the reading
itself (sessions_before.py, charge_points_then.py), and who judges again (judging.again).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from linda_pipeline.ledger.charge_points_then import CONNECTORS_TEXT
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.manifest import table_path
from linda_pipeline.ocpi.power import POWER_W, VOLT_AMPERE_W
from linda_pipeline.storage.engine import engine, text
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import batches

NIGHT_TABLES = ("accepted/locations", "accepted/evses", "accepted/present", "held/part-00001")
"""The tables of a night that others read, as bucket/name."""
_DIGITS = 16
_POWERS = ", ".join(
    f"list_max(list_transform(connectors, lambda c: {power})) AS {name}"
    for name, power in (("power_w", POWER_W), ("volt_ampere_w", VOLT_AMPERE_W))
)
_OF_A_NIGHT = {
    "accepted/locations": "location_id, country_code, party_id, latitude, longitude",
    "accepted/evses": "location_id, evse_uid, evse_id, "
    f"CASE WHEN status IN ('PLANNED', 'REMOVED') THEN status END AS state, {CONNECTORS_TEXT} AS plugs, {_POWERS}",
    "accepted/present": "location_id, evse_uid, evse_id, bucket",
    "held/part-00001": "object, id, reason",
}
"""What others read of a night. A status such as CHARGING is not among it, so that a night pulled twice stays what it was."""


@dataclass(frozen=True)
class Leanings:
    """What a judgement took from other deliveries, each by its window or night; of its own CPO where nothing else is said."""

    accepted: Mapping[date, str] = field(default_factory=dict)
    """CDRs: what every earlier window gave."""
    nights: Mapping[date, str] = field(default_factory=dict)
    """CDRs: what the nights around gave; Locations: what the last complete night before gave."""
    volumes: Mapping[date, int] = field(default_factory=dict)
    """Records received in the last complete deliveries of the module before."""
    others: Mapping[str, tuple[date, str]] = field(default_factory=dict)
    """Locations: the last night before of every other CPO, by CPO, and what it gave."""
    nights_since: date = date.min
    """From which night on the nights around, or those of other CPOs, were looked at …"""
    nights_until: date = date.min
    """… and until which."""
    volumes_of: int = 0
    """How many earlier deliveries the volume was compared with, at most."""

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the ledger entry."""
        return {
            "accepted": _by_day(self.accepted),
            "nights": _by_day(self.nights),
            "volumes": _by_day(self.volumes),
            "others": {cpo: [night.isoformat(), gave] for cpo, (night, gave) in sorted(self.others.items())},
            "nights_since": self.nights_since.isoformat(),
            "nights_until": self.nights_until.isoformat(),
            "volumes_of": self.volumes_of,
        }

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Leanings:
        """From the ledger entry."""
        accepted, nights, volumes = (
            {date.fromisoformat(day): value for day, value in entry[name].items()} for name in _KINDS
        )
        return cls(
            accepted=accepted,
            nights=nights,
            volumes=volumes,
            others={cpo: (date.fromisoformat(night), gave) for cpo, (night, gave) in entry.get("others", {}).items()},
            nights_since=date.fromisoformat(entry["nights_since"]),
            nights_until=date.fromisoformat(entry["nights_until"]),
            volumes_of=entry["volumes_of"],
        )


_KINDS = ("accepted", "nights", "volumes")


def _by_day(values: Mapping[date, Any]) -> dict[str, Any]:
    return {day.isoformat(): values[day] for day in sorted(values)}


class Neighbours:
    """The judgements that deliveries may be judged beside, found by module, CPO and window."""

    def __init__(self, judgements: Iterable[Judgement] = ()) -> None:
        self._of: dict[tuple[str, str], dict[date, Judgement]] = {}
        self._windows: dict[tuple[str, str], list[date]] = {}
        for judgement in judgements:
            self.put(judgement)

    def put(self, judgement: Judgement) -> None:
        """Add a judgement, in the place of an earlier one on the same delivery."""
        key = (judgement.delivery.module, judgement.delivery.cpo)
        mine = self._of.setdefault(key, {})
        if judgement.delivery.window not in mine:
            insort(self._windows.setdefault(key, []), judgement.delivery.window)
        mine[judgement.delivery.window] = judgement

    def get(self, delivery: Delivery) -> Judgement | None:
        """The judgement on a delivery."""
        return self._of.get((delivery.module, delivery.cpo), {}).get(delivery.window)

    def newest_first(self, module: str, cpo: str, since: date, until: date) -> Iterator[Judgement]:
        """Those of a CPO from a window or night up to and with another."""
        windows = self._windows.get((module, cpo), [])
        for index in range(bisect_right(windows, until) - 1, bisect_left(windows, since) - 1, -1):
            yield self._of[module, cpo][windows[index]]

    def cpos(self, module: str) -> list[str]:
        """The CPOs of a module."""
        return sorted(cpo for kind, cpo in self._of if kind == module)


def leanings(
    lake: Lake, neighbours: Neighbours, delivery: Delivery, *, nights: tuple[date, date], volumes_of: int
) -> Leanings:
    """What a delivery takes from others as they stand. `nights`: the first and the last night that a window of CDRs looks at,
    or that a night looks at of other CPOs."""
    module, cpo = delivery.module, delivery.cpo
    before = date.fromordinal(delivery.window.toordinal() - 1)
    complete = (judgement for judgement in neighbours.newest_first(module, cpo, date.min, before) if judgement.complete)
    newest_complete = list(islice(complete, max(1, volumes_of)))
    others: dict[str, tuple[date, str]] = {}
    accepted: list[Judgement] = []
    if module == "cdrs":
        accepted = list(neighbours.newest_first(module, cpo, date.min, before))
        around = list(neighbours.newest_first("locations", cpo, *nights))
    else:
        around = newest_complete[:1]
        for other in neighbours.cpos("locations"):
            for night in islice(neighbours.newest_first("locations", other, *nights) if other != cpo else (), 1):
                others[other] = (night.delivery.window, given(lake, night))
    return Leanings(
        accepted={judgement.delivery.window: given(lake, judgement) for judgement in accepted},
        nights={night.delivery.window: given(lake, night) for night in around},
        volumes={judgement.delivery.window: judgement.main.received for judgement in newest_complete[:volumes_of]},
        others=others,
        nights_since=nights[0],
        nights_until=nights[1],
        volumes_of=volumes_of,
    )


def leanings_now(lake: Lake, neighbours: Neighbours, judgement: Judgement) -> Leanings:
    """What a judged delivery would take from others if it were judged now, by the reach of its judgement."""
    then = Leanings.read(judgement.leans_on)
    reach = (then.nights_since, then.nights_until)
    return leanings(lake, neighbours, judgement.delivery, nights=reach, volumes_of=then.volumes_of)


def differing(delivery: Delivery, then: Leanings, now: Leanings) -> list[Delivery]:
    """The deliveries that give another thing than they gave, that came, or that went; in order."""
    leaning = set()
    for kind in _KINDS:
        before, after = getattr(then, kind), getattr(now, kind)
        module = "locations" if kind == "nights" else delivery.module
        leaning |= {
            Delivery(module, delivery.cpo, day)
            for day in before.keys() | after.keys()
            if before.get(day) != after.get(day)
        }
    for cpo in then.others.keys() | now.others.keys():
        before, after = then.others.get(cpo), now.others.get(cpo)
        leaning |= {
            Delivery("locations", cpo, gift[0]) for gift in (before, after) if gift is not None and before != after
        }
    return sorted(leaning)


def given(lake: Lake, judgement: Judgement) -> str:
    """What a judged delivery gives to others; reckoned from its tables where its entry is of before it was remembered."""
    if judgement.gives:
        return judgement.gives
    delivery = judgement.delivery
    if delivery.module == "cdrs":
        return given_by_window(judgement.pull, lake.table("accepted", delivery))
    paths = {name: table_path(lake, delivery, name) for name in NIGHT_TABLES}
    return given_by_night(lake, paths, judgement.complete)


def given_by_window(pull: str, accepted: Path) -> str:
    """What a window of CDRs gives: which records of which pull it accepted, so that their content is told as well."""
    digest = hashlib.sha256(pull.encode())
    for table in batches(accepted, ["page", "position"], 1 << 17):
        for name in ("page", "position"):
            digest.update(table[name].to_numpy().astype(np.int32).tobytes())
    return digest.hexdigest()[:_DIGITS]


def given_by_night(lake: Lake, tables: Mapping[str, Path], is_complete: bool) -> str:
    """What a night of Locations gives: what others read of its NIGHT_TABLES, in whatever order it came."""
    digest = hashlib.sha256(b"complete" if is_complete else b"incomplete")
    with engine(lake) as connection:
        for name in NIGHT_TABLES:
            rows = connection.sql(
                f"SELECT {_OF_A_NIGHT[name]} FROM read_parquet({text(str(tables[name]))}, hive_partitioning = false) "
                "ORDER BY ALL"
            )
            for batch in rows.to_arrow_reader():
                digest.update(b"".join(_bytes_of(batch)))
    return digest.hexdigest()[:_DIGITS]


def _bytes_of(batch: pa.RecordBatch) -> Iterator[bytes]:
    """The rows of a batch as bytes, none of which can be taken for another."""
    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        yield repr(row).encode("utf-8", "backslashreplace") + b"\n"
