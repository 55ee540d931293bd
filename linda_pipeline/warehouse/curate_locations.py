"""Locations and EVSEs as they were over time, made from the nights that were accepted.

Here: which attributes make a version, what counts as a sighting, and the power of an EVSE. Not here: the reckoning of
versions (history.py), and the move to another CPO, which only all CPOs together show (sources.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from linda_pipeline.areas.area_set import COLUMNS, Areas
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.ocpi.power import POWER_W
from linda_pipeline.ocpi.record_keys import evse_keys_sql, evse_names_sql, folded_sql, location_keys_sql
from linda_pipeline.own_columns.accepted_schema import PRESENT, accepted_schema
from linda_pipeline.own_columns.declared import own_schema
from linda_pipeline.storage.engine import engine, write_ordered
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.warehouse.curation_book import CurationNote, accepted_now, put_note, read_note
from linda_pipeline.warehouse.history import REMOVED, make_versions
from linda_pipeline.warehouse.months import digest
from linda_pipeline.warehouse.place import PLACE, locate
from linda_pipeline.warehouse.typed_view import typed_view

_HOW = 1
"""To be raised where files are made otherwise of the same nights."""
_SPAN = own_schema("valid_from", "valid_to", "end_reason", "first_seen", "last_seen")
_LOCATION = [
    name
    for name in accepted_schema("location").names
    if name not in ("last_updated", "ocpi_version", "window", "page", "position", "pulled_at")
]
CURATED_LOCATION = pa.schema([*(accepted_schema("location").field(name) for name in _LOCATION), *_SPAN, *COLUMNS])
"""The columns of the history of Locations."""
LOCATION_FILE = pa.schema([field for field in CURATED_LOCATION if field.name != "cpo"])
"""The columns of a curated file of Locations; cpo stands in its path."""

_OF_LOCATION = [
    "country_code",
    "party_id",
    "location_name",
    "address",
    "postal_code",
    "city",
    "country",
    "latitude",
    "longitude",
]
_OF_EVSE = ["cpo", "location_id", "evse_uid", "evse_id", "floor_level", "physical_reference"]
_ID_AT = _OF_EVSE.index("evse_id") + 1
_CONNECTOR = [
    field.name for field in accepted_schema("evse").field("connectors").type.value_type if field.name != "last_updated"
]
_EVSE = [*_OF_EVSE, "connectors", *_OF_LOCATION]
_CONNECTORS = pa.list_(
    pa.struct([f for f in accepted_schema("evse").field("connectors").type.value_type if f.name in _CONNECTOR])
)
CURATED_EVSE = pa.schema(
    [
        *(accepted_schema("evse").field(name) for name in _OF_EVSE[:_ID_AT]),
        *own_schema("evse_key"),
        *(accepted_schema("evse").field(name) for name in _OF_EVSE[_ID_AT:]),
        ("connectors", _CONNECTORS),
        *own_schema("max_power_kw", "power_class"),
        *(accepted_schema("location").field(name) for name in _OF_LOCATION),
        *_SPAN,
        *COLUMNS,
    ]
)
"""The columns of the history of EVSEs."""
EVSE_FILE = pa.schema([field for field in CURATED_EVSE if field.name != "cpo"])
"""The columns of a curated file of EVSEs; cpo stands in its path."""


# Whole kilowatts for the lower border: 3 x 230 V x 32 A is the 22 kW of every public socket, and gives 22.08.
_POWER_CLASS = """
CASE WHEN max_power_kw >= 50 THEN 'fast' WHEN round(max_power_kw) <= 22 THEN 'regular'
     WHEN max_power_kw IS NOT NULL THEN 'semi_fast' END
"""


@dataclass(frozen=True)
class LocationCounts:
    """What the nights of a CPO came to."""

    nights: int
    locations: int
    """Versions of Locations written."""
    evses: int
    """Versions of EVSEs written."""


def curate_locations(lake: Lake, cpo: str, areas: Areas, *, anew: bool = False) -> LocationCounts:
    """Make the history of a CPO's Locations and EVSEs from all nights that were judged. Nothing accepted: empty, typed.

    Where no night changed, nothing is read, but `anew`.
    """
    nights = lake.judged("locations", cpo)
    before = CurationNote() if anew else read_note(lake, "locations", cpo)
    note = CurationNote(
        digest([_HOW, duckdb.__version__, areas.fingerprint, str(LOCATION_FILE), str(EVSE_FILE)]),
        accepted_now(lake, nights, ["locations", "evses", "present"]),
    )
    if note.made_like(before, lake):
        return LocationCounts(**before.counts)
    with engine(lake) as connection, lake.transaction() as transaction:
        placed = {path: transaction.put(path) for path in (lake.curated("locations", cpo), lake.curated("evses", cpo))}
        _see(connection, lake, nights)
        _location_sightings(connection)
        make_versions(connection)
        locate(connection, areas, "described")
        locations = write_ordered(
            connection.sql(_result([name for name in _LOCATION if name != "cpo"])),
            LOCATION_FILE,
            placed[lake.curated("locations", cpo)],
        )
        _evse_sightings(connection)
        make_versions(connection)
        locate(connection, areas, "described")
        evses = write_ordered(connection.sql(_evse_result()), EVSE_FILE, placed[lake.curated("evses", cpo)])
        left = transaction.leave_what_is_the_same()
        counts = LocationCounts(len(nights), locations, evses)
        note.counts = vars(counts)
        put_note(lake, transaction, "locations", cpo, note, {**placed, **{target: target for target in left}})
    return counts


def _see(connection: duckdb.DuckDBPyConnection, lake: Lake, nights: list[Delivery]) -> None:
    """Make the tables and views `night`, `location`, `evse` and `present` of the accepted nights."""
    told = [(night.window, read_judgement(lake, night).complete) for night in nights]
    connection.register(
        "told",
        pa.table(
            [[n for n, _ in told], [c for _, c in told]],
            schema=pa.schema([("night", pa.date32()), ("complete", pa.bool_())]),
        ),
    )
    connection.execute(
        """
        CREATE TEMP TABLE night AS
        SELECT night,
            (SELECT min(later.night) FROM told AS later WHERE later.complete AND later.night > told.night) AS next_complete
        FROM told
        """
    )
    connection.unregister("told")
    for view, name, schema in (
        ("location", "locations", accepted_schema("location")),
        ("evse", "evses", accepted_schema("evse")),
        ("present", "present", PRESENT),
    ):
        paths = [lake.table("accepted", night, name) for night in nights]
        typed_view(connection, f"{view}_file", schema, paths, night=True)


_LOCATION_KEY = location_keys_sql()


def _location_sightings(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(_LOCATION)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW described AS SELECT {_LOCATION_KEY} AS key, night, false AS removed, page, position, "
        f'0 AS "index", {columns} FROM location_file'
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE sighting AS
        {_OWN.format(columns=columns, removed=REMOVED)},
        also AS (
            SELECT DISTINCT known.key, present_file.night FROM present_file
            JOIN (SELECT DISTINCT key, {folded_sql("location_id")} AS location_id FROM described) AS known
                ON known.location_id = {folded_sql("present_file.location_id")}
        )
        {_BOTH}
        """
    )


_OWN = """
WITH own AS (
    SELECT key, night, CASE WHEN removed THEN {removed} ELSE greatest(hash({columns}), 1) END AS state
    FROM described WHERE key IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY key, night ORDER BY removed, page, position, "index") = 1
)
"""
_BOTH = """
SELECT key, night, state FROM own
UNION ALL
SELECT also.key, also.night, NULL FROM also ANTI JOIN own ON own.key = also.key AND own.night = also.night
"""


def _evse_sightings(connection: duckdb.DuckDBPyConnection) -> None:
    parts = ", ".join(f"{name} := c.{name}" for name in _CONNECTOR)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW described AS
        SELECT {evse_keys_sql("evse.evse_id", "evse.location_id", "evse.evse_uid")} AS key, evse.night,
            coalesce(evse.status = 'REMOVED', false) AS removed, location.page, location.position, evse."index",
            {", ".join(f"evse.{name}" for name in _OF_EVSE)},
            list_sort(list_transform(evse.connectors, lambda c: struct_pack({parts}))) AS connectors,
            {", ".join(f"location.{name}" for name in _OF_LOCATION)}
        FROM evse_file AS evse
        LEFT JOIN location_file AS location ON location.location_id = evse.location_id AND location.night = evse.night
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE sighting AS
        {_OWN.format(columns=", ".join(_EVSE), removed=REMOVED)},
        known AS (SELECT DISTINCT key, {evse_names_sql()} AS name FROM described),
        other AS (SELECT *, {evse_keys_sql()} AS key, {evse_names_sql()} AS name FROM present_file WHERE bucket <> 'accepted'),
        -- One that is defective may have lost its EVSE id or its uid: either will do to know it again.
        also AS (
            SELECT DISTINCT known.key, other.night FROM other JOIN known ON known.key = other.key
            UNION
            SELECT DISTINCT known.key, other.night FROM other JOIN known ON known.name = other.name
        )
        {_BOTH}
        """
    )


def _result(columns: list[str]) -> str:
    """The versions with the attributes of their first night and the areas of their place."""
    return f"""
        SELECT {", ".join(f"described.{name}" for name in columns)},
            version.valid_from, version.valid_to, version.end_reason, version.first_seen, version.last_seen, {PLACE}
        FROM version
        JOIN described ON described.key = version.key AND described.night = version.valid_from
        LEFT JOIN place ON place.latitude = described.latitude AND place.longitude = described.longitude
        QUALIFY row_number() OVER (
            PARTITION BY version.key, version.valid_from
            ORDER BY described.removed, described.page, described.position, described."index"
        ) = 1
        ORDER BY version.key, version.valid_from
    """


def _evse_result() -> str:
    reckoned = {"power_class": f"{_POWER_CLASS} AS power_class", "evse_key": f"{evse_keys_sql()} AS evse_key"}
    power = f"list_max(list_transform(connectors, lambda c: {POWER_W}))"
    return f"""
        WITH powered AS (SELECT *, round({power} / 1000, 3) AS max_power_kw FROM ({_result(_EVSE)}))
        SELECT {", ".join(reckoned.get(name, name) for name in EVSE_FILE.names)}
        FROM powered ORDER BY {evse_keys_sql()}, valid_from
    """
