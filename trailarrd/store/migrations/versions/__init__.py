"""One module per step, named after its revision; a released one is never changed."""
