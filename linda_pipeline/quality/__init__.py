"""The heart: rules, the judge and the contract. Needs no Dagster, no network and no lake."""
