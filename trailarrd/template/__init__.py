"""A new plugin, ready to install and to test: what `trailarrd plugins new` writes.

You are in the right room if a plugin author's first hour should go better. `distribution.py` fills in
what is in `files/provider/`: a distribution whose provider works for a made-up application, and tests whose
first failures say, step by step, what has to become real; or in `files/downloader/`: one that brings what
plain HTTP brings.
"""
