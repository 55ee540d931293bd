"""A national month made up, as curated CDRs, EVSEs and Locations lie in a lake: what bench/national_month.py reckons.

Here: how many there are of everything, and who charges where and when. Not here: any reckoning.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_cdrs import CDR_FILE
from linda_pipeline.warehouse.curate_locations import EVSE_FILE, LOCATION_FILE

MONTH = "2026-10"
MONTH_START_S = 1_790_805_600  # 1 October 2026, 00:00 in Amsterdam
MONTH_LENGTH_S = 745 * 3600
CPOS = 40
EVSES = 200_000
USERS = 1_000_000
GEMEENTEN, CELLS, REGIONS = 342, 30_000, 5


def make_lake(root: Path, sessions: int) -> Lake:
    """Curated files of a month, and the charge points that it rests on."""
    lake = Lake(root)
    dice = np.random.default_rng(20261126)
    pseudonyms = pa.array([hashlib.sha256(str(number).encode()).hexdigest() for number in range(USERS)])
    cell_of = np.sort(dice.integers(0, CELLS, EVSES))
    gemeente_of_cell = np.arange(CELLS) * GEMEENTEN // CELLS
    home_of = dice.integers(0, EVSES, USERS)
    number = sessions // CPOS
    for cpo in range(CPOS):
        own = np.arange(cpo, EVSES, CPOS)
        users = dice.integers(0, USERS, number)
        # Four of five sessions at an EVSE of this CPO near the driver's home, the rest anywhere.
        near = np.clip(home_of[users] // CPOS + dice.integers(-3, 4, number), 0, len(own) - 1)
        at = own[np.where(dice.random(number) < 0.8, near, dice.integers(0, len(own), number))]
        start = np.sort(dice.integers(0, MONTH_LENGTH_S, number))
        length = np.minimum((dice.lognormal(9.4, 1.0, number)).astype(np.int64) + 60, 3 * 86_400)
        energy = np.round(dice.gamma(2.0, 9.0, number), 3)
        table = _cdrs(cpo, at, start, length, energy, users, cell_of[at], gemeente_of_cell, pseudonyms, dice)
        _write(lake.curated("cdrs", _cpo(cpo), MONTH), table.take(pa.array(np.lexsort((start, at)))), CDR_FILE)
        shared = np.arange((cpo + 1) % CPOS, EVSES, CPOS * 100)  # 1 % of the neighbour's EVSEs
        _write(
            lake.curated("evses", _cpo(cpo)),
            _evses(np.concatenate([own, shared]), cell_of, gemeente_of_cell),
            EVSE_FILE,
        )
        _write(lake.curated("locations", _cpo(cpo)), LOCATION_FILE.empty_table(), LOCATION_FILE)
    return lake


def _cpo(number: int) -> str:
    return f"NL-C{number:02d}"


def _cdrs(
    cpo: int,
    at: Any,
    start: Any,
    length: Any,
    energy: Any,
    users: Any,
    cells: Any,
    gemeente_of_cell: Any,
    pseudonyms: pa.Array,
    dice: Any,
) -> pa.Table:
    number = len(at)
    for twin in range(0, number - 1, 200):  # the same session again under another id
        for column in (at, start, length, energy, users, cells):
            column[twin + 1] = column[twin]
    begun = (MONTH_START_S + start) * 1_000_000
    hours = length / 3600
    columns: dict[str, pa.Array] = {
        "cdr_id": pa.array([f"CDR-{cpo:02d}-{row:010d}" for row in range(number)]),
        "user_pseudonym": pseudonyms.take(pa.array(users)),
        "token_type": pa.array(np.where(dice.random(number) < 0.03, "AD_HOC_USER", "RFID")),
        "evse_key": pa.array([f"NLC{one % CPOS:02d}E{one:08d}" for one in at.tolist()]),
        "start_date_time": pa.array(begun, pa.timestamp("us", "UTC")),
        "end_date_time": pa.array(begun + length * 1_000_000, pa.timestamp("us", "UTC")),
        "total_energy_kwh": pa.array(energy),
        "total_time_h": pa.array(hours),
        "total_parking_time_h": pa.array(hours * dice.random(number), mask=dice.random(number) < 0.1),
        "plausibility_warnings": pa.array(
            [["energy_plausible"] if one else [] for one in dice.random(number) < 0.02], pa.list_(pa.string())
        ),
        "window": pa.array(np.full(number, np.datetime64("2026-10-05"))),
        "page": pa.array(np.arange(number) // 1000 + 1),
        "position": pa.array(np.arange(number) % 1000),
        **_places(cells, gemeente_of_cell),
    }
    return _full(columns, CDR_FILE, number)


def _places(cells: Any, gemeente_of_cell: Any) -> dict[str, pa.Array]:
    gemeenten = gemeente_of_cell[cells]
    return {
        "cbs_cell_500m": pa.array([f"E{one // 200 * 5:04d}N{one % 200 * 5:04d}" for one in cells.tolist()]),
        "gemeente_code": pa.array([f"GM{one:04d}" for one in gemeenten.tolist()]),
        "nal_region": pa.array([f"Regio {one % REGIONS}" for one in gemeenten.tolist()]),
    }


def _evses(numbers: Any, cell_of: Any, gemeente_of_cell: Any) -> pa.Table:
    rows = len(numbers)
    power = [["regular", "regular", "regular", "semi_fast", "fast"][one % 5] for one in numbers.tolist()]
    columns = {
        "evse_key": pa.array([f"NLC{one % CPOS:02d}E{one:08d}" for one in numbers.tolist()]),
        "power_class": pa.array(power),
        **{
            name: pa.array(np.full(rows, np.datetime64(day)))
            for name, day in (("valid_from", "2026-09-01"), ("first_seen", "2026-09-01"), ("last_seen", "2026-10-31"))
        },
        **_places(cell_of[numbers], gemeente_of_cell),
    }
    return _full(columns, EVSE_FILE, rows).sort_by("evse_key")


def _full(columns: dict[str, pa.Array], schema: pa.Schema, rows: int) -> pa.Table:
    return pa.table(
        [
            columns[field.name].cast(field.type) if field.name in columns else pa.nulls(rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _write(path: Path, table: pa.Table, schema: pa.Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.cast(schema), path, compression="zstd", row_group_size=65_536)
