"""One refresh of one connection, from the question to the transaction.

You are in the right room for what a refresh does and in which order: `refresher.py` tells it from top to
bottom, and `planning.py` how its plan comes about, for a whole library or for some items. What is decided
is in `trailarrd.domain`.
"""
