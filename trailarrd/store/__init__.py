"""SQL: the only room that knows how the truth is kept.

Every transaction here runs to its end even if the task that asked for it is cancelled.
"""
