"""The table `place` in a DuckDB connection: the areas of every distinct coordinate of a relation.

Here: the bridge between Areas and SQL, which CDRs and charge points share. Not here: the areas themselves (areas).
"""

from __future__ import annotations

import duckdb

from linda_pipeline.areas.area_set import COLUMNS, Areas

PLACE = ", ".join(f"place.{name}" for name in COLUMNS.names)
"""The area columns as a query selects them."""


def locate(connection: duckdb.DuckDBPyConnection, areas: Areas, relation: str) -> None:
    """Make the table `place` (latitude, longitude, area columns) for a relation with latitude and longitude."""
    points = connection.sql(
        f"SELECT DISTINCT latitude, longitude FROM {relation} WHERE latitude IS NOT NULL AND longitude IS NOT NULL"
    ).to_arrow_table()
    located = areas.locate(points["latitude"], points["longitude"])
    for name in ("longitude", "latitude"):
        located = located.add_column(0, name, points[name])
    connection.register("located", located)
    connection.execute("CREATE OR REPLACE TEMP TABLE place AS SELECT * FROM located")
    connection.unregister("located")
