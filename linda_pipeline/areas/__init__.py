"""Where a charge point lies: the areas of the Netherlands, and which of them hold a point."""
