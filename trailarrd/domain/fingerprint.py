"""All that is stored of an item in 16 bytes: as long as they are the same, nothing of it changed."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from trailarrd.domain.media import Media
from trailarrd.domain.paths import LocalPath

_DERIVATION: Final = b"4"
"""Changes with what is stored and how it is derived, so that a new program version derives it anew."""


class Fingerprints:
    """Takes the fingerprints of items whose trailers are looked for by certain rules.

    `derivation` names those rules; at most 15 bytes of it count.
    """

    def __init__(self, derivation: bytes = b"") -> None:
        # Copying this costs half of what making one anew does.
        self._blank = hashlib.blake2b(digest_size=16, person=_DERIVATION + derivation[:15])
        self._encode = msgspec.json.Encoder(order="deterministic").encode

    def of(self, media: Media, local_path: LocalPath | None) -> bytes:
        """16 bytes that change when anything of the item would be stored differently."""
        digest = self._blank.copy()
        digest.update(self._encode(media))
        if local_path is not None:
            digest.update(local_path.encode("utf-8", "surrogatepass"))
        return digest.digest()
