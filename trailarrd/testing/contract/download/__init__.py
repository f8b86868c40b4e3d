"""The conformance kit for downloaders: what each must do, as tests that its author runs.

You are in the right room if you write a downloader, or wonder what one has to keep to. `suite.py` has the
class to derive from, `DownloaderContract`, which `trailarrd.testing.contract` exports; there is one module
per part of the contract, and `trial.py` is what a check works with.
"""
