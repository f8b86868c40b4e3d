"""Providers with one mistake each, and the check that is meant for it."""
