"""The columns of a CDR, in their order. What a version lacks is null there, and no rule speaks of it.

Here: the session, its user, its costs and totals. Those of the place stand in cdr_place.py, tariffs and charging periods with
what is nested in them in cdr_nested.py.
"""

from __future__ import annotations

from linda_pipeline.ocpi.columns import values
from linda_pipeline.ocpi.columns.cdr_nested import CHARGING_PERIODS, TARIFFS
from linda_pipeline.ocpi.columns.cdr_place import PLACE
from linda_pipeline.ocpi.columns.column import VERSIONS, Column, Type, everywhere, lengths, since_2_2

_SINCE_22 = dict.fromkeys(VERSIONS[1:], "O")
_PROFILE_22 = dict.fromkeys(VERSIONS[1:], "P")
_ALWAYS = dict.fromkeys(VERSIONS, "O")
_TOKEN_OPEN = frozenset({"2.3.0"})


def _cost(stem: str, field: str, nl: str, en: str, *, demanded: str | None = None) -> tuple[Column, Column]:
    """The two columns of a price: without and with VAT. 2.1.1 knows the total alone, as a bare number without VAT."""
    v211 = field if field == "total_cost" else None
    excl = {"2.2.1": f"{field}.excl_vat", "2.3.0": f"{field}.before_taxes"}
    required = dict.fromkeys(VERSIONS if v211 else VERSIONS[1:], demanded) if demanded else {}
    return (
        Column(
            f"{stem}_excl_vat",
            Type.NUMBER,
            {"2.1.1": v211, **excl} if v211 else excl,
            f"{nl}, exclusief btw, in de valuta van de CDR",
            f"{en}, without VAT, in the CDR's currency",
            required=required,
        ),
        Column(
            f"{stem}_incl_vat",
            Type.NUMBER,
            {"2.2.1": f"{field}.incl_vat"},
            f"{nl}, inclusief btw, in de valuta van de CDR",
            f"{en}, with VAT, in the CDR's currency",
        ),
    )


CDR: tuple[Column, ...] = (
    Column(
        "country_code",
        Type.CI_TEXT,
        since_2_2("country_code"),
        "Landcode van de CPO (ISO 3166-1 alpha-2)",
        "Country code of the CPO (ISO 3166-1 alpha-2)",
        required=_SINCE_22,
        max_length=lengths(None, 2),
    ),
    Column(
        "party_id",
        Type.CI_TEXT,
        since_2_2("party_id"),
        "Partij-id van de CPO (ISO 15118)",
        "Party id of the CPO (ISO 15118)",
        required=_SINCE_22,
        max_length=lengths(None, 3),
    ),
    Column(
        "cdr_id",
        Type.CI_TEXT,
        everywhere("id"),
        "Id van de CDR, uniek bij de CPO",
        "Id of the CDR, unique with the CPO",
        required=_ALWAYS,
        max_length=lengths(36, 39),
    ),
    Column(
        "session_id",
        Type.CI_TEXT,
        since_2_2("session_id"),
        "Id van de sessie waaruit de CDR ontstond",
        "Id of the session from which the CDR came",
        max_length=lengths(None, 36),
        personal=True,
    ),
    Column(
        "start_date_time",
        Type.DATETIME,
        everywhere("start_date_time"),
        "Begin van de laadsessie (aansluiten)",
        "Start of the charging session (plug in)",
        required=_ALWAYS,
    ),
    Column(
        "end_date_time",
        Type.DATETIME,
        since_2_2("end_date_time", "stop_date_time"),
        "Einde van de laadsessie (loskoppelen)",
        "End of the charging session (plug out)",
        required=_ALWAYS,
    ),
    Column(
        "token_uid",
        Type.CI_TEXT,
        since_2_2("cdr_token.uid"),
        "Uid van de laadpas of app",
        "Uid of the charging card or app",
        required=_SINCE_22,
        max_length=lengths(None, 36),
        personal=True,
    ),
    Column(
        "token_type",
        Type.CI_TEXT,
        since_2_2("cdr_token.type"),
        "Soort laadpas of app",
        "Kind of charging card or app",
        required=_SINCE_22,
        values={v: values.TOKEN_TYPE[v] for v in VERSIONS[1:]},
        open_values=_TOKEN_OPEN,
    ),
    Column(
        "contract_id",
        Type.CI_TEXT,
        since_2_2("cdr_token.contract_id", "auth_id"),
        "Contract-id van de bestuurder bij zijn laaddienstverlener (eMSP)",
        "Contract id of the driver with the e-mobility service provider (eMSP)",
        required=_ALWAYS,
        max_length=lengths(36, 36),
        personal=True,
    ),
    Column(
        "auth_method",
        Type.TEXT,
        everywhere("auth_method"),
        "Wijze waarop de sessie is toegestaan",
        "How the session was authorised",
        required=_ALWAYS,
        values=values.AUTH_METHOD,
    ),
    Column(
        "authorization_reference",
        Type.CI_TEXT,
        since_2_2("authorization_reference"),
        "Verwijzing naar de autorisatie",
        "Reference to the authorisation",
        max_length=lengths(None, 36),
        personal=True,
    ),
    *PLACE,
    Column(
        "meter_id",
        Type.TEXT,
        everywhere("meter_id"),
        "Id van de meter",
        "Id of the meter",
        max_length=lengths(255, 255),
        personal=True,
    ),
    Column(
        "currency",
        Type.TEXT,
        everywhere("currency"),
        "Valuta (ISO 4217)",
        "Currency (ISO 4217)",
        required=_ALWAYS,
        max_length=lengths(3, 3),
    ),
    TARIFFS,
    CHARGING_PERIODS,
    Column(
        "signed_data",
        Type.OBJECT,
        since_2_2("signed_data"),
        "Ondertekende meetgegevens",
        "Signed metering data",
        personal=True,
    ),
    *_cost("total_cost", "total_cost", "Totale kosten", "Total cost", demanded="O"),
    *_cost("total_fixed_cost", "total_fixed_cost", "Vaste kosten", "Fixed cost", demanded="P"),
    *_cost("total_energy_cost", "total_energy_cost", "Kosten van de energie", "Cost of the energy", demanded="P"),
    *_cost("total_time_cost", "total_time_cost", "Kosten van de tijd", "Cost of the time"),
    *_cost("total_parking_cost", "total_parking_cost", "Kosten van het parkeren", "Cost of parking"),
    *_cost("total_reservation_cost", "total_reservation_cost", "Kosten van de reservering", "Cost of the reservation"),
    Column(
        "total_energy_kwh",
        Type.NUMBER,
        everywhere("total_energy"),
        "Geladen energie",
        "Energy charged",
        unit="kWh",
        required=_ALWAYS,
    ),
    Column(
        "total_time_h",
        Type.NUMBER,
        everywhere("total_time"),
        "Duur van de hele sessie, laden en stilstaan",
        "Length of the whole session, charging or not",
        unit="h",
        required=_ALWAYS,
    ),
    Column(
        "total_parking_time_h",
        Type.NUMBER,
        everywhere("total_parking_time"),
        "Tijd aan de paal zonder te laden",
        "Time plugged in without charging",
        unit="h",
        required=dict.fromkeys(VERSIONS, "P"),
    ),
    Column(
        "remark",
        Type.TEXT,
        everywhere("remark"),
        "Opmerking van de CPO",
        "Remark of the CPO",
        max_length=lengths(255, 255),
        personal=True,
    ),
    Column(
        "invoice_reference_id",
        Type.CI_TEXT,
        since_2_2("invoice_reference_id"),
        "Verwijzing naar de factuur",
        "Reference to the invoice",
        max_length=lengths(None, 39),
        personal=True,
    ),
    Column(
        "credit",
        Type.BOOLEAN,
        since_2_2("credit"),
        "Of dit een creditering van een eerdere CDR is",
        "Whether this CDR credits an earlier one",
        gate="refused",
    ),
    Column(
        "credit_reference_id",
        Type.CI_TEXT,
        since_2_2("credit_reference_id"),
        "Id van de CDR die gecrediteerd wordt",
        "Id of the CDR that is credited",
        max_length=lengths(None, 39),
    ),
    Column(
        "home_charging_compensation",
        Type.BOOLEAN,
        since_2_2("home_charging_compensation"),
        "Of dit een sessie aan een laadpunt thuis is",
        "Whether this is a session at a charge point at home",
        personal=True,
        gate="held",
    ),
    Column(
        "last_updated",
        Type.DATETIME,
        everywhere("last_updated"),
        "Laatste wijziging van de CDR",
        "Last change of the CDR",
        required=_ALWAYS,
    ),
)
