"""KPIs of time: how long cars stay connected, how long they charge, and how long they only stand there.

Here: durations of sessions, counted by their start. Not here: occupancy, which is time within a month (charge_points.py).
A session without total_parking_time has an unknown charging time: it drops out, and share_known says how many are left.
share_warned is the share of the sum that comes of warned sessions; of a median, their share of the sessions.
"""

from __future__ import annotations

from linda_pipeline.warehouse.kpi.declaration import Example, Name, kpi
from linda_pipeline.warehouse.kpi.example_rows import session

_FOUR = (
    session("2026-11-02 08:00", "2026-11-02 10:00", total_parking_time_h=0.5),
    session("2026-11-03 08:00", "2026-11-03 18:00", total_parking_time_h=7.0),
    session("2026-11-04 08:00", "2026-11-04 11:00", total_parking_time_h=0.0),
    session("2026-11-05 08:00", "2026-11-05 13:00", total_parking_time_h=None),
)
_KNOWN_ONLY = (
    " Laadsessies zonder total_parking_time tellen niet mee; share_known zegt welk deel wel meetelt",
    " Sessions without total_parking_time do not count; share_known says which share does",
)


@kpi(
    "h",
    name=Name("Aansluitduur", "Connection time"),
    formula=Name(
        "Gemiddelde en mediaan van einde min begin, over de laadsessies die in de maand begonnen",
        "Mean and median of end minus start, over the sessions that began in the month",
    ),
    basis="field: Vattenfall",
    example=Example({("2026-11", "mean", None): 5.0, ("2026-11", "median", None): 4.0}, _FOUR),
)
def connection_time() -> str:
    return """
        SELECT month, area_level, area_code, cpo, unnest(['mean', 'median']) AS statistic, NULL AS dimension,
            unnest([sum(connection_us) / 3.6e9 / count(connection_us), quantile_cont(connection_us, 0.5) / 3.6e9]) AS value,
            count(connection_us) AS sessions, count(DISTINCT user_pseudonym) AS users, count(DISTINCT evse_key) AS evses,
            NULL AS share_known,
            unnest([
                coalesce(sum(connection_us) FILTER (is_warned), 0) / nullif(sum(connection_us), 0),
                count_if(is_warned) / count(*)
            ]) AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """


@kpi(
    "h",
    name=Name("Laadduur", "Charging time"),
    formula=Name(
        "Gemiddelde en mediaan van total_time min total_parking_time, over de laadsessies die in de maand begonnen."
        + _KNOWN_ONLY[0],
        "Mean and median of total_time minus total_parking_time, over the sessions that began in the month."
        + _KNOWN_ONLY[1],
    ),
    basis="field: OCPI",
    example=Example({("2026-11", "mean", None): 2.5, ("2026-11", "median", None): 3.0}, _FOUR),
)
def charging_time() -> str:
    return """
        SELECT month, area_level, area_code, cpo, unnest(['mean', 'median']) AS statistic, NULL AS dimension,
            unnest([sum(charging_us) / 3.6e9 / count(charging_us), quantile_cont(charging_us, 0.5) / 3.6e9]) AS value,
            count(charging_us) AS sessions,
            count(DISTINCT user_pseudonym) FILTER (charging_us IS NOT NULL) AS users,
            count(DISTINCT evse_key) FILTER (charging_us IS NOT NULL) AS evses,
            count(charging_us) / count(*) AS share_known,
            unnest([
                coalesce(sum(charging_us) FILTER (is_warned), 0) / nullif(sum(charging_us), 0),
                count(charging_us) FILTER (is_warned) / nullif(count(charging_us), 0)
            ]) AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """


@kpi(
    "h",
    name=Name("Tijd zonder laden (laadpaalkleven)", "Idle time"),
    formula=Name(
        "Gemiddelde van de aansluitduur min de laadduur, over de laadsessies die in de maand begonnen."
        + _KNOWN_ONLY[0],
        "Mean of the connection time minus the charging time, over the sessions that began in the month."
        + _KNOWN_ONLY[1],
    ),
    basis="field: JRC",
    example=Example({("2026-11", "mean", None): 2.5}, _FOUR),
)
def idle_time() -> str:
    return """
        SELECT month, area_level, area_code, cpo, 'mean' AS statistic, NULL AS dimension,
            sum(connection_us - charging_us) / 3.6e9 / count(charging_us) AS value,
            count(charging_us) AS sessions,
            count(DISTINCT user_pseudonym) FILTER (charging_us IS NOT NULL) AS users,
            count(DISTINCT evse_key) FILTER (charging_us IS NOT NULL) AS evses,
            count(charging_us) / count(*) AS share_known,
            coalesce(sum(connection_us - charging_us) FILTER (is_warned), 0) / nullif(sum(connection_us - charging_us), 0)
                AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """


@kpi(
    "fraction",
    name=Name("Laadtijdratio", "Charge-time ratio"),
    formula=Name(
        "De som van de laadduur gedeeld door de som van de aansluitduur van dezelfde laadsessies, die in de maand begonnen."
        + _KNOWN_ONLY[0],
        "The sum of the charging time divided by the sum of the connection time of the same sessions, which began in the month."
        + _KNOWN_ONLY[1],
    ),
    basis="field: JRC (38.6 %), evdata",
    example=Example({("2026-11", "value", None): 0.5}, _FOUR),
)
def charge_time_ratio() -> str:
    return """
        SELECT month, area_level, area_code, cpo, 'value' AS statistic, NULL AS dimension,
            sum(charging_us)::DOUBLE / nullif(sum(connection_us) FILTER (charging_us IS NOT NULL), 0) AS value,
            count(charging_us) AS sessions,
            count(DISTINCT user_pseudonym) FILTER (charging_us IS NOT NULL) AS users,
            count(DISTINCT evse_key) FILTER (charging_us IS NOT NULL) AS evses,
            count(charging_us) / count(*) AS share_known,
            coalesce(sum(connection_us) FILTER (is_warned AND charging_us IS NOT NULL), 0)
                / nullif(sum(connection_us) FILTER (charging_us IS NOT NULL), 0) AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """
