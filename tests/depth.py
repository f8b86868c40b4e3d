"""How far the tests marked `deep` go: a little way in every run, as far as they can in `./dev deep`."""

from __future__ import annotations

from typing import Final

from hypothesis import settings

IS_DEEP: Final = settings().max_examples > 1000
