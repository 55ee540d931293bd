"""The old name of deliveries.py, until every branch has moved on."""

from linda_pipeline_tests.deliveries import *  # noqa: F403
