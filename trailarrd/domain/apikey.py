"""Keys to the HTTP API: how one is made, and what is kept of it."""

import hashlib
import secrets
from typing import Final

_PREFIX: Final = "trailarrd_"
"""Tells whoever finds one in a log or a repository what it opens."""
_RANDOM_BYTES: Final = 32


def new_token() -> str:
    return f"{_PREFIX}{secrets.token_urlsafe(_RANDOM_BYTES)}"


def digest_of(token: str) -> str:
    """What is kept of it. A slow hash protects passwords, which can be guessed; these cannot."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
