"""KPIs of use: how many sessions, how much energy, by how many people.

Here: what is counted or summed by the start of the session. Not here: durations (times.py) and EVSEs (charge_points.py).
"""

from __future__ import annotations

from linda_pipeline.warehouse.kpi.declaration import Example, Name, kpi
from linda_pipeline.warehouse.kpi.example_rows import session

_NIGHT_OF_31_OCTOBER = session("2026-10-31 22:30", "2026-11-01 06:00", total_energy_kwh=30.0)
_FIRST_HOUR_OF_NOVEMBER = session("2026-10-31 23:30", "2026-11-01 06:00", total_energy_kwh=12.5, user_pseudonym="b")
_MIDDLE_OF_NOVEMBER = session("2026-11-15 09:00", "2026-11-15 11:00", total_energy_kwh=7.5, user_pseudonym="b")
_ENERGY_KNOWN = (
    " Een laadsessie met een energie die niet op te tellen is, telt niet mee; share_known zegt welk deel wel meetelt",
    " A session with an energy that cannot be added up does not count; share_known says which share does",
)
_THREE = (_NIGHT_OF_31_OCTOBER, _FIRST_HOUR_OF_NOVEMBER, _MIDDLE_OF_NOVEMBER)


@kpi(
    "n",
    name=Name("Laadsessies", "Charging sessions"),
    formula=Name(
        "Het aantal goedgekeurde, niet gecrediteerde laadsessies die in de maand begonnen (Europe/Amsterdam). Dezelfde "
        "laadsessie (laadpunt, begin, einde en energie) onder twee CDR-id's, of van twee CPO's, telt één keer",
        "The number of accepted sessions, not credited, that began in the month (Europe/Amsterdam). The same session (EVSE, "
        "start, end and energy) under two CDR ids, or of two CPOs, counts once",
    ),
    basis="field: EVnetNL",
    example=Example({("2026-10", "value", None): 1, ("2026-11", "value", None): 2}, _THREE),
)
def sessions() -> str:
    return """
        SELECT month, area_level, area_code, cpo, 'value' AS statistic, NULL AS dimension,
            count(*) AS value,
            count(*) AS sessions, count(DISTINCT user_pseudonym) AS users, count(DISTINCT evse_key) AS evses,
            NULL AS share_known, count_if(is_warned) / count(*) AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """


@kpi(
    "kWh",
    name=Name("Geladen energie", "Energy charged"),
    formula=Name(
        "De som van total_energy over de laadsessies die in de maand begonnen." + _ENERGY_KNOWN[0],
        "The sum of total_energy over the sessions that began in the month." + _ENERGY_KNOWN[1],
    ),
    basis="field: MRA-E, HvA",
    example=Example({("2026-10", "value", None): 30.0, ("2026-11", "value", None): 20.0}, _THREE),
)
def energy() -> str:
    return """
        SELECT month, area_level, area_code, cpo, 'value' AS statistic, NULL AS dimension,
            sum(energy_kwh)::DOUBLE AS value,
            count(energy_kwh) AS sessions,
            count(DISTINCT user_pseudonym) FILTER (energy_kwh IS NOT NULL) AS users,
            count(DISTINCT evse_key) FILTER (energy_kwh IS NOT NULL) AS evses,
            count(energy_kwh) / count(*) AS share_known,
            coalesce(sum(energy_kwh) FILTER (is_warned), 0)::DOUBLE / nullif(sum(energy_kwh), 0)::DOUBLE AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """


@kpi(
    "kWh",
    name=Name("Energie per laadsessie", "Energy per session"),
    formula=Name(
        "Gemiddelde, mediaan, en 10e en 90e percentiel van total_energy over de laadsessies die in de maand begonnen."
        + _ENERGY_KNOWN[0],
        "Mean, median, and 10th and 90th percentile of total_energy over the sessions that began in the month."
        + _ENERGY_KNOWN[1],
    ),
    basis="field: EVnetNL",
    example=Example(
        {
            ("2026-10", "mean", None): 30.0,
            ("2026-10", "median", None): 30.0,
            ("2026-10", "p10", None): 30.0,
            ("2026-10", "p90", None): 30.0,
            ("2026-11", "mean", None): 10.0,
            ("2026-11", "median", None): 10.0,
            ("2026-11", "p10", None): 8.0,
            ("2026-11", "p90", None): 12.0,
        },
        _THREE,
    ),
)
def energy_per_session() -> str:
    return """
        SELECT month, area_level, area_code, cpo,
            unnest(['mean', 'median', 'p10', 'p90']) AS statistic, NULL AS dimension,
            unnest([
                sum(energy_kwh)::DOUBLE / count(energy_kwh),
                quantile_cont(energy_kwh::DOUBLE, 0.5),
                quantile_cont(energy_kwh::DOUBLE, 0.1),
                quantile_cont(energy_kwh::DOUBLE, 0.9)
            ]) AS value,
            count(energy_kwh) AS sessions,
            count(DISTINCT user_pseudonym) FILTER (energy_kwh IS NOT NULL) AS users,
            count(DISTINCT evse_key) FILTER (energy_kwh IS NOT NULL) AS evses,
            count(energy_kwh) / count(*) AS share_known,
            unnest([
                coalesce(sum(energy_kwh) FILTER (is_warned), 0)::DOUBLE / nullif(sum(energy_kwh), 0)::DOUBLE,
                count(energy_kwh) FILTER (is_warned) / nullif(count(energy_kwh), 0),
                count(energy_kwh) FILTER (is_warned) / nullif(count(energy_kwh), 0),
                count(energy_kwh) FILTER (is_warned) / nullif(count(energy_kwh), 0)
            ]) AS share_warned
        FROM session_scope
        GROUP BY month, area_level, area_code, cpo
    """


@kpi(
    "n",
    name=Name("Unieke gebruikers", "Unique users"),
    formula=Name(
        "Het aantal verschillende pseudoniemen (van het contract-id, anders van de laadpas) met een laadsessie die in de maand "
        "begon; betalen zonder contract (AD_HOC_USER) telt apart mee onder token_type=AD_HOC_USER. Telt niet op over gebieden. "
        "Let op: OCPI 2.1.1 kent geen token_type. Wie bij zo'n CPO zonder contract betaalt, telt gewoon als gebruiker "
        "mee: bij elk nieuw id opnieuw, en met één id voor iedereen samen als één",
        "The number of distinct pseudonyms (of the contract id, else of the token) with a session that began in the month; "
        "ad hoc payment (AD_HOC_USER) is counted apart under token_type=AD_HOC_USER. Does not add up over areas. "
        "Beware: OCPI 2.1.1 knows no token_type. Who pays without a contract with such a CPO counts as any user: again "
        "with every new id, and where one id stands for all of them, as one",
    ),
    basis="field: EVnetNL, MRA-E",
    example=Example(
        {
            ("2026-10", "value", None): 1,
            ("2026-11", "value", None): 1,
            ("2026-11", "value", "token_type=AD_HOC_USER"): 1,
        },
        (*_THREE, session("2026-11-16 09:00", "2026-11-16 10:00", user_pseudonym="c", token_type="AD_HOC_USER")),
    ),
)
def unique_users() -> str:
    contract, ad_hoc = "token_type IS DISTINCT FROM 'AD_HOC_USER'", "token_type = 'AD_HOC_USER'"
    users = ", ".join(f"count(DISTINCT user_pseudonym) FILTER ({one})" for one in (contract, ad_hoc))
    return f"""
        SELECT * FROM (
            SELECT month, area_level, area_code, cpo, 'value' AS statistic,
                unnest([NULL, 'token_type=AD_HOC_USER']) AS dimension,
                unnest([{users}]) AS value,
                unnest([count_if({contract}), count_if({ad_hoc})]) AS sessions,
                unnest([{users}]) AS users,
                unnest([
                    count(DISTINCT evse_key) FILTER ({contract}), count(DISTINCT evse_key) FILTER ({ad_hoc})
                ]) AS evses,
                NULL AS share_known,
                unnest([
                    1 - count(DISTINCT user_pseudonym) FILTER ({contract} AND NOT is_warned)
                        / nullif(count(DISTINCT user_pseudonym) FILTER ({contract}), 0),
                    1 - count(DISTINCT user_pseudonym) FILTER ({ad_hoc} AND NOT is_warned)
                        / nullif(count(DISTINCT user_pseudonym) FILTER ({ad_hoc}), 0)
                ]) AS share_warned
            FROM session_scope
            GROUP BY month, area_level, area_code, cpo
        )
        WHERE sessions > 0
    """
