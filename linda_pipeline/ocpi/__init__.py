"""OCPI: the column catalogue, the pull and the normaliser. Knows nothing of quality, KPIs, files or Dagster."""
