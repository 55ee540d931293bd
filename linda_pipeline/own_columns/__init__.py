"""The columns that are ours, each declared once: name, Arrow type, unit, and meaning in Dutch and English.

From them come the Parquet schemas, the comments in linda.duckdb, the columns that Dagster shows, and docs/columns.md. What
OCPI gives is declared in ocpi.columns.
"""
