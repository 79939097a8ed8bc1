"""A client of a running stack, for the demo and the end-to-end tests: standard library only."""
