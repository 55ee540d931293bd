"""Nights into history: from when until when something was so, and how that ended.

Here: gaps and islands over sightings, the same for Locations and for EVSEs. Not here: which attributes matter
(curate_locations.py). A night without a delivery says nothing; an incomplete delivery never proves that something is gone.
"""

from __future__ import annotations

import duckdb

REMOVED = 0
"""The state of a sighting that says: this is gone for good."""

_VERSIONS = """
CREATE OR REPLACE TEMP TABLE version AS
WITH timed AS (
    SELECT sighting.*, night.next_complete FROM sighting JOIN night USING (night)
),
run_of AS (
    SELECT *, sum(CASE WHEN gap THEN 1 ELSE 0 END) OVER (PARTITION BY key ORDER BY night) AS run
    FROM (SELECT *, coalesce(lag(next_complete) OVER (PARTITION BY key ORDER BY night) < night, false) AS gap FROM timed)
),
kept AS (
    -- A run begins on the first night on which it was accepted: before that, nothing is known to hold on to.
    SELECT * FROM run_of
    QUALIFY night >= min(night) FILTER (WHERE state IS NOT NULL) OVER (PARTITION BY key, run)
),
carried AS (
    SELECT *, last_value(state IGNORE NULLS) OVER (PARTITION BY key, run ORDER BY night) AS held FROM kept
),
marked AS (
    SELECT *, held IS DISTINCT FROM lag(held) OVER (PARTITION BY key, run ORDER BY night) AS opens FROM carried
),
island AS (
    SELECT *, sum(opens::INTEGER) OVER (PARTITION BY key, run ORDER BY night) AS number FROM marked
),
version AS (
    SELECT key, run, number, min(night) AS valid_from, max(night) AS last_seen, any_value(held) AS held,
        arg_max_null(next_complete, night) AS next_complete
    FROM island GROUP BY key, run, number
),
chained AS (
    SELECT *,
        lead(valid_from) OVER following AS next_from,
        lead(held) OVER following AS next_held
    FROM version
    WINDOW following AS (PARTITION BY key, run ORDER BY number)
)
SELECT key, valid_from, coalesce(next_from, next_complete) AS valid_to,
    CASE
        WHEN next_held = {removed} THEN 'removed'
        WHEN next_from IS NOT NULL THEN 'changed'
        WHEN next_complete IS NOT NULL THEN 'vanished'
    END AS end_reason,
    min(valid_from) OVER (PARTITION BY key) AS first_seen,
    last_seen
FROM chained
WHERE held <> {removed}
"""


def make_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `version` (key, valid_from, valid_to exclusive or null, end_reason, first_seen, last_seen).

    Reads `night` (night, next_complete: the next night of which the delivery was complete) and `sighting` (key, night,
    state), one row per key and night: state REMOVED is gone, null is received but not accepted, so that what was accepted
    last still holds.
    """
    connection.execute(_VERSIONS.format(removed=REMOVED))
