"""Every finding there is: its stable code, what it means, what to do. `docs/checks.md` has the same."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.documents.checks import Code, Finding, Level

if TYPE_CHECKING:
    from collections.abc import Mapping


class Check(NamedTuple):
    """What a code stands for."""

    level: Level
    meaning: str
    advice: str = ""


_OK, _WARNING, _PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM

CHECKS: Final[Mapping[Code, Check]] = MappingProxyType(
    {
        Code.CONFIG_OK: Check(_OK, "The configuration can be used."),
        Code.CONFIG_INVALID: Check(
            _PROBLEM,
            "The configuration has mistakes, so no connection can be used.",
            "Mend each line that is shown, then check again.",
        ),
        Code.CONFIG_EXPOSED: Check(
            _WARNING,
            "Everybody on this host can read a file with an API key in it.",
            "Take the right away: chmod o-r FILE.",
        ),
        Code.DATABASE_OK: Check(_OK, "The database is sound and can be written."),
        Code.DATABASE_NEW: Check(_OK, "There is no database yet; the first refresh makes it."),
        Code.DATABASE_OLDER: Check(
            _WARNING,
            "An older trailarrd wrote the database.",
            "Nothing: the next command that writes to it brings it up to date, after a backup.",
        ),
        Code.DATABASE_UNUSABLE: Check(
            _PROBLEM,
            "The database cannot be opened, so nothing can be refreshed.",
            "Do what the message says; database.url names the database.",
        ),
        Code.DATABASE_DAMAGED: Check(
            _PROBLEM,
            "Something in the database is damaged.",
            "Put a backup in its place: trailarrd db restore FILE. Without one, remove it: a refresh builds"
            " it anew, but without your choices and the history.",
        ),
        Code.DATABASE_READ_ONLY: Check(
            _PROBLEM,
            "This user may not write the database or its folder.",
            "Run the command as the service's user, or give this one the right to write there.",
        ),
        Code.DATABASE_SPACE: Check(
            _WARNING,
            "The disk with the database is nearly full; a refresh or a backup may fail.",
            "Make room, or move the database with database.url.",
        ),
        Code.PLUGIN_OK: Check(_OK, "The plugin is loaded."),
        Code.PLUGIN_SLOW: Check(
            _WARNING,
            "The plugin is loaded, but every start of trailarrd and every command waits for it.",
            "Nothing, if the machine was busy. Else tell its author: a plugin does no I/O when it is loaded.",
        ),
        Code.PLUGIN_DISABLED: Check(_OK, "The plugin is installed and not used: plugins.disabled names it."),
        Code.PLUGIN_NOT_LOADED: Check(
            _WARNING,
            "An installed plugin cannot be used; connections of its providers fail.",
            "Do what the message says, uninstall the plugin, or name it under plugins.disabled.",
        ),
        Code.PLUGINS_NONE: Check(
            _PROBLEM,
            "No plugin is installed in this environment, so no server can be asked.",
            "From a clone: pip install ./plugins/NAME for each kind of server that you have.",
        ),
        Code.NAME_OK: Check(_OK, "The host's name leads to an address."),
        Code.NAME_UNKNOWN: Check(
            _PROBLEM,
            "The host's name leads nowhere, so the server cannot be asked.",
            "Check the host in url. In a container only names of its own network are known.",
        ),
        Code.PORT_OK: Check(_OK, "Something answers at that address and port."),
        Code.PORT_CLOSED: Check(
            _PROBLEM,
            "Nothing answers at that address and port.",
            "Is the server up, and is this the port of its web page? In a container 127.0.0.1 is the"
            " container itself. A firewall may be in between.",
        ),
        Code.TLS_OK: Check(_OK, "The server speaks TLS and its certificate is trusted."),
        Code.TLS_FAILED: Check(
            _PROBLEM,
            "url says https, but the server does not speak TLS there.",
            "Write http:// in url, or the port that speaks TLS.",
        ),
        Code.TLS_UNTRUSTED: Check(
            _PROBLEM,
            "The server's certificate is not trusted, so the key is not sent.",
            "Set ca_file to the authority that signed it; or, less safe, verify_tls: false.",
        ),
        Code.TLS_UNVERIFIED: Check(
            _WARNING,
            "The certificate is not looked at (verify_tls: false): anybody in between could take the key.",
            "Set ca_file instead.",
        ),
        Code.SERVER_OK: Check(_OK, "The right application answers and takes the key."),
        Code.SERVER_KEY: Check(
            _PROBLEM,
            "The server refuses the API key.",
            "Copy the key once more from the application's Settings > General; each server has its own.",
        ),
        Code.SERVER_APPLICATION: Check(
            _PROBLEM,
            "Another application answers than the provider is for.",
            "Check provider and url: two connections may be mixed up.",
        ),
        Code.SERVER_ADDRESS: Check(
            _PROBLEM,
            "Something answers, but not with the API.",
            "Write the application's URL base in url, too (Settings > General), and an address behind any"
            " login of a proxy.",
        ),
        Code.SERVER_UNAVAILABLE: Check(
            _PROBLEM,
            "The server does not answer just now, or says that it cannot.",
            "Wait and check again; then look into the server's own log.",
        ),
        Code.SERVER_REFUSES: Check(_PROBLEM, "The server refuses to answer.", "Do what the message says."),
        Code.SERVER_ANSWER: Check(
            _PROBLEM,
            "The server's answer cannot be used.",
            "Check that its version is a supported one, and that no proxy changes what it says.",
        ),
        Code.PROVIDER_NOT_LOADED: Check(
            _PROBLEM,
            "The plugin of this connection's provider is not loaded, so its server cannot be asked.",
            "Do what the message says; trailarrd plugins shows what became of each plugin.",
        ),
        Code.SERVER_PLUGIN: Check(
            _PROBLEM,
            "The plugin failed; that is a mistake in it.",
            "Tell its author, with the message.",
        ),
        Code.ROOTS_NONE: Check(
            _WARNING,
            "The server has no root folder.",
            "Add one in the application under Settings > Media Management.",
        ),
        Code.ROOT_OK: Check(_OK, "The root folder is there and can be read."),
        Code.ROOT_UNMAPPED: Check(
            _PROBLEM,
            "What the server calls this folder means nothing on this host.",
            "Add a path mapping for it.",
        ),
        Code.ROOT_MISSING: Check(
            _PROBLEM,
            "The root folder is not here, so no trailer in it can be seen; what was known is kept.",
            "Mount it, or map what the server calls it to what it is here.",
        ),
        Code.ROOT_EMPTY: Check(
            _PROBLEM,
            "The root folder is empty, as a mount point is when nothing is mounted on it.",
            "Mount it; or map to the folder that has the media in it.",
        ),
        Code.ROOT_NOT_A_DIRECTORY: Check(
            _PROBLEM, "The root folder is a file here.", "Map to the folder that has the media in it."
        ),
        Code.ROOT_UNREADABLE: Check(
            _PROBLEM,
            "This user may not list the root folder, or the disk is in trouble.",
            "Let the user that runs trailarrd list it: usually by membership in the group that owns it.",
        ),
        Code.ROOT_TIMED_OUT: Check(
            _PROBLEM,
            "The root folder does not answer in time, as a share does whose server is gone.",
            "Look after the share; a disk that is only slow gets more time by disk.timeout.",
        ),
        Code.ROOT_NOT_WRITABLE: Check(
            _WARNING,
            "This user may not write to the root folder. trailarrd never does, but a downloader under the"
            " same user could not put a trailer there.",
            "Nothing, unless a downloader runs as this user: then give it the right to write.",
        ),
        Code.ROOT_QUIET: Check(_OK, "The disks are left alone now, because of disk.quiet_hours."),
        Code.FOLDERS_OK: Check(_OK, "Items that the server lists have their folders here."),
        Code.FOLDERS_ELSEWHERE: Check(
            _PROBLEM,
            "The root folder is there, but none of the items' folders that the server lists is in it: it is"
            " another folder.",
            "Map to the folder that has the media in it.",
        ),
        Code.FOLDERS_NONE: Check(_OK, "The server lists too few items there to compare with the disk."),
        Code.MAPPING_FOUND: Check(
            _WARNING,
            "The library's folders were found here under another path.",
            "Paste this into the connection's block, in place of its path_mappings.",
        ),
        Code.MAPPING_UNUSED: Check(
            _WARNING,
            "The mapping fits no root folder of the server, so it does nothing.",
            "Compare remote with the server's root folders, letter by letter; or take the mapping out.",
        ),
    }
)


def finding_of(code: Code, area: str, fact: str, paste: str | None = None) -> Finding:
    """What a look at one thing showed, with what its code stands for."""
    check = CHECKS[code]
    return Finding(
        level=check.level,
        code=code,
        area=area,
        fact=fact,
        meaning=check.meaning,
        advice=check.advice or None,
        paste=paste,
    )
