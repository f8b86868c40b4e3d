"""Whose trailer a file in a show's folder is: the show's, or a season's or an episode's."""

from __future__ import annotations

import re
from typing import Final

from trailarrd.plugin import TrailerRules

TRAILERS: Final = TrailerRules(
    parts=re.compile(
        r"(?<![a-z0-9])s[0-9]{1,4}[ ._-]*e[0-9]{1,4}"  # S01E02
        r"|(?<![a-z0-9])[0-9]{1,2}x(?!26[45])[0-9]{2,3}(?![0-9])"  # 1x02, but no x264, no 1920x1080
        r"|(?<![0-9])(?:19|20)[0-9]{2}[ ._-](?:0[1-9]|1[0-2])[ ._-](?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
        r"|(?<![0-9])(?:0[1-9]|[12][0-9]|3[01])[ ._-](?:0[1-9]|1[0-2])[ ._-](?:19|20)[0-9]{2}(?![0-9])"
    ),
    part_folders=re.compile(r"(?:season|series|staffel|saison|s)[ ._-]*[0-9]{1,4}|specials"),
)
"""An episode's trailer is the episode's, and what lies in a season's folder is the season's."""
