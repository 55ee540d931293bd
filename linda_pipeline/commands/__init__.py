"""The commands of `linda`, one module each; cli.py registers them. What they do is done elsewhere."""
