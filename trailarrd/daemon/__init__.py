"""Everything that runs for as long as the daemon does, and what puts it together.

You are in the right room for when something is done, what is told to whom, and what happens at a start, a
reload and a stop. `daemon.py` is the only place where all parts meet; how one refresh goes is in
`trailarrd.refresh`, and how the daemon is asked over HTTP in `trailarrd.web`.
"""
