"""What settings say together: names used twice, two ways to say when, mappings, certificates.

These look at what is written rather than at finished settings, so that what they find is told beside
all else; a value that is wrong by itself is passed over here.
"""

import ssl
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from pydantic import ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import InitErrorDetails, PydanticCustomError

from trailarrd.config.diagnostic import Address, FieldError, quote, reason
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath, lint_mappings

Conflict: TypeAlias = tuple[Address, FieldError]
"""Where below the validated value, and what is wrong there."""


def beside(handler: ValidatorFunctionWrapHandler, value: object, conflicts: Iterable[Conflict]) -> Any:
    """The validated value; conflicts are raised together with what the value's own parts do wrong."""
    found = [_details("value_error", "", loc, value, {"error": error}) for loc, error in conflicts]
    try:
        valid = handler(value)
    except ValidationError as error:
        own = error.errors(include_url=False)
        found += [_details(one["type"], one["msg"], one["loc"], value, one.get("ctx", {})) for one in own]
    if found:
        raise ValidationError.from_exception_data("settings", found, hide_input=True)
    return valid


def _details(
    kind: str, message: str, loc: Address, value: object, context: dict[str, Any]
) -> InitErrorDetails:
    # A custom error of the same name: pydantic makes no other out of the kinds that plugins invent.
    error = PydanticCustomError(kind, "{_}", {**context, "_": message})
    return InitErrorDetails(type=error, loc=loc, input=value)


def of_connections(value: object) -> Iterator[Conflict]:
    """Names that more than one of them has."""
    first: dict[str, int] = {}
    for index, block in enumerate(value if isinstance(value, list) else []):
        name = _get(block, "name")
        if isinstance(name, str) and name and first.setdefault(name.lower(), index) != index:
            error = FieldError(
                f"another connection is called {quote(name)} already",
                hint="it is in {}; upper and lower case make no difference",
                twin=("connections", first[name.lower()], "name"),
            )
            yield (index, "name"), error


def of_connection(block: object) -> Iterator[Conflict]:
    """What the settings of one connection contradict."""
    if _get(block, "schedule") and _get(block, "interval"):
        yield ("schedule",), FieldError("cannot go together with interval", hint="delete one of the two")
    if _get(block, "basic") and any(name.lower() == "authorization" for name in _names(block, "headers")):
        yield (
            ("basic",),
            FieldError("cannot go together with a header Authorization", hint="delete one of them"),
        )
    yield from _mappings(_get(block, "path_mappings"))
    ca_file, verify = _get(block, "ca_file"), _get(block, "verify_tls")
    if isinstance(ca_file, str) and ca_file.strip() and (error := _certificates(ca_file, str(verify))):
        yield ("ca_file",), error


def of_daemon(block: object, connections: Iterable[str]) -> Iterator[Conflict]:
    """Names under `serves` that no connection has; without any valid connection there is no telling."""
    serves = _get(block, "serves")
    for index, name in enumerate(serves if isinstance(serves, list) and connections else []):
        if str(name) not in connections:
            yield (
                ("serves", index),
                FieldError(f"names no connection: {quote(str(name))}", hint="it must be one of connections"),
            )


def _get(block: object, key: str) -> object:
    return block.get(key) if isinstance(block, dict) else None


def _names(block: object, key: str) -> Iterable[str]:
    """The keys of a mapping in it."""
    mapping = _get(block, key)
    return mapping if isinstance(mapping, dict) else ()


def _mappings(given: object) -> Iterator[Conflict]:
    if not isinstance(given, list):
        return
    for flaw in lint_mappings([_mapping(index, item) for index, item in enumerate(given)]):
        if isinstance(_get(given[flaw.index], flaw.field), str):
            yield ("path_mappings", flaw.index, flaw.field), FieldError(flaw.message)


def _mapping(index: int, item: object) -> PathMapping:
    """The mapping as far as it is written; what is missing becomes a path like no other."""
    remote, local = _get(item, "remote"), _get(item, "local")
    return PathMapping(
        RemotePath(remote if isinstance(remote, str) else f"/\0{index}"),
        LocalPath(local if isinstance(local, str) else "/"),
    )


def _certificates(ca_file: str, verify_tls: str) -> FieldError | None:
    if verify_tls.lower() == "false":
        return FieldError(
            "cannot go together with verify_tls: false",
            hint="nothing would be checked against the file: delete one of the two",
        )
    try:
        ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        hint = "it must be a PEM file: text with BEGIN CERTIFICATE in it"
        return FieldError(f"{quote(ca_file)} holds no certificate", hint=hint)
    except (OSError, ValueError) as error:
        return FieldError(f"cannot read {quote(ca_file)}: {reason(error)}")
    return None
