"""The columns of a CDR that say where the session was: its Location, EVSE and connector. 2.1.1 nests a whole Location."""

from __future__ import annotations

from linda_pipeline.ocpi.columns import values
from linda_pipeline.ocpi.columns.column import VERSIONS, Column, Type, lengths, since_2_2

_SINCE_22 = dict.fromkeys(VERSIONS[1:], "O")
_PROFILE_22 = dict.fromkeys(VERSIONS[1:], "P")
_ALWAYS = dict.fromkeys(VERSIONS, "O")
_TOKEN_OPEN = frozenset({"2.3.0"})


def _place(leaf: str, nested_211: str) -> dict[str, str]:
    return since_2_2(f"cdr_location.{leaf}", nested_211)


PLACE: tuple[Column, ...] = (
    Column(
        "location_id",
        Type.CI_TEXT,
        _place("id", "location.id"),
        "Id van de laadlocatie",
        "Id of the location",
        required=_ALWAYS,
        max_length=lengths(39, 36),
    ),
    Column(
        "location_name",
        Type.TEXT,
        _place("name", "location.name"),
        "Naam van de laadlocatie",
        "Name of the location",
        max_length=lengths(255, 255),
    ),
    Column(
        "address",
        Type.TEXT,
        _place("address", "location.address"),
        "Straat en huisnummer",
        "Street and house number",
        required=_ALWAYS,
        max_length=lengths(45, 45),
    ),
    Column(
        "postal_code",
        Type.TEXT,
        _place("postal_code", "location.postal_code"),
        "Postcode",
        "Postal code",
        required={"2.1.1": "O"},
        max_length=lengths(10, 10),
    ),
    Column(
        "city",
        Type.TEXT,
        _place("city", "location.city"),
        "Plaats",
        "City",
        required=_ALWAYS,
        max_length=lengths(45, 45),
    ),
    Column(
        "country",
        Type.TEXT,
        _place("country", "location.country"),
        "Land (ISO 3166-1 alpha-3)",
        "Country (ISO 3166-1 alpha-3)",
        required=_ALWAYS,
        max_length=lengths(3, 3),
    ),
    Column(
        "latitude",
        Type.COORDINATE,
        _place("coordinates.latitude", "location.coordinates.latitude"),
        "Breedtegraad van de laadlocatie (WGS 84)",
        "Latitude of the location (WGS 84)",
        unit="°",
        required=_ALWAYS,
        max_length=lengths(10, 10),
    ),
    Column(
        "longitude",
        Type.COORDINATE,
        _place("coordinates.longitude", "location.coordinates.longitude"),
        "Lengtegraad van de laadlocatie (WGS 84)",
        "Longitude of the location (WGS 84)",
        unit="°",
        required=_ALWAYS,
        max_length=lengths(11, 11),
    ),
    Column(
        "evse_uid",
        Type.CI_TEXT,
        _place("evse_uid", "location.evses[0].uid"),
        "Uid van het laadpunt bij de CPO",
        "Uid of the EVSE with the CPO",
        required=_ALWAYS,
        max_length=lengths(39, 36),
    ),
    Column(
        "evse_id",
        Type.CI_TEXT,
        _place("evse_id", "location.evses[0].evse_id"),
        "EVSE-id van het laadpunt (eMI3)",
        "EVSE id of the charge point (eMI3)",
        required={"2.1.1": "P", **_SINCE_22},
        max_length=lengths(48, 48),
    ),
    Column(
        "evse_status",
        Type.TEXT,
        {"2.1.1": "location.evses[0].status"},
        "Status van het laadpunt in de Location van de CDR",
        "Status of the EVSE in the CDR's Location",
        required={"2.1.1": "O"},
        values={"2.1.1": values.STATUS["2.1.1"]},
    ),
    Column(
        "evse_last_updated",
        Type.DATETIME,
        {"2.1.1": "location.evses[0].last_updated"},
        "Laatste wijziging van het laadpunt in de Location van de CDR",
        "Last change of the EVSE in the CDR's Location",
        required={"2.1.1": "O"},
    ),
    Column(
        "connector_id",
        Type.CI_TEXT,
        _place("connector_id", "location.evses[0].connectors[0].id"),
        "Id van de connector",
        "Id of the connector",
        required=_ALWAYS,
        max_length=lengths(36, 36),
    ),
    Column(
        "connector_standard",
        Type.TEXT,
        _place("connector_standard", "location.evses[0].connectors[0].standard"),
        "Soort stekker",
        "Connector standard",
        required=_ALWAYS,
        values=values.CONNECTOR_TYPE,
        open_values=_TOKEN_OPEN,
    ),
    Column(
        "connector_format",
        Type.TEXT,
        _place("connector_format", "location.evses[0].connectors[0].format"),
        "Contactdoos of vaste kabel",
        "Socket or cable",
        required=_ALWAYS,
        values=values.CONNECTOR_FORMAT,
    ),
    Column(
        "connector_power_type",
        Type.TEXT,
        _place("connector_power_type", "location.evses[0].connectors[0].power_type"),
        "Wisselstroom (fasen) of gelijkstroom",
        "AC (phases) or DC",
        required=_ALWAYS,
        values=values.POWER_TYPE,
    ),
    Column(
        "location_type",
        Type.TEXT,
        {"2.1.1": "location.type"},
        "Soort laadlocatie",
        "Kind of location",
        required={"2.1.1": "O"},
        values={"2.1.1": values.LOCATION_TYPE["2.1.1"]},
        gate="held",
    ),
    Column(
        "operator_name",
        Type.TEXT,
        {"2.1.1": "location.operator.name"},
        "Naam van de exploitant in de Location van de CDR",
        "Name of the operator in the CDR's Location",
        required={"2.1.1": "P"},
        max_length={"2.1.1": 100},
    ),
    Column(
        "location_last_updated",
        Type.DATETIME,
        {"2.1.1": "location.last_updated"},
        "Laatste wijziging van de Location van de CDR",
        "Last change of the CDR's Location",
        required={"2.1.1": "O"},
    ),
)
