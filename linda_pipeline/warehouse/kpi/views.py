"""The views that KPIs read: sessions and EVSEs, with the reckoning of time and place done once.

Here: the views in SQL with their meaning, the laws of counting by start and of overlap among them. Not here: any KPI.
Sums of integers (microseconds) and decimals do not depend on the order of the rows, so neither do the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from linda_pipeline.warehouse.curate_locations import evse_key

_LOCAL = "AT TIME ZONE 'Europe/Amsterdam'"
_AREAS = "nal_region, gemeente_code, cbs_cell_500m"


@dataclass(frozen=True)
class View:
    """A documented view of linda.duckdb."""

    name: str
    nl: str
    en: str
    sql: str


def _months(first: str, last: str) -> str:
    """SQL: the local months from one moment to another, each as the local midnight that opens it."""
    return (
        f"unnest(generate_series(date_trunc('month', {first} {_LOCAL}), date_trunc('month', {last} {_LOCAL}), "
        "INTERVAL 1 MONTH))"
    )


def _overlap_us(first: str, last: str) -> str:
    """SQL: the microseconds of a span that lie in the month that opens at `opens` (local)."""
    return f"epoch_us(least({last}, (opens + INTERVAL 1 MONTH) {_LOCAL})) - epoch_us(greatest({first}, opens {_LOCAL}))"


def _scoped(name: str, columns: str) -> str:
    """SQL: each row once for every area and CPO in which it counts. Cells are not crossed with CPOs."""
    pairs = [
        ("'nation'", "'NL'", "'ALL'"),
        ("'nation'", "'NL'", f"{name}.cpo"),
        ("'nal_region'", "nal_region", "'ALL'"),
        ("'nal_region'", "nal_region", f"{name}.cpo"),
        ("'gemeente'", "gemeente_code", "'ALL'"),
        ("'gemeente'", "gemeente_code", f"{name}.cpo"),
        ("'cell_500m'", "cbs_cell_500m", "'ALL'"),
    ]
    scopes = ", ".join(f"{{'area_level': {level}, 'area_code': {code}, 'cpo': {cpo}}}" for level, code, cpo in pairs)
    return f"""
SELECT scope.area_level, scope.area_code, scope.cpo, {name}.cpo AS own_cpo, {columns}
FROM {name}, unnest([{scopes}]) AS scopes(scope)
WHERE scope.area_code IS NOT NULL
"""


_SESSION = f"""
SELECT cpo, cdr_id, {evse_key()} AS evse_key, user_pseudonym, token_type, start_date_time, end_date_time,
    strftime(start_date_time {_LOCAL}, '%Y-%m') AS month, {_AREAS},
    TRY_CAST(total_energy_kwh AS DECIMAL(18, 6)) AS energy_kwh,
    epoch_us(end_date_time) - epoch_us(start_date_time) AS connection_us,
    TRY_CAST(round((total_time_h - total_parking_time_h) * 3.6e9) AS BIGINT) AS charging_us
FROM cdrs
"""

_SESSION_MONTH = f"""
SELECT * FROM (
    SELECT cpo, cdr_id, evse_key, user_pseudonym, strftime(opens, '%Y-%m') AS month,
        {_overlap_us("start_date_time", "end_date_time")} AS overlap_us
    FROM (SELECT *, {_months("start_date_time", "end_date_time")} AS opens FROM session)
)
WHERE overlap_us > 0
"""

_SERVICE = f"""
WITH first_session AS (
    SELECT cpo, evse_key, min(start_date_time) AS first_start FROM session GROUP BY cpo, evse_key
),
version AS (
    SELECT *, valid_from = min(valid_from) OVER (PARTITION BY cpo, evse_key) AS is_first
    FROM (SELECT *, {evse_key()} AS evse_key FROM evses)
)
SELECT version.cpo, version.evse_key, power_class, {_AREAS},
    CASE WHEN is_first THEN least(valid_from::TIMESTAMP {_LOCAL}, first_start)
        ELSE valid_from::TIMESTAMP {_LOCAL} END AS in_service_from,
    (CASE WHEN end_reason IN ('changed', 'removed') THEN valid_to ELSE last_seen + 1 END)::TIMESTAMP {_LOCAL}
        AS in_service_until,
    valid_to IS NULL AS is_current
FROM version LEFT JOIN first_session USING (cpo, evse_key)
"""

_EVSE_MONTH = f"""
WITH piece AS (
    SELECT *, {_overlap_us("in_service_from", "in_service_until")} AS piece_us
    FROM (SELECT *, {_months("in_service_from", "in_service_until")} AS opens FROM service)
),
summed AS (
    SELECT cpo, evse_key, strftime(opens, '%Y-%m') AS month, sum(piece_us)::BIGINT AS in_service_us,
        arg_max({{'nal_region': nal_region, 'gemeente_code': gemeente_code, 'cbs_cell_500m': cbs_cell_500m}}, in_service_from)
            AS area
    FROM piece WHERE piece_us > 0 GROUP BY cpo, evse_key, opens
)
SELECT cpo, evse_key, month, in_service_us, area.nal_region, area.gemeente_code, area.cbs_cell_500m FROM summed
"""

_CHARGE_POINT = f"""
WITH newest AS (
    SELECT cpo, max(last_seen) AS night FROM evses GROUP BY cpo
),
asked AS (
    SELECT *, {_months("in_service_from", "greatest(in_service_until, night::TIMESTAMP " + _LOCAL + ")")} AS opens
    FROM service JOIN newest USING (cpo)
),
dated AS (
    SELECT *, least((opens + INTERVAL 1 MONTH)::DATE - 1, night) AS day FROM asked WHERE night >= opens::DATE
)
SELECT cpo, evse_key, strftime(opens, '%Y-%m') AS month, day, power_class, {_AREAS}
FROM dated
WHERE in_service_from < (day + 1)::TIMESTAMP {_LOCAL}
    AND (in_service_until > day::TIMESTAMP {_LOCAL} OR is_current)
QUALIFY row_number() OVER (PARTITION BY cpo, evse_key, opens ORDER BY in_service_from DESC) = 1
"""

VIEWS = (
    View(
        "session",
        "Laadsessies met hun maand (van het begin, in Europe/Amsterdam) en hun duren in microseconden; de laadtijd is leeg "
        "waar de CPO geen total_parking_time gaf",
        "Charging sessions with their month (of the start, in Europe/Amsterdam) and their durations in microseconds; the "
        "charging time is empty where the CPO gave no total_parking_time",
        _SESSION,
    ),
    View(
        "session_scope",
        "Elke laadsessie één keer per gebied en CPO waarin zij telt (ALL is alle CPO's samen; own_cpo is haar eigen CPO)",
        "Every session once for each area and CPO in which it counts (ALL is all CPOs together; own_cpo is its own CPO)",
        _scoped("session", "session.* EXCLUDE (cpo)"),
    ),
    View(
        "session_month",
        "Het deel van elke laadsessie dat in een maand valt, in microseconden",
        "The part of every session that lies in a month, in microseconds",
        _SESSION_MONTH,
    ),
    View(
        "service",
        "Wanneer een laadpunt in dienst was: van de eerste nacht of, als die eerder was, de eerste laadsessie, tot het laatst "
        "gezien of REMOVED",
        "When an EVSE was in service: from the first night or, if earlier, the first session, until last seen or REMOVED",
        _SERVICE,
    ),
    View(
        "evse_month",
        "Hoe lang een laadpunt in een maand in dienst was, in microseconden, met het gebied waarin het daarin het laatst lag",
        "How long an EVSE was in service in a month, in microseconds, with the area where it was last in that month",
        _EVSE_MONTH,
    ),
    View(
        "evse_month_scope",
        "Elke rij van evse_month één keer per gebied en CPO waarin zij telt",
        "Every row of evse_month once for each area and CPO in which it counts",
        _scoped("evse_month", "evse_month.* EXCLUDE (cpo)"),
    ),
    View(
        "charge_point",
        "Laadpunten in dienst op de laatste dag van een maand, of op de nieuwste nacht van de CPO als die eerder is",
        "EVSEs in service on the last day of a month, or on the CPO's newest night where that is earlier",
        _CHARGE_POINT,
    ),
    View(
        "charge_point_scope",
        "Elke rij van charge_point één keer per gebied en CPO waarin zij telt",
        "Every row of charge_point once for each area and CPO in which it counts",
        _scoped("charge_point", "charge_point.* EXCLUDE (cpo)"),
    ),
)
"""The views in the order in which they can be made, over `cdrs` and `evses`."""


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views in a connection that has `cdrs` and `evses`."""
    for view in VIEWS:
        connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
