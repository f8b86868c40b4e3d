"""Refreshes, measured beside the least that they could cost: `./dev bench`."""
