"""Which plugins are installed, and what became of each.

You are in the right room if a plugin is not found, not loaded or refused. `installed.py` finds them without
running their code, `loading.py` loads one in a thread of its own, `plugins.py` makes a `record.py` of each,
and `unloaded.py` stands in for one that cannot be used. A plugin's author needs `trailarrd.plugin`.
"""
