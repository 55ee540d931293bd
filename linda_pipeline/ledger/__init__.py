"""The one book of deliveries: their entries, attempts, tables, and typed questions to them. Nobody else parses its files."""
