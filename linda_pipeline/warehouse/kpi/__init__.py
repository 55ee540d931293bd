"""The KPIs: one declaration each, with the views that they read."""

from __future__ import annotations

from linda_pipeline.warehouse.kpi import charge_points, times, use
from linda_pipeline.warehouse.kpi.declaration import KPIS, RESULT, Example, Kpi
from linda_pipeline.warehouse.kpi.views import VIEWS, DocumentedView, create_views

__all__ = [
    "KPIS",
    "RESULT",
    "VIEWS",
    "DocumentedView",
    "Example",
    "Kpi",
    "charge_points",
    "create_views",
    "times",
    "use",
]
