"""Values that stand elsewhere: `!env`, `!file`, `!credential`, `${VAR}` and `${VAR:-default}`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trailarrd.config.diagnostic import FieldError, did_you_mean, quote, reason
from trailarrd.config.source import read_regular

TAGS: Final = ("!env", "!file", "!credential")

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_VARIABLE: Final = re.compile(
    rf"\$(?:(?P<dollar>\$)|\{{(?P<name>{_NAME})(?::-(?P<default>[^}}]*))?\}}|(?P<broken>\{{))"
)
_LARGEST_FILE: Final = 64 * 1024


class Expander:
    """Looks values up in the environment and in files.

    Raises `FieldError` for what is not there; a message names the variable or file, never a value. Where it
    looked, found or not, is added to `files` and `variables`.
    """

    def __init__(
        self, folder: Path, environ: Mapping[str, str], files: list[Path], variables: set[str]
    ) -> None:
        self._folder = folder
        self._environ = environ
        self._files = files
        self._variables = variables

    def expand(self, tag: str, text: str) -> str:
        match tag:
            case "!env":
                return self._env(text)
            case "!file":
                return self._read(self.locate(self._interpolate(text)), text)
            case "!credential":
                return self._credential(text)
        return self._interpolate(text)

    def locate(self, text: str) -> Path:
        """The file that a setting names: relative to the file that names it, `~/` to the home."""
        home = self._environ.get("HOME")
        if text.startswith("~/") and home:
            return Path(home, text[2:])
        return self._folder / text

    def _interpolate(self, text: str) -> str:
        return _VARIABLE.sub(self._substitute, text) if "$" in text else text

    def _substitute(self, match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        if match["broken"]:
            raise FieldError(
                "'${' without a variable's name and '}'",
                hint="write ${NAME} or ${NAME:-default}; for a plain dollar sign, $$",
            )
        if match["default"] is not None:
            # As in a shell, the default also stands in for a variable that is set to nothing.
            self._variables.add(match["name"])
            return self._environ.get(match["name"]) or match["default"]
        return self._env(match["name"])

    def _env(self, name: str) -> str:
        if not name.strip():
            raise FieldError("!env needs the name of a variable", hint="write !env NAME")
        self._variables.add(name)
        if name in self._environ:
            return self._environ[name]
        raise FieldError(
            f"environment variable {quote(name)} is not set",
            hint=did_you_mean(name, self._environ) or "set it where trailarrd is started",
            absent=True,
        )

    def _credential(self, name: str) -> str:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise FieldError(
                f"there is no credential {quote(name)}: $CREDENTIALS_DIRECTORY is not set",
                hint="run under systemd with LoadCredential=NAME:FILE",
                absent=True,
            )
        if "/" in name or not name.strip("."):
            raise FieldError("is not the name of a credential", hint="for a path, use !file")
        return self._read(Path(folder, name), name)

    def _read(self, path: Path, name: str) -> str:
        """What is in the file, without blanks and line ends around it."""
        self._files.append(path)
        try:
            content = read_regular(path, _LARGEST_FILE)
        except (OSError, ValueError) as error:
            absent = isinstance(error, FileNotFoundError | PermissionError)
            raise FieldError(f"cannot read {quote(name)}: {reason(error)}", absent=absent) from None
        try:
            return content.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise FieldError(f"cannot read {quote(name)}: not UTF-8") from None
