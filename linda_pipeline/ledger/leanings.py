"""What a judgement takes from other deliveries of its CPO and what it gives to them, as digests in its ledger entry.

Here: the digests, and which deliveries differ from what is remembered. A delivery is judged beside what earlier windows
accepted, beside the nights around it and beside the volume of earlier ones; where one of these changes, it is to be judged
again. Whoever makes judging read more of another delivery adds that to the digest here. Not here: the reading itself
(sessions_before.py, charge_points_then.py), and who judges again (judging.again).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

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
    f"CASE WHEN status IN ('PLANNED', 'REMOVED') THEN status END AS state, {_POWERS}",
    "accepted/present": "location_id, evse_uid, evse_id, bucket",
    "held/part-00001": "object, id, reason",
}
"""What others read of a night. A status such as CHARGING is not among it, so that a night pulled twice stays what it was."""


@dataclass(frozen=True)
class Leanings:
    """What a judgement took from other deliveries of its CPO, each by its window or night."""

    accepted: Mapping[date, str] = field(default_factory=dict)
    """CDRs: what every earlier window gave."""
    nights: Mapping[date, str] = field(default_factory=dict)
    """CDRs: what the nights around gave; Locations: what the last complete night before gave."""
    volumes: Mapping[date, int] = field(default_factory=dict)
    """Records received in the last complete deliveries of the module before."""
    nights_since: date | None = None
    """CDRs: from which night on the nights around were looked at …"""
    nights_until: date | None = None
    """… and until which."""
    volumes_of: int = 0
    """How many earlier deliveries the volume was compared with, at most."""

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the ledger entry."""
        return {
            "accepted": _by_day(self.accepted),
            "nights": _by_day(self.nights),
            "volumes": _by_day(self.volumes),
            "nights_since": None if self.nights_since is None else self.nights_since.isoformat(),
            "nights_until": None if self.nights_until is None else self.nights_until.isoformat(),
            "volumes_of": self.volumes_of,
        }

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Leanings:
        """From the ledger entry."""
        since, until = entry["nights_since"], entry["nights_until"]
        accepted, nights, volumes = (
            {date.fromisoformat(day): one for day, one in entry[name].items()} for name in _KINDS
        )
        return cls(
            accepted=accepted,
            nights=nights,
            volumes=volumes,
            nights_since=None if since is None else date.fromisoformat(since),
            nights_until=None if until is None else date.fromisoformat(until),
            volumes_of=entry["volumes_of"],
        )


_KINDS = ("accepted", "nights", "volumes")


def _by_day(values: Mapping[date, Any]) -> dict[str, Any]:
    return {day.isoformat(): values[day] for day in sorted(values)}


def leanings(
    lake: Lake,
    entries: Mapping[Delivery, Judgement],
    delivery: Delivery,
    *,
    nights: tuple[date, date] | None,
    volumes_of: int,
) -> Leanings:
    """What a delivery takes from others as they stand. `entries`: those of its CPO; `nights`: the first and the last night that
    a window of CDRs looks at."""
    earlier = {one: entry for one, entry in entries.items() if one.cpo == delivery.cpo}
    before = sorted(one for one in earlier if one.module == delivery.module and one.window < delivery.window)
    complete = [one for one in before if earlier[one].complete]
    if delivery.module == "cdrs":
        assert nights is not None
        around = [one for one in earlier if one.module == "locations" and nights[0] <= one.window <= nights[1]]
    else:
        around = complete[-1:]
    return Leanings(
        accepted={one.window: given(lake, earlier[one]) for one in before} if delivery.module == "cdrs" else {},
        nights={one.window: given(lake, earlier[one]) for one in sorted(around)},
        volumes={one.window: earlier[one].main.received for one in complete[max(0, len(complete) - volumes_of) :]},
        nights_since=nights[0] if nights else None,
        nights_until=nights[1] if nights else None,
        volumes_of=volumes_of,
    )


def leanings_now(lake: Lake, entries: Mapping[Delivery, Judgement], judgement: Judgement) -> Leanings:
    """What a judged delivery would take from others if it were judged now, by the reach of its judgement."""
    then = Leanings.read(judgement.leans_on)
    reach = None if then.nights_since is None or then.nights_until is None else (then.nights_since, then.nights_until)
    return leanings(lake, entries, judgement.delivery, nights=reach, volumes_of=then.volumes_of)


def differing(delivery: Delivery, then: Leanings, now: Leanings) -> list[Delivery]:
    """The deliveries that give another thing than they gave, that came, or that went; in order."""
    found = set()
    for kind in _KINDS:
        before, after = getattr(then, kind), getattr(now, kind)
        module = "locations" if kind == "nights" else delivery.module
        found |= {
            Delivery(module, delivery.cpo, day)
            for day in before.keys() | after.keys()
            if before.get(day) != after.get(day)
        }
    return sorted(found)


def given(lake: Lake, judgement: Judgement) -> str:
    """What a judged delivery gives to others; reckoned from its tables where its entry is of before it was remembered."""
    if judgement.gives:
        return judgement.gives
    delivery = judgement.delivery
    if delivery.module == "cdrs":
        return given_by_window(judgement.pull, lake.table("accepted", delivery))
    paths = {one: table_path(lake, delivery, one) for one in NIGHT_TABLES}
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
