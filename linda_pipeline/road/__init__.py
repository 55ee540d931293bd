"""The road: the stations joined, as plain functions on a lake. Dagster and the command line both call these."""
