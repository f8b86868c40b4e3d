"""Would fail, if it were imported."""

raise AssertionError
