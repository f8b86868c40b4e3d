"""The conformance kits: what every provider and every downloader must do, as tests that its author runs.

You are in the right room if you write a provider, or wonder what one has to keep to (downloaders have
`download/`). Derive a class from `ProviderContract`, give it two fixtures, and run pytest;
`docs/testing-plugins.md` shows it.
There is one module per part of the contract, and the docstring of each check is its requirement.

It needs pytest: `pip install trailarrd[testing]`. Nothing else of trailarrd imports this room.
"""

try:
    import pytest  # noqa: F401  # said in better words than the first check that imports it would
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the conformance kit needs pytest: pip install 'trailarrd[testing]'") from error

from trailarrd.testing.contract.download.suite import DownloaderContract  # it imports pytest
from trailarrd.testing.contract.suite import ProviderContract

__all__ = ["DownloaderContract", "ProviderContract"]
