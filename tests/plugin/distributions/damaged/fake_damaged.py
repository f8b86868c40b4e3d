"""Its entry points are not even text."""
