"""SQL: the only room that knows how the truth is kept.

Start with `store.Store`; every other module here is one noun of the database, written as plain functions
on an open transaction. Every transaction runs to its end even if the task that asked for it is
cancelled.
"""
