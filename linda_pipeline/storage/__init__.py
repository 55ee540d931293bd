"""Where bytes lie: the folder layout, transactions, locks, and DuckDB on the lake's files. Not here: what they mean."""
