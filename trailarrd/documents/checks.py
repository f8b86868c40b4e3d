"""What the doctor finds."""

from enum import StrEnum

from trailarrd.documents import Document


class Level(StrEnum):
    """Whether something is as it should be."""

    OK = "ok"
    WARNING = "warning"
    """It works, but you may not want it so."""
    PROBLEM = "problem"
    """It does not work until somebody does something."""


class Code(StrEnum):
    """What was found. A code keeps its meaning for ever."""

    CONFIG_OK = "config-ok"
    CONFIG_INVALID = "config-invalid"
    CONFIG_EXPOSED = "config-exposed"
    DATABASE_OK = "database-ok"
    DATABASE_NEW = "database-new"
    DATABASE_OLDER = "database-older"
    DATABASE_UNUSABLE = "database-unusable"
    DATABASE_DAMAGED = "database-damaged"
    DATABASE_READ_ONLY = "database-read-only"
    DATABASE_SPACE = "database-space"
    PLUGIN_OK = "plugin-ok"
    PLUGIN_SLOW = "plugin-slow"
    PLUGIN_DISABLED = "plugin-disabled"
    PLUGIN_NOT_LOADED = "plugin-not-loaded"
    PLUGINS_NONE = "plugins-none"
    NAME_OK = "name-ok"
    NAME_UNKNOWN = "name-unknown"
    PORT_OK = "port-ok"
    PORT_CLOSED = "port-closed"
    TLS_OK = "tls-ok"
    TLS_FAILED = "tls-failed"
    TLS_UNTRUSTED = "tls-untrusted"
    TLS_UNVERIFIED = "tls-unverified"
    SERVER_OK = "server-ok"
    SERVER_KEY = "server-key"
    SERVER_APPLICATION = "server-application"
    SERVER_ADDRESS = "server-address"
    SERVER_UNAVAILABLE = "server-unavailable"
    SERVER_REFUSES = "server-refuses"
    SERVER_ANSWER = "server-answer"
    PROVIDER_NOT_LOADED = "provider-not-loaded"
    SERVER_PLUGIN = "server-plugin"
    ROOTS_NONE = "roots-none"
    ROOT_OK = "root-ok"
    ROOT_UNMAPPED = "root-unmapped"
    ROOT_MISSING = "root-missing"
    ROOT_EMPTY = "root-empty"
    ROOT_NOT_A_DIRECTORY = "root-not-a-directory"
    ROOT_UNREADABLE = "root-unreadable"
    ROOT_TIMED_OUT = "root-timed-out"
    ROOT_NOT_WRITABLE = "root-not-writable"
    ROOT_QUIET = "root-quiet"
    FOLDERS_OK = "folders-ok"
    FOLDERS_ELSEWHERE = "folders-elsewhere"
    FOLDERS_NONE = "folders-none"
    MAPPING_FOUND = "mapping-found"
    MAPPING_UNUSED = "mapping-unused"


class Finding(Document, frozen=True, kw_only=True):
    """One thing that was looked at, with the fields of `trailarrd check --json`."""

    level: Level
    code: Code
    area: str
    """`configuration`, `database`, `plugins`, or a connection's name."""
    fact: str
    """What is so, with names and numbers; never a secret."""
    meaning: str
    advice: str | None
    """None if there is nothing to do."""
    paste: str | None
    """YAML for the connection's block that would help."""
