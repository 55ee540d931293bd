"""The views that KPIs read: sessions and EVSEs, with the reckoning of time and place done once.

Here: the views in SQL with their meaning, and in them the laws: counting by start, time by overlap, one EVSE one charge point,
one session once. Not here: any KPI. Sums of integers (microseconds) and decimals do not depend on the order of the rows, so
neither do the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

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


def _from(moment: str) -> str:
    """SQL: a moment, or the beginning of the month that opens at `opens` (local) where that is later."""
    return f"greatest({moment}, opens {_LOCAL})"


def _until(moment: str) -> str:
    """SQL: a moment, or the end of the month that opens at `opens` (local) where that is earlier."""
    return f"least({moment}, (opens + INTERVAL 1 MONTH) {_LOCAL})"


def _scoped(name: str, columns: str, whose: str) -> str:
    """SQL: each row of a view once for every area and CPO in which it counts. Cells are not crossed with CPOs.

    `whose`: how all CPOs together are told: `flag` (the column counts_in_all) or `rows` (rows of their own, with cpo ALL).
    """
    own = f"{name}.cpo"
    levels = [("'nation'", "'NL'"), ("'nal_region'", "nal_region"), ("'gemeente'", "gemeente_code")]
    scopes = [(*level, cpo) for level in levels for cpo in ((own, "'ALL'") if whose == "flag" else (own,))]
    scopes.append(("'cell_500m'", "cbs_cell_500m", "'ALL'"))
    listed = ", ".join(f"{{'area_level': {level}, 'area_code': {code}, 'cpo': {cpo}}}" for level, code, cpo in scopes)
    counts = (
        "(scope.cpo <> 'ALL' OR counts_in_all)"
        if whose == "flag"
        else f"(scope.area_level <> 'cell_500m' OR {own} = 'ALL')"
    )
    own_cpo = f"{own} AS own_cpo, " if whose == "flag" else ""
    return f"""
SELECT scope.area_level, scope.area_code, scope.cpo, {own_cpo}{columns}
FROM {name}, unnest([{listed}]) AS scopes(scope)
WHERE scope.area_code IS NOT NULL AND {counts}
"""


# One session: one EVSE, one start and one end (to the second), one energy (to the Wh). Of several CDRs of it the first
# delivered counts.
_SAME = """
            coalesce(evse_key, cpo || '/' || cdr_id), epoch_us(start_date_time) // 1000000,
            epoch_us(end_date_time) // 1000000, round(total_energy_kwh, 3)"""

_SESSION = f"""
WITH numbered AS (
    SELECT *,
        row_number() OVER (PARTITION BY cpo, {_SAME} ORDER BY "window", page, position, cdr_id) AS of_its_cpo,
        row_number() OVER (PARTITION BY {_SAME} ORDER BY "window", cpo, page, position, cdr_id) AS of_all,
        greatest(epoch_us(end_date_time) - epoch_us(start_date_time), 0) AS us,
        TRY_CAST(round((total_time_h - total_parking_time_h) * 3.6e9) AS BIGINT) AS told_us
    FROM cdrs
)
SELECT cpo, cdr_id, location_id, evse_key, user_pseudonym, token_type, start_date_time, end_date_time,
    strftime(start_date_time {_LOCAL}, '%Y-%m') AS month, {_AREAS},
    TRY_CAST(total_energy_kwh AS DECIMAL(18, 6)) AS energy_kwh,
    us AS connection_us,
    CASE WHEN told_us IS NOT NULL THEN least(greatest(told_us, 0), us) END AS charging_us,
    coalesce(len(plausibility_warnings) > 0, false) AS is_warned,
    of_all = 1 AS counts_in_all
FROM numbered WHERE of_its_cpo = 1
"""

_SERVICE = f"""
WITH first_session AS (
    SELECT cpo, evse_key, min(start_date_time) AS first_start FROM session GROUP BY cpo, evse_key
),
version AS (
    SELECT *, valid_from = min(valid_from) OVER (PARTITION BY cpo, evse_key) AS is_first FROM evses
)
SELECT version.cpo, version.evse_key, power_class, {_AREAS},
    CASE WHEN is_first THEN least(valid_from::TIMESTAMP {_LOCAL}, first_start)
        ELSE valid_from::TIMESTAMP {_LOCAL} END AS in_service_from,
    (CASE WHEN end_reason IN ('changed', 'removed') THEN valid_to ELSE last_seen + 1 END)::TIMESTAMP {_LOCAL}
        AS in_service_until,
    valid_to IS NULL AS is_current
FROM version LEFT JOIN first_session USING (cpo, evse_key)
"""

_SERVICE_SPAN = """
WITH counted AS (
    SELECT cpo, evse_key, in_service_from, in_service_until FROM service
    UNION ALL
    SELECT 'ALL', evse_key, in_service_from, in_service_until FROM service
),
marked AS (
    SELECT *, coalesce(in_service_from > max(in_service_until) OVER before, true) AS opens
    FROM counted WHERE in_service_until > in_service_from
    WINDOW before AS (
        PARTITION BY cpo, evse_key ORDER BY in_service_from, in_service_until
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
numbered AS (
    SELECT *, count_if(opens) OVER (
        PARTITION BY cpo, evse_key ORDER BY in_service_from, in_service_until ROWS UNBOUNDED PRECEDING
    ) AS number
    FROM marked
)
SELECT cpo, evse_key, min(in_service_from) AS span_from, max(in_service_until) AS span_until
FROM numbered GROUP BY cpo, evse_key, number
"""

# The union of intervals as a sum: what each adds to those that began before it.
_ADDED = "greatest(until_us - greatest(from_us, max(until_us){which} OVER before), 0)"
_SESSION_MONTH = f"""
WITH counted AS (
    SELECT cpo AS own_cpo, * FROM session
    UNION ALL
    SELECT cpo AS own_cpo, * REPLACE ('ALL' AS cpo) FROM session WHERE counts_in_all
),
in_service AS (
    SELECT counted.*, greatest(start_date_time, span_from) AS first, least(end_date_time, span_until) AS last
    FROM counted JOIN service_span USING (cpo, evse_key)
    WHERE start_date_time < span_until AND end_date_time > span_from
),
piece AS (
    SELECT *, epoch_us({_from("first")}) AS from_us, epoch_us({_until("last")}) AS until_us
    FROM (SELECT *, {_months("first", "last")} AS opens FROM in_service)
)
SELECT cpo, own_cpo, evse_key, cdr_id, user_pseudonym, is_warned, strftime(opens, '%Y-%m') AS month,
    start_date_time, make_timestamptz(from_us) AS occupied_from, make_timestamptz(until_us) AS occupied_until,
    {_ADDED.format(which="")} AS occupied_us,
    CASE WHEN is_warned THEN 0 ELSE {_ADDED.format(which=" FILTER (NOT is_warned)")} END AS occupied_unwarned_us
FROM piece WHERE until_us > from_us
WINDOW before AS (
    PARTITION BY cpo, evse_key, opens ORDER BY from_us, until_us, own_cpo, cdr_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
)
"""

_AREA = "{'nal_region': nal_region, 'gemeente_code': gemeente_code, 'cbs_cell_500m': cbs_cell_500m}"
_EVSE_MONTH = f"""
WITH summed AS (
    SELECT cpo, evse_key, opens, sum(epoch_us({_until("span_until")}) - epoch_us({_from("span_from")}))::BIGINT AS us
    FROM (SELECT *, {_months("span_from", "span_until")} AS opens FROM service_span)
    GROUP BY cpo, evse_key, opens
),
place AS (
    SELECT cpo, evse_key, opens, in_service_from, {_AREA} AS area
    FROM (SELECT *, {_months("in_service_from", "in_service_until")} AS opens FROM service)
    WHERE {_until("in_service_until")} > {_from("in_service_from")}
),
last_place AS (
    SELECT cpo, evse_key, opens, arg_max(area, in_service_from) AS area FROM place GROUP BY cpo, evse_key, opens
    UNION ALL
    SELECT 'ALL', evse_key, opens, arg_max(area, (in_service_from, cpo)) FROM place GROUP BY evse_key, opens
)
SELECT cpo, evse_key, strftime(opens, '%Y-%m') AS month, us AS in_service_us,
    area.nal_region, area.gemeente_code, area.cbs_cell_500m
FROM summed JOIN last_place USING (cpo, evse_key, opens)
WHERE us > 0
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
),
there AS (
    SELECT * FROM dated
    WHERE in_service_from < (day + 1)::TIMESTAMP {_LOCAL}
        AND (in_service_until > day::TIMESTAMP {_LOCAL} OR is_current)
    QUALIFY row_number() OVER (PARTITION BY cpo, evse_key, opens ORDER BY in_service_from DESC) = 1
)
SELECT cpo, evse_key, strftime(opens, '%Y-%m') AS month, day, power_class, {_AREAS},
    row_number() OVER (PARTITION BY evse_key, opens ORDER BY in_service_from DESC, cpo) = 1 AS counts_in_all
FROM there
"""

VIEWS = (
    View(
        "session",
        "Laadsessies met hun maand (van het begin, in Europe/Amsterdam) en hun duren in microseconden; de laadduur is leeg "
        "waar de CPO geen total_parking_time gaf. Dezelfde sessie onder twee CDR-id's (laadpunt, begin, einde en energie) "
        "staat er per CPO één keer in",
        "Charging sessions with their month (of the start, in Europe/Amsterdam) and their durations in microseconds; the "
        "charging time is empty where the CPO gave no total_parking_time. The same session under two CDR ids (EVSE, start, "
        "end and energy) stands here once per CPO",
        _SESSION,
    ),
    View(
        "session_scope",
        "Elke laadsessie één keer per gebied en CPO waarin zij telt (ALL is alle CPO's samen; own_cpo is haar eigen CPO)",
        "Every session once for each area and CPO in which it counts (ALL is all CPOs together; own_cpo is its own CPO)",
        _scoped("session", "session.* EXCLUDE (cpo)", "flag"),
    ),
    View(
        "service",
        "Wanneer een laadpunt in dienst was: van de eerste nacht of, als die eerder was, de eerste laadsessie, tot het laatst "
        "gezien of REMOVED; één rij per versie",
        "When an EVSE was in service: from the first night or, if earlier, the first session, until last seen or REMOVED; one "
        "row per version",
        _SERVICE,
    ),
    View(
        "service_span",
        "Aaneengesloten tijden waarin een laadpunt in dienst was, per CPO en voor alle CPO's samen (ALL)",
        "Spans without a gap in which an EVSE was in service, per CPO and for all CPOs together (ALL)",
        _SERVICE_SPAN,
    ),
    View(
        "session_month",
        "Het deel van elke laadsessie dat in een maand en in de diensttijd van het laadpunt valt, per CPO en voor alle CPO's "
        "samen (ALL)",
        "The part of every session that lies in a month and in the EVSE's time in service, per CPO and for all CPOs together "
        "(ALL)",
        _SESSION_MONTH,
    ),
    View(
        "evse_month",
        "Hoe lang een laadpunt in een maand in dienst was, in microseconden, met het gebied waarin het daarin het "
        "laatst lag; per CPO en voor alle CPO's samen (ALL)",
        "How long an EVSE was in service in a month, in microseconds, with the area where it was last in that month; "
        "per CPO and for all CPOs together (ALL)",
        _EVSE_MONTH,
    ),
    View(
        "evse_month_scope",
        "Elke rij van evse_month één keer per gebied waarin zij telt",
        "Every row of evse_month once for each area in which it counts",
        _scoped("evse_month", "evse_month.* EXCLUDE (cpo)", "rows"),
    ),
    View(
        "charge_point",
        "Laadpunten in dienst op de laatste dag van een maand, of op de nieuwste nacht van de CPO als die eerder is",
        "EVSEs in service on the last day of a month, or on the CPO's newest night where that is earlier",
        _CHARGE_POINT,
    ),
    View(
        "charge_point_scope",
        "Elke rij van charge_point één keer per gebied en CPO waarin zij telt (ALL is alle CPO's samen)",
        "Every row of charge_point once for each area and CPO in which it counts (ALL is all CPOs together)",
        _scoped("charge_point", "charge_point.* EXCLUDE (cpo)", "flag"),
    ),
)
"""The views in the order in which they can be made, over `cdrs` and `evses`."""


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views in a connection that has `cdrs` and `evses`."""
    for view in VIEWS:
        connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
