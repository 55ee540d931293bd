"""The columns of an EVSE of a Location. Their paths start at the EVSE; connectors stay nested in it."""

from __future__ import annotations

from linda_pipeline.ocpi.columns import values
from linda_pipeline.ocpi.columns.column import VERSIONS, Column, Type, everywhere, lengths, since_2_2

_ALWAYS = dict.fromkeys(VERSIONS, "O")
_SINCE_22 = dict.fromkeys(VERSIONS[1:], "O")
_PROFILE = dict.fromkeys(VERSIONS, "P")
_OPEN_230 = frozenset({"2.3.0"})


EVSE: tuple[Column, ...] = (
    Column(
        "evse_uid",
        Type.CI_TEXT,
        everywhere("uid"),
        "Uid van het laadpunt bij de CPO",
        "Uid of the EVSE with the CPO",
        required=_ALWAYS,
        max_length=lengths(39, 36),
    ),
    Column(
        "evse_id",
        Type.CI_TEXT,
        everywhere("evse_id"),
        "EVSE-id van het laadpunt (eMI3)",
        "EVSE id of the charge point (eMI3)",
        required=_PROFILE,
        max_length=lengths(48, 48),
    ),
    Column(
        "status",
        Type.TEXT,
        everywhere("status"),
        "Status van het laadpunt op de nacht van de levering",
        "Status of the EVSE on the night of the delivery",
        required=_ALWAYS,
        values=values.STATUS,
    ),
    Column(
        "floor_level",
        Type.TEXT,
        everywhere("floor_level"),
        "Verdieping",
        "Floor",
        max_length=lengths(4, 4),
    ),
    Column(
        "physical_reference",
        Type.TEXT,
        everywhere("physical_reference"),
        "Aanduiding op het laadpunt",
        "What is written on the charge point",
        max_length=lengths(16, 16),
    ),
    Column(
        "connectors",
        Type.LIST,
        everywhere("connectors"),
        "Connectoren van het laadpunt",
        "Connectors of the EVSE",
        required=_ALWAYS,
        fields=(
            Column(
                "connectors.connector_id",
                Type.CI_TEXT,
                everywhere("id"),
                "Id van de connector",
                "Id of the connector",
                required=_ALWAYS,
                max_length=lengths(36, 36),
            ),
            Column(
                "connectors.connector_standard",
                Type.TEXT,
                everywhere("standard"),
                "Soort stekker",
                "Connector standard",
                required=_ALWAYS,
                values=values.CONNECTOR_TYPE,
                open_values=_OPEN_230,
            ),
            Column(
                "connectors.connector_format",
                Type.TEXT,
                everywhere("format"),
                "Contactdoos of vaste kabel",
                "Socket or cable",
                required=_ALWAYS,
                values=values.CONNECTOR_FORMAT,
            ),
            Column(
                "connectors.connector_power_type",
                Type.TEXT,
                everywhere("power_type"),
                "Wisselstroom (fasen) of gelijkstroom",
                "AC (phases) or DC",
                required=_ALWAYS,
                values=values.POWER_TYPE,
            ),
            Column(
                "connectors.max_voltage_v",
                Type.INTEGER,
                since_2_2("max_voltage", "voltage"),
                "Hoogste spanning; bij AC_3_PHASE tussen fase en nul",
                "Highest voltage; for AC_3_PHASE from line to neutral",
                unit="V",
                required=_ALWAYS,
            ),
            Column(
                "connectors.max_amperage_a",
                Type.INTEGER,
                since_2_2("max_amperage", "amperage"),
                "Hoogste stroom per fase",
                "Highest current per phase",
                unit="A",
                required=_ALWAYS,
            ),
            Column(
                "connectors.max_electric_power_w",
                Type.INTEGER,
                since_2_2("max_electric_power"),
                "Hoogste vermogen, waar het lager is dan spanning maal stroom",
                "Highest power, where it is lower than voltage times current",
                unit="W",
            ),
            Column(
                "connectors.last_updated",
                Type.DATETIME,
                everywhere("last_updated"),
                "Laatste wijziging van de connector",
                "Last change of the connector",
                required=_ALWAYS,
            ),
        ),
    ),
    Column(
        "last_updated",
        Type.DATETIME,
        everywhere("last_updated"),
        "Laatste wijziging van het laadpunt",
        "Last change of the EVSE",
        required=_ALWAYS,
    ),
)
