"""Has nothing to do with trailarrd but its entry point."""
