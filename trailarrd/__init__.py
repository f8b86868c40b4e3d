"""trailarrd: keeps the truth about which items of your Arr servers have a trailer.

You are at the top of the program. One refresh, from start to end, is in `refresh/refresher.py`; what a
plugin author needs is in `trailarrd.plugin`; every decision is a pure function in `trailarrd.domain`.
"""

__version__ = "0.2.0"
