"""The schema that is shipped: of the settings alone, without any plugin. Run it to write the file anew."""

from __future__ import annotations

import json

from tests.docs.pages import ROOT
from trailarrd.config.schema import schema

SHIPPED = ROOT / "trailarrd.schema.json"


def shipped() -> str:
    """What the file must hold."""
    return json.dumps(schema({}), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SHIPPED.write_text(shipped(), encoding="utf-8")
