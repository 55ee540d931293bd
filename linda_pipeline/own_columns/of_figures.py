"""Our own columns of figures, and of the definitions that stand beside them.

Here: words and types. Not here: the figures and their queries (warehouse), and the views under them (of_views.py).
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import COUNT, DAY, FLAG, NUMBER, TEXT, OwnColumn

OF_FIGURES: dict[str, OwnColumn] = {
    "kpi_id": OwnColumn(TEXT, "Id van de KPI", "Id of the KPI"),
    "definition_version": OwnColumn(TEXT, "Versie van de definitie", "Version of the definition"),
    "month": OwnColumn(
        TEXT,
        "Maand in Europe/Amsterdam, als JJJJ-MM; van een laadsessie die van haar begin",
        "Month in Europe/Amsterdam, as YYYY-MM; of a session that of its start",
    ),
    "kpi.cpo": OwnColumn(
        TEXT,
        "CPO waarover het cijfer gaat; ALL is alle CPO's samen",
        "CPO that the figure is about; ALL is all CPOs together",
    ),
    "reliance.cpo": OwnColumn(
        TEXT,
        "CPO waarover het gaat; ALL is alle CPO's samen",
        "CPO that it is about; ALL is all CPOs together",
    ),
    "statistic": OwnColumn(
        TEXT, "value, mean, median, p10, p90, p95 of max", "value, mean, median, p10, p90, p95 or max"
    ),
    "dimension": OwnColumn(
        TEXT, "Uitsplitsing, zoals power=fast; leeg: geen", "Breakdown, such as power=fast; empty: none"
    ),
    "kpi.value": OwnColumn(
        NUMBER,
        "Het cijfer, in de eenheid van unit; leeg waar het er niet is, met de reden in reason",
        "The figure, in the unit that `unit` names; empty where there is none, with why in `reason`",
    ),
    "unit": OwnColumn(
        TEXT,
        "Eenheid; fraction loopt van 0 tot 1 en wordt als % getoond",
        "Unit; fraction runs from 0 to 1 and is shown as %",
    ),
    "sessions": OwnColumn(COUNT, "Laadsessies waarop het cijfer rust", "Sessions on which the figure rests", "n"),
    "users": OwnColumn(COUNT, "Gebruikers waarop het cijfer rust", "Users on whom the figure rests", "n"),
    "evses": OwnColumn(COUNT, "Laadpunten waarop het cijfer rust", "EVSEs on which the figure rests", "n"),
    "coverage": OwnColumn(
        NUMBER,
        "Dekking: deel van de dagen van de maand, over de CPO's van het gebied en vanaf hun toestemming, dat door volledige "
        "leveringen van CDR's is gedekt; leeg waar geen dag wordt gevraagd",
        "Share of the month's days, over the area's CPOs and from their permission on, that complete deliveries of CDRs cover; "
        "empty where no day is asked for",
        "fraction",
    ),
    "share_known": OwnColumn(
        NUMBER,
        "Deel van de laadsessies waarvan bekend is wat het cijfer nodig heeft (laadduur of energie); leeg waar dat niet geldt",
        "Share of the sessions of which what the figure needs (charging time or energy) is known; empty where it needs "
        "nothing more",
        "fraction",
    ),
    "share_warned": OwnColumn(
        NUMBER,
        "Deel van het cijfer dat rust op CDR's met een waarschuwing dat zij onwaarschijnlijk zijn; leeg waar het "
        "cijfer niet op CDR's rust",
        "Share of the figure that rests on CDRs with a plausibility warning; empty where it rests on no CDRs",
        "fraction",
    ),
    "status": OwnColumn(
        TEXT,
        "provisional (voorlopig) of final (definitief: dekking 1, en vier weken na het einde van de maand)",
        "provisional or final (coverage 1, and four weeks past the end of the month)",
    ),
    "as_known_on": OwnColumn(
        DAY, "Amsterdamse datum van de nieuwste levering die is gebruikt", "Amsterdam date of the newest delivery used"
    ),
    "kpi.reason": OwnColumn(
        TEXT,
        "Waarom er geen cijfer is: not_known (van geen laadsessie is bekend wat nodig is) of nothing_to_divide_by (de "
        "noemer is 0); leeg waar er een cijfer is",
        "Why there is no figure: not_known (what it needs is known of no session) or nothing_to_divide_by (the denominator is "
        "0); empty where there is one",
    ),
    "cpo.cpo": OwnColumn(TEXT, "Sleutel van de CPO, zoals NL-ABC", "Key of the CPO, such as NL-ABC"),
    "cpo_name": OwnColumn(TEXT, "Naam van de CPO", "Name of the CPO"),
    "name_nl": OwnColumn(TEXT, "Naam in het Nederlands", "Name in Dutch"),
    "name_en": OwnColumn(TEXT, "Naam in het Engels", "Name in English"),
    "formula_nl": OwnColumn(TEXT, "Definitie in het Nederlands", "Definition in Dutch"),
    "formula_en": OwnColumn(TEXT, "Definitie in het Engels", "Definition in English"),
    "basis": OwnColumn(
        TEXT,
        "Herkomst van de definitie: field (met bron) of own",
        "Origin of the definition: field (with source) or own",
    ),
    "sql": OwnColumn(TEXT, "De hele SELECT, te draaien in linda sql", "The whole SELECT, to be run in linda sql"),
    "rule.object": OwnColumn(
        TEXT,
        "Wat de regel beoordeelt: cdr, location, evse of delivery",
        "What it judges: cdr, location, evse or delivery",
    ),
    "rule.severity": OwnColumn(
        TEXT,
        "Gewicht van de regel (error, warning of info); meer dan een waar dat per OCPI-versie of geval verschilt",
        "Severity of the rule (error, warning or info); more than one where it differs by OCPI version or case",
    ),
    "demand_nl": OwnColumn(TEXT, "Wat de regel eist", "What the rule demands (Dutch)"),
    "demand_en": OwnColumn(TEXT, "Wat de regel eist (Engels)", "What the rule demands"),
    "fix_nl": OwnColumn(TEXT, "Wat de CPO kan doen", "What the CPO can do (Dutch)"),
    "fix_en": OwnColumn(TEXT, "Wat de CPO kan doen (Engels)", "What the CPO can do"),
    "source": OwnColumn(TEXT, "Waar de eis staat", "Where the demand stands"),
    "plausibility": OwnColumn(
        FLAG,
        "Of een waarschuwing van deze regel meetelt in share_warned",
        "Whether a warning of this rule counts in share_warned",
    ),
    "retired": OwnColumn(FLAG, "Of de regel niet meer geldt", "Whether the rule no longer holds"),
    "versions": OwnColumn(TEXT, "OCPI-versies waarvoor de regel geldt", "OCPI versions for which the rule holds"),
    "table_name": OwnColumn(TEXT, "Tabel of view", "Table or view"),
    "column_name": OwnColumn(TEXT, "Kolom", "Column"),
    "type": OwnColumn(TEXT, "Type in DuckDB", "Type in DuckDB"),
    "column_definition.unit": OwnColumn(TEXT, "Eenheid van de kolom; leeg: geen", "Unit of the column; empty: none"),
    "meaning_nl": OwnColumn(TEXT, "Betekenis in het Nederlands", "Meaning in Dutch"),
    "meaning_en": OwnColumn(TEXT, "Betekenis in het Engels", "Meaning in English"),
}
