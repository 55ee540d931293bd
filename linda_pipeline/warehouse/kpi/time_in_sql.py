"""Sessions and charge points in SQL, with the reckoning of time done once: what the views of linda.duckdb show.

Here: the laws: counting by start, time by overlap, one EVSE one charge point, one session once. Not here: what the views are
called and mean (views.py), the scopes (scopes.py), and any KPI. Sums of integers (microseconds) and decimals do not depend on
the order of the rows, so neither do the figures.
"""

from __future__ import annotations

from linda_pipeline.warehouse.kpi.scopes import ALL, AREAS

LOCAL = "AT TIME ZONE 'Europe/Amsterdam'"
_AREAS = ", ".join(AREAS)


_EARLIEST, _LATEST = "TIMESTAMP '2000-01-01'", "TIMESTAMP '2100-01-01'"


def _months(first: str, last: str) -> str:
    """SQL: the local months from one moment to another, each as the local midnight that opens it."""
    return (
        f"unnest(generate_series(greatest(date_trunc('month', {first} {LOCAL}), {_EARLIEST}), "
        f"least(date_trunc('month', {last} {LOCAL}), {_LATEST}), INTERVAL 1 MONTH))"
    )


def of_month(sql: str, month: str) -> str:
    """A view's SQL for one month alone, so that no other is worked out to be thrown away."""
    opens = f"TIMESTAMP '{month}-01'"
    return sql.replace(_EARLIEST, opens).replace(_LATEST, opens)


def _from(moment: str) -> str:
    """SQL: a moment, or the beginning of the month that opens at `opens` (local) where that is later."""
    return f"greatest({moment}, opens {LOCAL})"


def _until(moment: str) -> str:
    """SQL: a moment, or the end of the month that opens at `opens` (local) where that is earlier."""
    return f"least({moment}, (opens + INTERVAL 1 MONTH) {LOCAL})"


# One session: one EVSE, one start and one end (to the second), one energy (to the Wh). Of several CDRs of it the first
# delivered counts.
SAME = """coalesce(evse_key, cpo || '/' || cdr_id), epoch_us(start_date_time) // 1000000,
        epoch_us(end_date_time) // 1000000, round(total_energy_kwh, 3)"""
"""What tells one session from another, over `cdrs`."""


def sessions(rows: str, counts_in_all: str, more: str = "") -> str:
    """SQL: the columns of `session`, and more, from rows of `cdrs` of which each is a session of its own."""
    return f"""
SELECT cpo, cdr_id, location_id, evse_key, user_pseudonym, token_type, start_date_time, end_date_time,
    strftime(start_date_time {LOCAL}, '%Y-%m') AS month, {_AREAS},
    TRY_CAST(total_energy_kwh AS DECIMAL(18, 6)) AS energy_kwh,
    us AS connection_us,
    CASE WHEN told_us IS NOT NULL THEN least(greatest(told_us, 0), us) END AS charging_us,
    coalesce(len(plausibility_warnings) > 0, false) AS is_warned,
    {counts_in_all} AS counts_in_all{more}
FROM (
    SELECT *, greatest(epoch_us(end_date_time) - epoch_us(start_date_time), 0) AS us,
        TRY_CAST(round((total_time_h - total_parking_time_h) * 3.6e9) AS BIGINT) AS told_us
    FROM {rows}
)
"""


def once(rows: str) -> str:
    """SQL: the sessions among rows of `cdrs`: once per CPO, and once for all CPOs together."""
    numbered = f"""(
    SELECT *,
        row_number() OVER (PARTITION BY cpo, {SAME} ORDER BY "window", page, position, cdr_id) AS of_its_cpo,
        row_number() OVER (PARTITION BY {SAME} ORDER BY "window", cpo, page, position, cdr_id) AS of_all
    FROM {rows}
) WHERE of_its_cpo = 1"""
    return sessions(numbered, "of_all = 1")


SESSION = once("cdrs")

FIRST_SESSION = """
SELECT cpo, evse_key, min(start_date_time) AS first_start FROM session WHERE evse_key IS NOT NULL GROUP BY cpo, evse_key
"""

SHARED_EVSE = """
SELECT evse_key
FROM (SELECT cpo, evse_key FROM evses UNION SELECT cpo, evse_key FROM first_session)
WHERE evse_key IS NOT NULL GROUP BY evse_key HAVING count(*) > 1
"""

SERVICE = f"""
WITH version AS (
    SELECT *, valid_from = min(valid_from) OVER (PARTITION BY cpo, evse_key) AS is_first FROM evses
)
SELECT version.cpo, version.evse_key, power_class, {_AREAS},
    CASE WHEN is_first THEN least(valid_from::TIMESTAMP {LOCAL}, first_start)
        ELSE valid_from::TIMESTAMP {LOCAL} END AS in_service_from,
    (CASE WHEN end_reason IN ('changed', 'removed') THEN valid_to ELSE last_seen + 1 END)::TIMESTAMP {LOCAL}
        AS in_service_until,
    valid_to IS NULL AS is_current
FROM version LEFT JOIN first_session USING (cpo, evse_key)
"""

SERVICE_SPAN = f"""
WITH counted AS (
    SELECT cpo, evse_key, in_service_from, in_service_until FROM service
    UNION ALL
    SELECT '{ALL}', evse_key, in_service_from, in_service_until FROM service WHERE evse_key IN (FROM shared_evse)
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
SELECT cpo, evse_key, min(in_service_from) AS span_from, max(in_service_until) AS span_until,
    cpo = '{ALL}' OR evse_key NOT IN (FROM shared_evse) AS counts_in_all
FROM numbered WHERE evse_key IS NOT NULL GROUP BY cpo, evse_key, number
"""

# The union of intervals as a sum: what each adds to those that began before it.
_ADDED = "greatest(until_us - greatest(from_us, max(until_us){which} OVER before), 0)"
SESSION_MONTH = f"""
WITH counted AS (
    SELECT cpo AS own_cpo, * FROM session
    UNION ALL
    SELECT cpo AS own_cpo, * REPLACE ('{ALL}' AS cpo) FROM session WHERE counts_in_all AND evse_key IN (FROM shared_evse)
),
span AS (
    SELECT *, lag(span_until) OVER (PARTITION BY cpo, evse_key ORDER BY span_from) AS earlier_until FROM service_span
),
in_service AS (
    SELECT counted.* EXCLUDE (counts_in_all), span.counts_in_all, earlier_until,
        greatest(start_date_time, span_from) AS first, least(end_date_time, span_until) AS last
    FROM counted JOIN span USING (cpo, evse_key)
    WHERE start_date_time < span_until AND end_date_time > span_from
),
piece AS (
    SELECT *, epoch_us({_from("first")}) AS from_us, epoch_us({_until("last")}) AS until_us
    FROM (SELECT *, {_months("first", "last")} AS opens FROM in_service)
)
SELECT cpo, own_cpo, evse_key, cdr_id, user_pseudonym, is_warned, strftime(opens, '%Y-%m') AS month,
    start_date_time, make_timestamptz(from_us) AS occupied_from, make_timestamptz(until_us) AS occupied_until,
    {_ADDED.format(which="")} AS occupied_us,
    CASE WHEN is_warned THEN 0 ELSE {_ADDED.format(which=" FILTER (NOT is_warned)")} END AS occupied_unwarned_us,
    coalesce(earlier_until <= {_from("start_date_time")}, true) AS is_first_part,
    counts_in_all
FROM piece WHERE until_us > from_us
WINDOW before AS (
    PARTITION BY cpo, evse_key, opens ORDER BY from_us, until_us, own_cpo, cdr_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
)
"""

_AREA = "{" + ", ".join(f"'{name}': {name}" for name in AREAS) + "}"
EVSE_MONTH = f"""
WITH summed AS (
    SELECT cpo, evse_key, counts_in_all, opens,
        sum(epoch_us({_until("span_until")}) - epoch_us({_from("span_from")}))::BIGINT AS us
    FROM (SELECT *, {_months("span_from", "span_until")} AS opens FROM service_span)
    GROUP BY cpo, evse_key, counts_in_all, opens
),
place AS (
    SELECT cpo, evse_key, opens, in_service_from, {_AREA} AS area
    FROM (SELECT *, {_months("in_service_from", "in_service_until")} AS opens FROM service)
    WHERE {_until("in_service_until")} > {_from("in_service_from")}
),
last_place AS (
    SELECT cpo, evse_key, opens, arg_max(area, in_service_from) AS area FROM place GROUP BY cpo, evse_key, opens
    UNION ALL
    SELECT '{ALL}', evse_key, opens, arg_max(area, (in_service_from, cpo)) FROM place
    WHERE evse_key IN (FROM shared_evse) GROUP BY evse_key, opens
)
SELECT cpo, evse_key, strftime(opens, '%Y-%m') AS month, us AS in_service_us,
    {", ".join(f"area.{name}" for name in AREAS)}, counts_in_all
FROM summed JOIN last_place USING (cpo, evse_key, opens)
WHERE us > 0
"""

EVSE_USE = f"""
SELECT month, cpo, counts_in_all, {_AREAS}, evse_key, in_service_us,
    NULL AS user_pseudonym, NULL AS occupied_us, NULL AS occupied_unwarned_us, false AS is_first_part
FROM evse_month
UNION ALL
SELECT month, cpo, evse.counts_in_all, {_AREAS}, evse_key, NULL,
    user_pseudonym, occupied_us, occupied_unwarned_us, is_first_part
FROM session_month AS part JOIN evse_month AS evse USING (cpo, evse_key, month)
"""

CHARGE_POINT = f"""
WITH newest AS (
    SELECT cpo, max(last_seen) AS night FROM evses GROUP BY cpo
),
asked AS (
    SELECT *, {_months("in_service_from", "greatest(in_service_until, night::TIMESTAMP " + LOCAL + ")")} AS opens
    FROM service JOIN newest USING (cpo)
),
dated AS (
    SELECT *, least((opens + INTERVAL 1 MONTH)::DATE - 1, night) AS day FROM asked WHERE night >= opens::DATE
),
there AS (
    SELECT * FROM dated
    WHERE in_service_from < (day + 1)::TIMESTAMP {LOCAL}
        AND (in_service_until > day::TIMESTAMP {LOCAL} OR is_current)
    QUALIFY row_number() OVER (PARTITION BY cpo, evse_key, opens ORDER BY in_service_from DESC) = 1
)
SELECT cpo, evse_key, strftime(opens, '%Y-%m') AS month, day, power_class, {_AREAS},
    row_number() OVER (PARTITION BY evse_key, opens ORDER BY in_service_from DESC, cpo) = 1 AS counts_in_all
FROM there
"""

# A session of a CPO that has no such charge point itself, or whose own one does not count, counts for all CPOs alone.
CHARGE_POINT_USE = f"""
SELECT month, cpo, counts_in_all, {_AREAS}, evse_key, power_class,
    NULL AS user_pseudonym, NULL AS is_warned, false AS is_session
FROM charge_point
UNION ALL
SELECT month, CASE WHEN point.cpo = session.cpo THEN point.cpo ELSE '{ALL}' END,
    point.counts_in_all AND session.counts_in_all, {", ".join(f"point.{name}" for name in AREAS)},
    evse_key, power_class, user_pseudonym, is_warned, true
FROM charge_point AS point JOIN session USING (evse_key, month)
WHERE point.cpo = session.cpo OR (point.counts_in_all AND session.counts_in_all)
"""
