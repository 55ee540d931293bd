"""The power of a connector as its voltage, current and phases say, in SQL over the column `connectors`.

Here: two expressions on a connector `c`. OCPI gives the voltage of AC_3_PHASE from line to neutral; where it is 380 V or more,
the CPO gave it from line to line. Not here: who asks.
"""

from __future__ import annotations

VOLT_AMPERE_W = """
CASE
    WHEN c.connector_power_type IN ('DC', 'AC_1_PHASE') THEN c.max_voltage_v * c.max_amperage_a
    WHEN c.connector_power_type IN ('AC_2_PHASE', 'AC_2_PHASE_SPLIT') THEN 2 * c.max_voltage_v * c.max_amperage_a
    WHEN c.connector_power_type = 'AC_3_PHASE' AND c.max_voltage_v >= 380 THEN sqrt(3) * c.max_voltage_v * c.max_amperage_a
    WHEN c.connector_power_type = 'AC_3_PHASE' THEN 3 * c.max_voltage_v * c.max_amperage_a
END
"""
"""The power of a connector `c`, in W, by voltage, current and phases alone."""
POWER_W = f"coalesce(c.max_electric_power_w, {VOLT_AMPERE_W})"
"""The power of a connector `c`, in W: what it says itself, else by voltage, current and phases."""
