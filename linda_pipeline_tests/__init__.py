"""The tests of linda_pipeline; the folders mirror its packages."""
