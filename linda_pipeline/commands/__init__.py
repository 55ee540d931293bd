"""The commands of `linda` that have a module of their own, one each."""
