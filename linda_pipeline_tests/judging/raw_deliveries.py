"""The old name of deliveries.py, until every branch has moved on."""

from linda_pipeline_tests.deliveries import *  # noqa: F403
from linda_pipeline_tests.deliveries import judged_again as judge

__all__ = ["judge"]
