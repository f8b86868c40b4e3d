"""Which plugins are installed, and what became of each.

You are in the right room if a plugin is not found, not loaded or refused: `installed.py` finds them without
running their code, `loading.py` loads one in a thread of its own, `plugins.py` judges all of them, and
`unloaded.py` stands in for one that cannot be used. What a plugin's author writes is in `trailarrd.plugin`.
"""

from trailarrd.discovery.plugins import (
    LoadLimits,
    PluginRecord,
    PluginStatus,
    discover,
    named_in_vain,
    providers_by_name,
    without_secrets,
)
from trailarrd.discovery.unloaded import make_api_manager, why_not_loaded

__all__ = [
    "LoadLimits",
    "PluginRecord",
    "PluginStatus",
    "discover",
    "make_api_manager",
    "named_in_vain",
    "providers_by_name",
    "why_not_loaded",
    "without_secrets",
]
