"""Where charge points stand by the newest night of their CPO.

Here: looking a charge point up, by its EVSE id or by its CPO and Location; and every place of a CPO now. Not here: earlier
nights (the curated history), and what a report does with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.ocpi.record_keys import folded, folded_evse_id_text, folded_evse_ids, folded_text
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import read_table

_PLACE = ["location_id", "latitude", "longitude", "address", "city"]


class NoSuchChargePoint(InputMistake):
    """No CPO delivers this charge point now; the message names what comes near."""


@dataclass(frozen=True)
class DeliveredPlace:
    """A Location as a CPO delivers it now; coordinates in degrees (WGS 84)."""

    night: Delivery
    location_id: str
    latitude: float | None
    longitude: float | None
    address: str | None
    city: str | None


def find_evse(lake: Lake, evse_id: str) -> DeliveredPlace:
    """The place of a charge point by its EVSE id, however it is written. Raises NoSuchChargePoint."""
    wanted, ids = folded_evse_id_text(evse_id), []
    for night in _newest_nights(lake):
        evses = read_table(lake.table("accepted", night, "evses"), columns=["evse_id", "location_id"])
        mine = evses.filter(pc.fill_null(pc.equal(folded_evse_ids(evses["evse_id"]), wanted), False))
        for location_id in mine["location_id"].to_pylist():
            if (place := places_of(lake, night).get(folded_text(location_id))) is not None:
                return place
        ids.append(evses["evse_id"].drop_null())
    raise NoSuchChargePoint(f"No CPO delivers the EVSE {one_line(evse_id)!r} now.{_near(evse_id, ids)}")


def find_location(lake: Lake, cpo: str, location_id: str) -> DeliveredPlace:
    """The place of a Location of a CPO. Raises NoSuchChargePoint."""
    night = newest_night(lake, cpo)
    if night is None:
        raise NoSuchChargePoint(f"There are no Locations of {one_line(cpo)} in the lake.")
    found = places_of(lake, night).get(folded_text(location_id))
    if found is not None:
        return found
    ids = read_table(lake.table("accepted", night, "locations"), columns=["location_id"])["location_id"]
    raise NoSuchChargePoint(f"{cpo} delivers no Location {one_line(location_id)!r} now.{_near(location_id, [ids])}")


def places_of(lake: Lake, night: Delivery) -> dict[str, DeliveredPlace]:
    """Every accepted Location of a night, by its id in capitals."""
    table = read_table(lake.table("accepted", night, "locations"), columns=_PLACE)
    keys = folded(table["location_id"]).to_pylist()
    return {key: DeliveredPlace(night, **row) for key, row in zip(keys, table.to_pylist(), strict=True)}


def newest_night(lake: Lake, cpo: str) -> Delivery | None:
    """The newest complete night of a CPO that was judged."""
    for night in reversed(lake.judged("locations", cpo)):
        judgement = find_judgement(lake, night)
        if judgement is not None and judgement.complete:
            return night
    return None


def _newest_nights(lake: Lake) -> Iterator[Delivery]:
    for cpo in sorted({night.cpo for night in lake.judged("locations")}):
        if (night := newest_night(lake, cpo)) is not None:
            yield night


def _near(wanted: str, ids: Iterable[pa.ChunkedArray]) -> str:
    known = [one for column in ids for one in column.to_pylist()]
    near = get_close_matches(wanted, known, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""
