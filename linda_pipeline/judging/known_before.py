"""What the portal knows of a record before it is judged, joined on as the columns that quality names (quality.joined).

Here: the nights of Locations around a session's start, the night before a night, and the data owner's register of places.
Not here: what is asked of these columns (quality), and the SQL over the nights (warehouse).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.calendar import local_date
from linda_pipeline.errors import InputMistake
from linda_pipeline.judging.holding import amsterdam_dates
from linda_pipeline.judging.not_public import NotPublic
from linda_pipeline.ledger.charge_points_then import charge_points_then
from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import evse_names, folded, folded_evse_id_text, folded_evse_ids, folded_text
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality import joined
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import read_table

NIGHTS_BEFORE = timedelta(days=31)
"""How long before a window nights are looked at: sessions that began earlier are let pass."""
_EPOCH = date(1970, 1, 1)
_NEVER = 65_535


class RegisterUnusable(InputMistake):
    """The owner's register of places cannot be used; the message names the line and the remedy."""


def nights_of(lake: Lake, cpo: str, start: date, end: date) -> list[Delivery]:
    """The judged nights of a CPO from a day up to and with another."""
    return [night for night in lake.judged("locations", cpo) if start <= night.window <= end]


def is_complete(lake: Lake, delivery: Delivery) -> bool:
    """Whether a judged delivery was complete, so that what is not in it was not there."""
    entry = find_judgement(lake, delivery)
    return entry is not None and entry.complete


class _Timeline:
    """States of things from one day until another, looked up by many records at once."""

    def __init__(self, table: pa.Table) -> None:
        self._keys = pc.unique(one_chunk(table["key"]))
        code = pc.index_in(one_chunk(table["key"]), value_set=self._keys).to_numpy().astype(np.int64)
        first, last = (_days(table[name]) for name in ("first", "last"))
        order = np.lexsort((last, first, code))
        self._at = code[order] * (_NEVER + 1) + first[order]
        # A state that returns lies around another: until when anything at all was seen is what counts.
        self._until = np.maximum.accumulate(code[order] * (_NEVER + 1) + last[order]) if len(order) else self._at
        self._order = order

    def look_up(self, keys: Any, low: Any, high: Any) -> tuple[Any, Any]:
        """Per key, whether it was seen from day `low` to day `high`, and the row of its state then (-1: none)."""
        code = pc.index_in(one_chunk(keys), value_set=self._keys)
        is_named = code.is_valid().to_numpy(zero_copy_only=False)
        base = pc.fill_null(code, 0).to_numpy().astype(np.int64) * (_NEVER + 1)
        row = np.full(len(base), -1, np.int64)
        if not len(self._at):
            return row >= 0, row
        for day in (high, low):
            found = np.searchsorted(self._at, base + day, side="right") - 1
            at = np.maximum(found, 0)
            is_seen = is_named & (found >= 0) & (self._at[at] >= base) & (self._until[at] >= base + low)
            row = np.where(is_seen, self._order[at], row)
        return row >= 0, row


def _days(dates: Any) -> Any:
    return pc.cast(one_chunk(dates), pa.int32()).to_numpy().astype(np.int64)


class Around:
    """The Locations around the start of the sessions of a window, or those of one file."""

    def __init__(self, lake: Lake, pull: Pull, standing: Delivery | None = None) -> None:
        """`standing`: Locations that hold for every session, whenever it began, in place of the nights around it."""
        delivery = pull.delivery
        self._is_standing = standing is not None
        if standing is not None:
            nights = [standing]
        else:
            nights = nights_of(lake, delivery.cpo, delivery.window - NIGHTS_BEFORE, local_date(pull.pulled_at))
        self.not_public = NotPublic(lake, nights)
        """The Locations that were not public on any of these nights, complete ones or not."""
        self._complete = np.array([(n.window - _EPOCH).days for n in nights if is_complete(lake, n)], np.int64)
        if len(self._complete):
            self._locations, self._evses = charge_points_then(lake, nights)
            self._location_line, self._evse_line = _Timeline(self._locations), _Timeline(self._evses)

    def join(self, table: pa.Table) -> pa.Table:
        """The table with the columns of quality.joined that Locations tell."""
        if not len(self._complete):
            return table
        if self._is_standing:
            days = pa.repeat(pa.scalar(int(self._complete[0]), pa.int32()), table.num_rows)
        else:
            days = pc.cast(amsterdam_dates(table["start_date_time"]), pa.int32())
        day = pc.fill_null(days, 0).to_numpy().astype(np.int64)
        place = np.searchsorted(self._complete, day, side="right")
        is_told = (place > 0) & days.is_valid().to_numpy(zero_copy_only=False)
        low = np.where(is_told, self._complete[np.maximum(place - 1, 0)], _NEVER)
        high = np.append(self._complete, _NEVER)[place]
        location, at = self._location_line.look_up(folded(table["location_id"]), low, high)
        by_uid, uid_at = self._evse_line.look_up(evse_names(table), low, high)
        by_id, id_at = self._evse_line.look_up(folded_evse_ids(table["evse_id"]), low, high)
        evse_at = np.where(by_uid, uid_at, id_at)
        is_removed = _taken(self._evses["is_removed"], evse_at)
        known = pa.array(by_uid | by_id, mask=~is_told)
        new = {
            joined.LOCATION_KNOWN: pa.array(location, mask=~is_told),
            joined.EVSE_KNOWN: pc.and_(known, pc.invert(pc.fill_null(is_removed, False))),
            joined.EVSE_REMOVED: is_removed,
            joined.KNOWN_LATITUDE: _taken(self._locations["latitude"], at),
            joined.KNOWN_LONGITUDE: _taken(self._locations["longitude"], at),
            joined.KNOWN_POWER_KW: _taken(self._evses["power_kw"], evse_at),
            joined.KNOWN_VOLT_AMPERE_KW: _taken(self._evses["volt_ampere_kw"], evse_at),
            joined.EVSE_IN_LOCATIONS: pc.coalesce(
                _taken(self._evses["evse_id"], np.where(by_uid, uid_at, -1)),
                _taken(self._evses["uid"], np.where(location & ~by_uid, id_at, -1)),
            ),
            joined.KNOWN_CONNECTORS: _taken(self._evses["connectors"], evse_at),
        }
        return _with(table, new)


def _taken(values: Any, rows: Any) -> Any:
    return pc.take(one_chunk(values), pa.array(rows, mask=rows < 0))


def _with(table: pa.Table, columns: dict[str, Any]) -> pa.Table:
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table


@dataclass(frozen=True)
class NightBefore:
    """The last complete night before a night: its EVSEs, as `LOCATION/UID`."""

    night: date
    table: pa.Table
    """name, evse_uid, evse_id, is_gone (REMOVED then already), is_held."""

    def join(self, evses: pa.Table) -> pa.Table:
        """EVSEs (with location_id) with the EVSE id that they had on the night before."""
        names = one_chunk(self.table["name"])
        at = pc.index_in(evse_names(evses), value_set=names, skip_nulls=True)
        return evses.append_column(joined.EARLIER_EVSE_ID, pc.take(one_chunk(self.table["evse_id"]), at))

    def vanished(self, names: Any) -> pa.Table:
        """The EVSEs of the night before that are not among these, and were not set to REMOVED."""
        gone = pc.invert(pc.is_in(one_chunk(self.table["name"]), value_set=one_chunk(names)))
        silent = pc.or_(self.table["is_gone"], self.table["is_held"])
        return self.table.filter(pc.and_not(pc.and_(gone, pc.is_valid(self.table["name"])), silent)).sort_by("name")


def night_before(lake: Lake, night: Delivery) -> NightBefore | None:
    """The last complete night before a night, or None where there is none."""
    earlier = [one for one in reversed(lake.judged("locations", night.cpo)) if one.window < night.window]
    found = next((one for one in earlier if is_complete(lake, one)), None)
    if found is None:
        return None
    present = read_table(lake.table("accepted", found, "present"))
    accepted = read_table(lake.table("accepted", found, "evses"), columns=["location_id", "evse_uid", "status"])
    removed = evse_names(accepted.filter(pc.equal(accepted["status"], "REMOVED")))
    names = evse_names(present)
    columns = {
        "name": names,
        "evse_uid": present["evse_uid"],
        "evse_id": present["evse_id"],
        "is_gone": pc.is_in(names, value_set=removed),
        "is_held": pc.equal(present["bucket"], "held_back"),
    }
    table = pa.table(columns)
    first = table.append_column("row", pa.array(np.arange(len(names)))).group_by("name").aggregate([("row", "min")])
    return NightBefore(found.window, table.take(first["row_min"].sort()) if len(names) else table)


def evses_of_others(lake: Lake, night: Delivery) -> Any:
    """The folded ids of the live EVSEs that other CPOs delivered in their last night before a night, as long as NIGHTS_BEFORE
    ago; None where no other CPO delivered any. The night itself is left out, so that the order of pulls changes no verdict."""
    newest: dict[str, Delivery] = {}
    for other in lake.judged("locations"):
        if other.cpo != night.cpo and night.window - NIGHTS_BEFORE <= other.window < night.window:
            newest[other.cpo] = other
    if not newest:
        return None
    tables = [
        read_table(lake.table("accepted", one, "evses"), columns=["evse_id", "status"]) for one in newest.values()
    ]
    evses = pa.concat_tables(tables)
    return pc.unique(folded_evse_ids(evses.filter(pc.not_equal(evses["status"], "REMOVED"))["evse_id"])).drop_null()


class PlaceRegister:
    """The data owner's register of places: where the permit puts a Location or an EVSE."""

    def __init__(self, rows: Sequence[tuple[str, float, float]]) -> None:
        self._names = pa.array([name for name, _, _ in rows], pa.string())
        self._latitude = pa.array([latitude for _, latitude, _ in rows], pa.float64())
        self._longitude = pa.array([longitude for _, _, longitude in rows], pa.float64())

    def join(self, table: pa.Table, cpo: str) -> pa.Table:
        """Records of a CPO with the coordinates of their place; null where the register does not name it."""
        at = pc.index_in(pc.binary_join_element_wise(cpo, folded(table["location_id"]), "|"), value_set=self._names)
        if "evse_id" in table.column_names:
            at = pc.coalesce(pc.index_in(folded_evse_ids(table["evse_id"]), value_set=self._names), at)
        return _with(
            table,
            {
                joined.PERMIT_LATITUDE: pc.take(self._latitude, at),
                joined.PERMIT_LONGITUDE: pc.take(self._longitude, at),
            },
        )


_HEADER = ["cpo", "location_id", "evse_id", "latitude", "longitude", "document"]


def read_places(path: Path) -> PlaceRegister | None:
    """The register of places at a path, or None where there is none. Raises RegisterUnusable.

    A CSV file with the columns cpo, location_id, evse_id, latitude, longitude and document (the decision or permit); a line
    names a place by its evse_id, or by its cpo and location_id.
    """
    if not path.exists():
        return None
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != _HEADER:
                raise RegisterUnusable(f"The register of places {path} needs as its first line: {','.join(_HEADER)}.")
            for number, line in enumerate(reader, start=2):
                rows.append(_place(line, f"{path}, line {number}"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RegisterUnusable(f"The register of places {path} cannot be read: {error}.") from None
    return PlaceRegister(rows)


def _place(line: dict[str, str], where: str) -> tuple[str, float, float]:
    try:
        latitude, longitude = float(line["latitude"]), float(line["longitude"])
    except (TypeError, ValueError):
        raise RegisterUnusable(f"{where}: latitude and longitude must be numbers, such as 51.846870.") from None
    if line["evse_id"]:
        return folded_evse_id_text(line["evse_id"]) or "", latitude, longitude
    if line["cpo"] and line["location_id"]:
        return f"{line['cpo']}|{folded_text(line['location_id'])}", latitude, longitude
    raise RegisterUnusable(f"{where}: name the place by evse_id, or by cpo and location_id.")
