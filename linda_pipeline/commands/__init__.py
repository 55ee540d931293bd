"""One module per command of `linda`: its options, its progress, its exit code. The work is done elsewhere."""
