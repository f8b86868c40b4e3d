"""Which plugins are installed, and what became of each.

You are in the right room if a plugin is not found, not loaded or refused. `installed.py` finds them without
running their code, `loading.py` loads one in a thread of its own, `plugins.py` makes a `record.py` of each,
and `unloaded.py` stands in for one that cannot be used. A plugin's author needs `trailarrd.plugin`.
"""

from trailarrd.discovery.plugins import (
    LoadLimits,
    discover,
    named_in_vain,
    providers_by_name,
    without_secrets,
)
from trailarrd.discovery.record import Offer, PluginRecord, PluginStatus
from trailarrd.discovery.unloaded import make_api_manager, why_not_loaded

__all__ = [
    "LoadLimits",
    "Offer",
    "PluginRecord",
    "PluginStatus",
    "discover",
    "make_api_manager",
    "named_in_vain",
    "providers_by_name",
    "why_not_loaded",
    "without_secrets",
]
