"""The steps from one version of the register database to the next; each is written once and never changed."""
