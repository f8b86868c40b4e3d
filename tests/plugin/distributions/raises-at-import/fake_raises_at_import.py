"""Fails while it is imported."""

raise OSError("no disk\n  in the drive")
