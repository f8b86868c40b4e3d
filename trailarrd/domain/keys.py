"""What an item is known again by, and as unchanged: hashes, enough to compare and little to remember."""

import hashlib
from array import array
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from trailarrd.domain.details import UNUSABLE
from trailarrd.domain.media import Media
from trailarrd.domain.paths import LocalPath, RemotePath

_BLANK: Final = hashlib.blake2b(digest_size=8)
"""Copying it costs half of what making one anew does."""
_DIGITS: Final = 17
"""Numbers of so many digits stand for themselves."""


class ItemKeys(NamedTuple):
    """All that an item is known again by: 64 bits in place of each text."""

    arr_id: int
    identity: int
    """`identity_hash` of its id elsewhere; 0: it has none."""
    folder: int
    """`folder_hash` of its remote path; 0: it is not known."""


class KeysList:
    """The keys of many items, packed."""

    def __init__(self) -> None:
        self._columns = (array("q"), array("q"), array("q"))

    def append(self, keys: ItemKeys) -> None:
        for column, key in zip(self._columns, keys, strict=True):
            column.append(key)

    def __iter__(self) -> Iterator[ItemKeys]:
        return map(ItemKeys._make, zip(*self._columns, strict=True))


def identity_of(media: Media, name: str | None) -> str | None:
    """The item's id elsewhere under the provider's own name for it, such as `tmdb`."""
    return media.external_ids.get(name) if name else None


def identity_hash(identity: str | None) -> int:
    """0 for none; most ids are numbers and stand for themselves."""
    if identity is None:
        return 0
    if len(identity) <= _DIGITS and identity.isascii() and identity.isdigit() and identity[0] != "0":
        return int(identity)
    return text_hash(identity) | -(2**63)  # negative, so that it is no number's


def folder_hash(path: RemotePath) -> int:
    return text_hash(path.rstrip("/\\"))


def file_hash(file: str | None) -> int:
    """0 for none."""
    return 0 if file is None else text_hash(file) or 1


def text_hash(text: str) -> int:
    """A signed integer, as databases store them."""
    digest = _BLANK.copy()
    digest.update(text.encode())
    return int.from_bytes(digest.digest(), "big", signed=True)


_DERIVATION: Final = b"8"
"""Changes with what is stored and how it is derived, so that a new program version derives it anew."""


class Fingerprints:
    """Takes the fingerprints of items whose trailers are looked for by certain rules.

    As long as one is the same, nothing that is stored of the item has changed.

    `derivation` names those rules; at most 15 bytes of it count.
    """

    def __init__(self, derivation: bytes = b"") -> None:
        # Copying this costs half of what making one anew does.
        self._blank = hashlib.blake2b(digest_size=16, person=_DERIVATION + derivation[:15])
        self._encode_into = msgspec.msgpack.Encoder(order="deterministic").encode_into
        self._told = bytearray()
        """Used for one item after the other: to make one anew costs as much as all the rest."""

    def of(self, media: Media, local_path: LocalPath | None) -> bytes:
        """16 bytes that change when anything of the item would be stored differently."""
        digest = self._blank.copy()
        try:
            self._encode_into(media, self._told)
        except UNUSABLE:
            self._encode_into(media.fitting(), self._told)
        digest.update(self._told)
        if local_path is not None:
            digest.update(local_path.encode("utf-8", "surrogatepass"))
        return digest.digest()
