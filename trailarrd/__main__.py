"""`python -m trailarrd`."""

from trailarrd.cli import main

main()
