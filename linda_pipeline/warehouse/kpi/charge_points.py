"""KPIs of charge points: how many there are, and how much of their time they are occupied.

Here: figures that rest on when an EVSE was in service. Not here: figures of sessions alone (use.py, times.py).
"""

from __future__ import annotations

from datetime import date

from linda_pipeline.warehouse.kpi.declaration import Example, Name, kpi
from linda_pipeline.warehouse.kpi.example_rows import EVSE_2, EVSE_3, WARNED, evse, session

_OTHER_CPO = "NL-XYZ"


@kpi(
    "n",
    name=Name("Laadpunten", "Charge points"),
    formula=Name(
        "Het aantal laadpunten (EVSE's) in dienst op de laatste dag van de maand, of op de nieuwste nacht van de CPO als die "
        "eerder is; power: tot 22 kW regular, vanaf 50 kW fast, daartussen semi_fast; used=yes: met minstens één laadsessie "
        "die in de maand begon. Een laadpunt dat twee CPO's leveren, telt bij elk van beide en bij alle CPO's samen één keer",
        "The number of charge points (EVSEs) in service on the last day of the month, or on the CPO's newest night where "
        "that is earlier; power: up to 22 kW regular, from 50 kW fast, in between semi_fast; used=yes: with at least "
        "one session that began in the month. An EVSE that two CPOs deliver counts with either, and once with all CPOs "
        "together",
    ),
    basis="field: NAL, NKL",
    example=Example(
        {
            ("2026-11", "value", None): 2,
            ("2026-11", "value", "power=regular"): 1,
            ("2026-11", "value", "power=fast"): 1,
            ("2026-11", "value", "used=yes"): 1,
        },
        (session("2026-11-12 08:00", "2026-11-12 10:00"),),
        (
            evse("2026-11-10", "2026-11-30"),
            evse("2026-11-20", "2026-11-30", evse_key=EVSE_2, power_class="fast"),
            evse("2026-11-15", "2026-11-30", evse_key=EVSE_2, power_class="regular", cpo=_OTHER_CPO),
            evse("2026-11-01", "2026-11-08", evse_key=EVSE_3, valid_to=date(2026, 11, 9), end_reason="removed"),
        ),
    ),
)
def charge_points() -> str:
    counts = [
        "count(DISTINCT evse_key)",
        *(f"count(DISTINCT evse_key) FILTER (power_class = '{one}')" for one in ("regular", "semi_fast", "fast")),
        "count(DISTINCT evse_key) FILTER (power_class IS NULL)",
        "count(DISTINCT evse_key) FILTER (is_session)",
    ]
    listed = ",\n                    ".join(counts)
    return f"""
        SELECT * FROM (
            SELECT month, area_level, area_code, cpo, 'value' AS statistic,
                unnest([
                    NULL, 'power=regular', 'power=semi_fast', 'power=fast', 'power=unknown', 'used=yes'
                ]) AS dimension,
                unnest([
                    {listed}
                ]) AS value,
                unnest([NULL, NULL, NULL, NULL, NULL, count_if(is_session)]) AS sessions,
                unnest([NULL, NULL, NULL, NULL, NULL, count(DISTINCT user_pseudonym)]) AS users,
                unnest([
                    {listed}
                ]) AS evses,
                NULL AS share_known,
                unnest([NULL, NULL, NULL, NULL, NULL,
                    1 - count(DISTINCT evse_key) FILTER (is_session AND NOT is_warned)
                        / nullif(count(DISTINCT evse_key) FILTER (is_session), 0)
                ]) AS share_warned
            FROM charge_point_use_scope
            GROUP BY month, area_level, area_code, cpo
        )
        WHERE value > 0 OR dimension = 'used=yes'
    """


@kpi(
    "fraction",
    name=Name("Bezettingsgraad", "Occupancy"),
    formula=Name(
        "De tijd dat laadpunten in de maand bezet waren, gedeeld door de tijd dat zij in dienst waren, dag en nacht. Tijd "
        "waarin laadsessies van één laadpunt elkaar overlappen telt één keer, en tijd buiten de diensttijd niet. Een "
        "laadsessie over een maandgrens telt in elke maand mee voor het deel dat erin valt. Alleen laadpunten die in "
        "de Locations staan tellen mee",
        "The time that charge points were occupied in the month, divided by the time that they were in service, day and "
        "night. Time in which sessions of one EVSE overlap counts once, and time out of service not at all. A session across "
        "the end of a month counts in each month for the part that lies in it. Only charge points that are in the Locations "
        "count",
    ),
    basis="field: EVnetNL, JRC",
    example=Example(
        # October: in service for its last 168 hours, from the first session on; occupied for 2.
        # November: two EVSEs, 720 and 240 hours in service; occupied for 22 hours and, as two sessions overlap, 3 hours.
        {("2026-10", "value", None): 2 / 168, ("2026-11", "value", None): 25 / 960},
        (
            session("2026-10-24 23:00", "2026-10-25 00:00"),
            session("2026-10-31 22:00", "2026-11-01 21:00"),
            session("2026-11-22 08:00", "2026-11-22 10:00", evse_key=EVSE_2),
            session("2026-11-22 09:00", "2026-11-22 11:00", evse_key=EVSE_2, plausibility_warnings=WARNED),
        ),
        (evse("2026-11-02", "2026-11-30"), evse("2026-11-21", "2026-11-30", evse_key=EVSE_2)),
    ),
)
def occupancy() -> str:
    return """
        SELECT month, area_level, area_code, cpo, 'value' AS statistic, NULL AS dimension,
            coalesce(sum(occupied_us), 0)::DOUBLE / sum(in_service_us) AS value,
            count_if(is_first_part) AS sessions, count(DISTINCT user_pseudonym) AS users,
            count(DISTINCT evse_key) AS evses, NULL AS share_known,
            1 - sum(occupied_unwarned_us) / nullif(sum(occupied_us), 0)::DOUBLE AS share_warned
        FROM evse_use_scope
        GROUP BY month, area_level, area_code, cpo
    """
