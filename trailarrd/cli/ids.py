"""What an ID on the command line may be."""

from __future__ import annotations

from typing import Final

import click

ITEM_ID: Final = click.IntRange(min=1, max=2**63 - 1)
"""The ID of an item: the database counts from 1, and to no more than this."""
