"""Takes itself for a program."""

import sys

sys.exit("usage: me")
