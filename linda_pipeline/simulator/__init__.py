"""A CPO that speaks OCPI over real HTTP in its own process, well and badly: for the demo, the trials and the tests."""
