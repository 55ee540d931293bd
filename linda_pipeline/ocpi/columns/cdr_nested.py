"""The columns of a CDR that hold lists: its tariffs, and its charging periods with their dimensions."""

from __future__ import annotations

from linda_pipeline.ocpi.columns import values
from linda_pipeline.ocpi.columns.column import VERSIONS, Column, Type, everywhere, lengths, since_2_2

_SINCE_22 = dict.fromkeys(VERSIONS[1:], "O")
_PROFILE_22 = dict.fromkeys(VERSIONS[1:], "P")
_ALWAYS = dict.fromkeys(VERSIONS, "O")
_TOKEN_OPEN = frozenset({"2.3.0"})


TARIFFS = Column(
    "tariffs",
    Type.LIST,
    everywhere("tariffs"),
    "Tarieven die voor de sessie golden",
    "Tariffs that held for the session",
    required=dict.fromkeys(VERSIONS, "P"),
    fields=(
        Column(
            "tariffs.country_code",
            Type.CI_TEXT,
            everywhere("country_code"),
            "Landcode van de CPO van het tarief",
            "Country code of the tariff's CPO",
            required=_SINCE_22,
            max_length=lengths(2, 2),
        ),
        Column(
            "tariffs.party_id",
            Type.CI_TEXT,
            everywhere("party_id"),
            "Partij-id van de CPO van het tarief",
            "Party id of the tariff's CPO",
            required=_SINCE_22,
            max_length=lengths(3, 3),
        ),
        Column(
            "tariffs.id",
            Type.CI_TEXT,
            everywhere("id"),
            "Id van het tarief",
            "Id of the tariff",
            required=_ALWAYS,
            max_length=lengths(36, 36),
        ),
        Column(
            "tariffs.currency",
            Type.TEXT,
            everywhere("currency"),
            "Valuta van het tarief (ISO 4217)",
            "Currency of the tariff (ISO 4217)",
            required=_ALWAYS,
            max_length=lengths(3, 3),
        ),
        Column(
            "tariffs.type",
            Type.TEXT,
            since_2_2("type"),
            "Soort tarief",
            "Kind of tariff",
            required=_PROFILE_22,
            values=values.TARIFF_TYPE,
        ),
        Column(
            "tariffs.last_updated",
            Type.DATETIME,
            everywhere("last_updated"),
            "Laatste wijziging van het tarief",
            "Last change of the tariff",
            required=_ALWAYS,
        ),
    ),
)
CHARGING_PERIODS = Column(
    "charging_periods",
    Type.LIST,
    everywhere("charging_periods"),
    "Perioden waaruit de laadsessie bestaat",
    "Periods of which the session consists",
    required=_ALWAYS,
    fields=(
        Column(
            "charging_periods.start_date_time",
            Type.DATETIME,
            everywhere("start_date_time"),
            "Begin van de periode",
            "Start of the period",
            required=_ALWAYS,
        ),
        Column(
            "charging_periods.dimensions",
            Type.LIST,
            everywhere("dimensions"),
            "Gemeten grootheden van de periode",
            "What was measured in the period",
            required=_ALWAYS,
            fields=(
                Column(
                    "charging_periods.dimensions.type",
                    Type.TEXT,
                    everywhere("type"),
                    "Grootheid",
                    "Dimension",
                    required=_ALWAYS,
                    values=values.DIMENSION_TYPE,
                ),
                Column(
                    "charging_periods.dimensions.volume",
                    Type.NUMBER,
                    everywhere("volume"),
                    "Waarde, in de eenheid van de grootheid",
                    "Value, in the dimension's unit",
                    required=_ALWAYS,
                ),
            ),
        ),
        Column(
            "charging_periods.tariff_id",
            Type.CI_TEXT,
            since_2_2("tariff_id"),
            "Id van het tarief van de periode",
            "Id of the period's tariff",
            max_length=lengths(None, 36),
        ),
    ),
)
