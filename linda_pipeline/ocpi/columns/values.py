"""The enums of OCPI per version, as its texts list them. Facts only; which column uses which stands with the column."""

from __future__ import annotations

from collections.abc import Mapping

Values = Mapping[str, tuple[str, ...]]


def _grown(v211: str, v221: str = "", v230: str = "", *, without: str = "") -> Values:
    """An enum that grew: the words of 2.1.1, those that 2.2.1 added (less `without`), those that 2.3.0 added."""
    first = tuple(v211.split())
    second = tuple(word for word in first if word not in without.split()) + tuple(v221.split())
    return {"2.1.1": first, "2.2.1": second, "2.3.0": second + tuple(v230.split())}


AUTH_METHOD = _grown("AUTH_REQUEST WHITELIST", "COMMAND")
TOKEN_TYPE = _grown("OTHER RFID", "AD_HOC_USER APP_USER", "EMAID")
CONNECTOR_FORMAT = _grown("SOCKET CABLE")
POWER_TYPE = _grown("AC_1_PHASE AC_3_PHASE DC", "AC_2_PHASE AC_2_PHASE_SPLIT")
STATUS = _grown("AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN")
CONNECTOR_TYPE = _grown(
    "CHADEMO DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I "
    "DOMESTIC_J DOMESTIC_K DOMESTIC_L IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 "
    "IEC_60309_2_three_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A "
    "IEC_62196_T3C TESLA_R TESLA_S",
    "CHAOJI DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 "
    "NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN",
    "MCS SAE_J3400",
)
LOCATION_TYPE: Values = {
    "2.1.1": ("ON_STREET", "PARKING_GARAGE", "UNDERGROUND_GARAGE", "PARKING_LOT", "OTHER", "UNKNOWN"),
    "2.2.1": ("ALONG_MOTORWAY", "PARKING_GARAGE", "PARKING_LOT", "ON_DRIVEWAY", "ON_STREET", "UNDERGROUND_GARAGE"),
    "2.3.0": ("ALONG_MOTORWAY", "PARKING_GARAGE", "PARKING_LOT", "ON_DRIVEWAY", "ON_STREET", "UNDERGROUND_GARAGE"),
}
DIMENSION_TYPE = _grown(
    "ENERGY FLAT MAX_CURRENT MIN_CURRENT PARKING_TIME TIME",
    "MAX_POWER MIN_POWER RESERVATION_TIME FLAT CURRENT ENERGY_EXPORT ENERGY_IMPORT POWER STATE_OF_CHARGE",
    without="FLAT",
)
"""Session-only dimensions, and FLAT from 2.2, are known words here: that they do not belong in a CDR is a rule of its own."""
TARIFF_TYPE: Values = dict.fromkeys(
    ("2.2.1", "2.3.0"), ("AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR")
)
