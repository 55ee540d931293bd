"""Locations and EVSEs as they were delivered over some nights: from when until when each was so, one row per state.

Here: the nights that were judged, read at bounded memory. Unlike the curated history (curate_locations.py) it holds what
was received and refused as well, and looks at no more nights than are asked for. Not here: what it is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from linda_pipeline.ocpi.power import POWER_W, VOLT_AMPERE_W
from linda_pipeline.ocpi.record_keys import evse_names_sql, folded_evse_ids_sql, folded_sql
from linda_pipeline.storage.engine import engine, files
from linda_pipeline.storage.lake import Delivery, Lake

LOCATIONS_THEN = pa.schema(
    [
        ("key", pa.string()),
        ("first", pa.date32()),
        ("last", pa.date32()),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
    ]
)
EVSES_THEN = pa.schema(
    [
        ("key", pa.string()),
        ("first", pa.date32()),
        ("last", pa.date32()),
        ("power_kw", pa.float64()),
        ("volt_ampere_kw", pa.float64()),
        ("evse_id", pa.string()),
        ("uid", pa.string()),
        ("connectors", pa.string()),
        ("is_removed", pa.bool_()),
    ]
)
_NIGHT = "regexp_extract(filename, 'window=([0-9-]+)/[^/]+$', 1)::DATE AS night"
_UID, _ID = evse_names_sql(), folded_evse_ids_sql()
CONNECTORS_TEXT = """'|' || array_to_string(list_sort(list_transform(
    list_filter(connectors, lambda c: c.connector_id IS NOT NULL),
    lambda c: upper(c.connector_id) || '=' || coalesce(upper(c.connector_standard), ''))), '|') || '|'"""
"""The connectors of an EVSE as one text: `|1=IEC_62196_T2|2=DOMESTIC_F|`, in capitals."""


def charge_points_then(lake: Lake, nights: Sequence[Delivery]) -> tuple[pa.Table, pa.Table]:
    """LOCATIONS_THEN and EVSES_THEN of some nights. An EVSE has a row by `LOCATION/UID` and another by its EVSE id, both in
    capitals, the id without separators. What was not accepted has no coordinates, power,
    connectors or status."""
    if not nights:
        return LOCATIONS_THEN.empty_table(), EVSES_THEN.empty_table()
    with engine(lake) as connection:
        for name in ("locations", "evses", "present"):
            source = files(lake.table("accepted", night, name) for night in nights)
            connection.execute(
                f"CREATE TEMP VIEW {name} AS SELECT * EXCLUDE (filename), {_NIGHT} "
                f"FROM read_parquet({source}, filename = true, hive_partitioning = false, union_by_name = true)"
            )
        locations = connection.sql(
            f"""
            WITH seen AS (
                SELECT {folded_sql("location_id")} AS key, night, latitude, longitude FROM locations
                UNION ALL
                SELECT {folded_sql("location_id")}, night, NULL, NULL FROM present WHERE bucket <> 'accepted'
            ), by_night AS (  -- an accepted Location may hold an EVSE that was withheld alone
                SELECT key, night, max(latitude) AS latitude, max(longitude) AS longitude FROM seen GROUP BY key, night
            )
            SELECT key, min(night) AS first, max(night) AS last, latitude, longitude
            FROM by_night WHERE key IS NOT NULL GROUP BY ALL ORDER BY ALL
            """
        ).to_arrow_table()
        evses = connection.sql(
            f"""
            WITH powered AS (
                SELECT {_UID} AS uid, {_ID} AS id, night,
                    list_max(list_transform(connectors, lambda c: {POWER_W})) / 1000 AS power_kw,
                    list_max(list_transform(connectors, lambda c: {VOLT_AMPERE_W})) / 1000 AS volt_ampere_kw,
                    {CONNECTORS_TEXT} AS connectors, status = 'REMOVED' AS is_removed
                FROM evses
                UNION ALL
                SELECT {_UID}, {_ID}, night, NULL, NULL, NULL, NULL FROM present WHERE bucket <> 'accepted'
            )
            SELECT key, min(night) AS first, max(night) AS last, power_kw, coalesce(volt_ampere_kw, power_kw) AS volt_ampere_kw,
                id AS evse_id, uid, connectors, is_removed
            FROM (SELECT uid AS key, * FROM powered UNION ALL SELECT id, * FROM powered)
            WHERE key IS NOT NULL GROUP BY ALL ORDER BY ALL
            """
        ).to_arrow_table()
    return locations.cast(LOCATIONS_THEN), evses.cast(EVSES_THEN)


def live_evses(lake: Lake, night: Delivery) -> pa.Table:
    """The accepted EVSEs of a night that are neither planned nor removed: uid (`LOCATION/UID`), id (folded), name to show."""
    with engine(lake) as connection:
        return connection.sql(
            f"""
            SELECT {_UID} AS uid, {_ID} AS id,
                coalesce(evse_id || ' ', '') || '(' || location_id || ' / ' || evse_uid || ')' AS name
            FROM read_parquet({files([lake.table("accepted", night, "evses")])}, hive_partitioning = false)
            WHERE status NOT IN ('PLANNED', 'REMOVED') AND location_id IS NOT NULL AND evse_uid IS NOT NULL
            ORDER BY ALL
            """
        ).to_arrow_table()
