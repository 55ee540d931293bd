"""The only Dagster code besides definitions.py: partitions, assets, checks, the resource and the schedules."""
