"""The conformance kit: what every provider must do, as tests that its author runs.

You are in the right room if you write a provider, or wonder what one has to keep to. Derive a class
from `ProviderContract`, give it two fixtures, and run pytest; `docs/testing-plugins.md` shows it.
There is one module per part of the contract, and the docstring of each check is its requirement.

It needs pytest: `pip install trailarrd[testing]`. Nothing else of trailarrd imports this room.
"""

from trailarrd.testing.contract.suite import ProviderContract

__all__ = ["ProviderContract"]
