"""From raw to accepted, rejected, identical and held back. Not here: the rules themselves (quality)."""
