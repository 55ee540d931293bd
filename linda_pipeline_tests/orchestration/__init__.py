"""The operator's house: what Dagster is told, and what it tells."""
