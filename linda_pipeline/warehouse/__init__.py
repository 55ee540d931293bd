"""From what was accepted to what analysts find: curated tables, areas, KPIs and linda.duckdb."""
