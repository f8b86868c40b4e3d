"""Values and decisions: no I/O, no clock, and of libraries only msgspec, which makes values.

You are in the right room if what you look for can be said as a table or a pure function: what a
Media is, how a remote path becomes a local one, which file counts as a trailer, whether an item is
monitored and why, what a refresh will change.
"""
