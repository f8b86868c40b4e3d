"""What one setting alone cannot tell: names used twice, mappings, installed plugins, the disk.

These look at the file's data rather than at the finished settings, so that their findings stand
beside all others; a value that is wrong by itself is passed over here.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from trailarrd.config.flaw import Flaw
from trailarrd.config.wording import did_you_mean, quote
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath, lint_mappings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from trailarrd.config.document import Document
    from trailarrd.config.flaw import Spot


_NO_PLUGIN: Final = "install its plugin, or see in 'trailarrd plugins' why it was not loaded"


def check(document: Document, providers: Collection[str]) -> Iterator[Flaw]:
    """All that a second look finds."""
    blocks = _mappings(_get(document.data, "connections"))
    yield from _names(blocks, document)
    for index, block in blocks.items():
        for flaw in (
            *_provider(block, providers),
            *_path_mappings(block),
            *_tls(block),
            *_when(block),
        ):
            yield flaw._replace(address=("connections", index, *flaw.address))


def _get(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _mappings(value: object) -> dict[int, Mapping[str, object]]:
    """The items of a list that are mappings, by their index."""
    items = value if isinstance(value, list) else []
    return {index: item for index, item in enumerate(items) if isinstance(item, dict)}


def _names(blocks: Mapping[int, Mapping[str, object]], document: Document) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for index, block in blocks.items():
        name = block.get("name")
        if not isinstance(name, str) or not name:
            continue
        earlier = first.setdefault(name.lower(), index)
        if earlier != index:
            spots = [document.places["connections", number, "name"].value for number in (earlier, index)]
            yield Flaw(
                ("connections", index, "name"),
                f"another connection is called {quote(name)} already",
                f"it is in {_seen_from(*spots)}; upper and lower case make no difference",
            )


def _seen_from(spot: Spot, other: Spot) -> str:
    """Where a spot is, as told at another."""
    return f"line {spot.position.line}" if spot.position and spot.source is other.source else str(spot)


def _provider(block: Mapping[str, object], providers: Collection[str]) -> Iterator[Flaw]:
    provider = block.get("provider")
    if isinstance(provider, str) and provider.strip() and provider not in providers:
        installed = f"installed: {', '.join(sorted(providers)) or 'none'}"
        hint = did_you_mean(provider, providers) or _NO_PLUGIN
        yield Flaw(("provider",), f"unknown provider {quote(provider)}", f"{hint} ({installed})")


def _path_mappings(block: Mapping[str, object]) -> Iterator[Flaw]:
    given = block.get("path_mappings")
    if not isinstance(given, list):
        return
    mappings = [_path_mapping(index, item) for index, item in enumerate(given)]
    for flaw in lint_mappings(mappings):
        if isinstance(_get(given[flaw.index], flaw.field), str):
            yield Flaw(("path_mappings", flaw.index, flaw.field), flaw.message)


def _path_mapping(index: int, item: object) -> PathMapping:
    """The mapping as far as it is written; what is missing becomes a path like no other."""
    remote, local = _get(item, "remote"), _get(item, "local")
    return PathMapping(
        RemotePath(remote if isinstance(remote, str) else f"/\0{index}"),
        LocalPath(local if isinstance(local, str) else "/"),
    )


def _when(block: Mapping[str, object]) -> Iterator[Flaw]:
    if block.get("schedule") and block.get("interval"):
        yield Flaw(("schedule",), "cannot go together with interval", "delete one of the two")


def _tls(block: Mapping[str, object]) -> Iterator[Flaw]:
    ca_file, verify = block.get("ca_file"), block.get("verify_tls")
    if not isinstance(ca_file, str) or not ca_file.strip():
        return
    if isinstance(verify, str) and verify.lower() == "false":
        yield Flaw(
            ("ca_file",),
            "cannot go together with verify_tls: false",
            "nothing would be checked against the file: delete one of the two",
        )
        return
    try:
        ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        hint = "it must be a PEM file: text with BEGIN CERTIFICATE in it"
        yield Flaw(("ca_file",), f"{quote(ca_file)} holds no certificate", hint)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a path").lower()
        yield Flaw(("ca_file",), f"cannot read {quote(ca_file)}: {reason}")
