"""Refreshes, measured beside the least that they could cost: `./dev bench`."""

MEASURED, WARM_UP = "movies", "empty"
"""The connections: the library, and one without items that each process refreshes first."""
