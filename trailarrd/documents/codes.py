"""All that the doctor can find: a table in which each row is as long as what people read of it."""

from enum import StrEnum
from typing import Self


class Level(StrEnum):
    """Whether something is as it should be."""

    OK = "ok"
    WARNING = "warning"
    """It works, but you may not want it so."""
    PROBLEM = "problem"
    """It does not work until somebody does something."""


_OK, _WARNING, _PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


class Code(StrEnum):
    """What was found. A code keeps its meaning for ever; `docs/checks.md` has the same."""

    level: Level
    meaning: str
    advice: str
    """Empty if there is nothing to do."""

    def __new__(cls, value: str, level: Level, meaning: str, advice: str = "") -> Self:
        code = str.__new__(cls, value)
        code._value_ = value
        code.level, code.meaning, code.advice = level, meaning, advice
        return code

    CONFIG_OK = ("config-ok", _OK, "The configuration can be used.")
    CONFIG_INVALID = (
        "config-invalid",
        _PROBLEM,
        "The configuration cannot be used, so no connection can.",
        "See to each line that is shown, then check again.",
    )
    CONFIG_EXPOSED = (
        "config-exposed",
        _WARNING,
        "Everybody on this host can read a file with an API key in it.",
        "Take the right away: chmod o-r FILE.",
    )
    CONFIG_OVERLOOKED = (
        "config-overlooked",
        _OK,
        "There is another configuration, which is not read because this one is found before it.",
    )
    DATABASE_OK = ("database-ok", _OK, "The database is sound and can be written.")
    DATABASE_NEW = ("database-new", _OK, "There is no database yet; the first refresh makes it.")
    DATABASE_OLDER = (
        "database-older",
        _WARNING,
        "An older trailarrd wrote the database.",
        "Nothing: the next command that writes to it brings it up to date, after a backup.",
    )
    DATABASE_UNUSABLE = (
        "database-unusable",
        _PROBLEM,
        "The database cannot be opened, so nothing can be refreshed.",
        "Do what the message says; database.url names the database, database.listen_url past a pooler.",
    )
    DATABASE_DAMAGED = (
        "database-damaged",
        _PROBLEM,
        "Something in the database is damaged.",
        (
            "Put a backup in its place: trailarrd db restore FILE. Without one, remove it: a refresh builds"
            " it anew, but without your choices and the history."
        ),
    )
    DATABASE_READ_ONLY = (
        "database-read-only",
        _PROBLEM,
        "This user may not write the database or its folder.",
        "Run the command as the service's user, or give this one the right to write there.",
    )
    DATABASE_BARRED = (
        "database-barred",
        _PROBLEM,
        "The database's server lets us write nothing, so nothing can be refreshed.",
        "Let database.url lead to the server that takes writes, or allow them there to its user.",
    )
    DATABASE_EXPOSED = (
        "database-exposed",
        _PROBLEM,
        "Others may put another database there, or files and links in the way of its own.",
        "Take the right away: chmod o-w, or give the database a folder of its own with database.url.",
    )
    DATABASE_SPACE = (
        "database-space",
        _WARNING,
        "The disk with the database is nearly full; a refresh or a backup may fail.",
        "Make room, or move the database with database.url.",
    )
    DATABASE_CLOCK = (
        "database-clock",
        _WARNING,
        "The database's server has another time than this host.",
        "Let both set their clocks by the network; until then all that is stored goes by the server's.",
    )
    DATABASE_SEARCH = (
        "database-search",
        _OK,
        "A search reads all titles, of 100,000 items in 0.1 to 0.5 s; by pg_trgm a rare word takes 0.03 s.",
    )
    DATABASE_BACKUP = ("database-backup", _OK, "There is a copy of the database beside it.")
    DATABASE_BACKUP_OLD = (
        "database-backup-old",
        _WARNING,
        "The newest copy of the database is older than database.backup_every wants it, or there is none.",
        "Let the daemon run; if it does, its log says why no copy could be made.",
    )
    PLUGIN_OK = ("plugin-ok", _OK, "The plugin is loaded.")
    PLUGIN_SLOW = (
        "plugin-slow",
        _WARNING,
        "The plugin is loaded, but every start of trailarrd and every command waits for it.",
        "Nothing, if the machine was busy. Else tell its author: a plugin does no I/O when it is loaded.",
    )
    PLUGIN_DISABLED = (
        "plugin-disabled",
        _OK,
        "The plugin is installed and not used: plugins.disabled names it.",
    )
    PLUGIN_NOT_LOADED = (
        "plugin-not-loaded",
        _WARNING,
        "An installed plugin cannot be used; connections of its providers fail.",
        "Do what the message says, uninstall the plugin, or name it under plugins.disabled.",
    )
    DOWNLOAD_TOOLS = (
        "download-tools",
        _PROBLEM,
        "Programs are missing by which each trailer is looked at before it is placed.",
        "Install ffmpeg, which brings both: apt install ffmpeg.",
    )
    DOWNLOAD_WORK = (
        "download-work",
        _PROBLEM,
        "The folder in which videos are before they are placed cannot be written.",
        "Give this user the right to write there, or name another folder in download.work.",
    )
    DOWNLOADER_NONE = (
        "downloader-none",
        _PROBLEM,
        "There is download: in trailarrd.yaml, and nothing that could download.",
        "Install a plugin that offers a downloader, or delete download:.",
    )
    DOWNLOADER_OK = ("downloader-ok", _OK, "The downloader has what it needs.")
    DOWNLOADER_ADVICE = (
        "downloader-advice",
        _WARNING,
        "The downloader works, but not as well as it could.",
        "Do what the message says.",
    )
    DOWNLOADER_LACKS = (
        "downloader-lacks",
        _PROBLEM,
        "The downloader lacks something, so downloads fail.",
        "Do what the message says.",
    )
    DOWNLOAD_NOT_READY = (
        "download-not-ready",
        _WARNING,
        "Nothing fails by it as long as download.preview is true; without it, downloads would.",
        "Do what the message says before you write preview: false.",
    )
    PLUGINS_NONE = (
        "plugins-none",
        _PROBLEM,
        "No plugin is installed in this environment, so no server can be asked.",
        "From a clone: pip install ./plugins/NAME for each kind of server that you have.",
    )
    NAME_OK = ("name-ok", _OK, "The host's name leads to an address.")
    NAME_UNKNOWN = (
        "name-unknown",
        _PROBLEM,
        "The host's name leads nowhere, so the server cannot be asked.",
        "Check the host in url. In a container only names of its own network are known.",
    )
    PORT_OK = ("port-ok", _OK, "Something answers at that address and port.")
    PORT_CLOSED = (
        "port-closed",
        _PROBLEM,
        "Nothing answers at that address and port.",
        (
            "Is the server up, and is this the port of its web page? In a container 127.0.0.1 is the"
            " container itself. A firewall may be in between."
        ),
    )
    TLS_OK = ("tls-ok", _OK, "The server speaks TLS and its certificate is trusted.")
    TLS_FAILED = (
        "tls-failed",
        _PROBLEM,
        "url says https, but the server does not speak TLS there.",
        (
            "Write the port that speaks TLS: the applications have an own one for it (Settings > General),"
            " a proxy most often 443."
        ),
    )
    TLS_UNTRUSTED = (
        "tls-untrusted",
        _PROBLEM,
        "The server's certificate is not trusted, so the key is not sent.",
        "Set ca_file to the authority that signed it; or, less safe, verify_tls: false.",
    )
    TLS_EXPIRED = (
        "tls-expired",
        _PROBLEM,
        "The server's certificate is not valid at this time, so the key is not sent.",
        "Have it renewed there; then the next try succeeds by itself. If it is new, compare the clocks.",
    )
    TLS_OTHER_NAME = (
        "tls-other-name",
        _PROBLEM,
        "The server's certificate is for another name than the one in url, so the key is not sent.",
        "Write in url a name that the certificate is for, or have one made for this name.",
    )
    TLS_UNKNOWN_NAME = (
        "tls-unknown-name",
        _PROBLEM,
        "Whoever answers there serves no application by the name in url.",
        "Write the name that the proxy there is set up for; a bare address has none.",
    )
    TLS_CLIENT_CERTIFICATE = (
        "tls-client-certificate",
        _PROBLEM,
        "The server wants a certificate of its clients (mutual TLS), and trailarrd has none to show.",
        "Let it ask for none at that address, or write an address behind it in url.",
    )
    TLS_TOO_OLD = (
        "tls-too-old",
        _PROBLEM,
        "The server and this host have no version of TLS in common.",
        "Bring the older one of both up to date, or put a proxy that speaks TLS 1.2 in front of the server.",
    )
    TLS_UNVERIFIED = (
        "tls-unverified",
        _WARNING,
        "The certificate is not looked at (verify_tls: false): anybody in between could take the key.",
        "Set ca_file instead.",
    )
    SERVER_OK = ("server-ok", _OK, "The right application answers and takes the key.")
    SERVER_KEY = (
        "server-key",
        _PROBLEM,
        "The server refuses the API key.",
        "Copy the key once more from the application's Settings > General; each server has its own.",
    )
    SERVER_APPLICATION = (
        "server-application",
        _PROBLEM,
        "Another application answers than the provider is for.",
        "Check provider and url: two connections may be mixed up.",
    )
    SERVER_ADDRESS = (
        "server-address",
        _PROBLEM,
        "Something answers, but not with the API.",
        (
            "Write the application's URL base in url, too (Settings > General), and an address behind any"
            " login of a proxy."
        ),
    )
    SERVER_LOGIN = (
        "server-login",
        _PROBLEM,
        "A login in front of the server answers in its place.",
        (
            "Let the API (/api, /signalr) past it there; or give what it takes by headers or basic in the"
            " connection's block; or write an address behind it in url."
        ),
    )
    SERVER_FORBIDDEN = (
        "server-forbidden",
        _PROBLEM,
        "Something in front of the server lets us not through.",
        "Look into the log of the proxy or firewall; a login takes what you give by headers or basic.",
    )
    SERVER_UNAVAILABLE = (
        "server-unavailable",
        _PROBLEM,
        "The server does not answer just now, or says that it cannot.",
        "Wait and check again; then look into the server's own log.",
    )
    SERVER_REFUSES = (
        "server-refuses",
        _PROBLEM,
        "The server refuses to answer.",
        "Do what the message says.",
    )
    SERVER_ANSWER = (
        "server-answer",
        _PROBLEM,
        "The server's answer cannot be used.",
        "Check that its version is a supported one, and that no proxy changes what it says.",
    )
    PROVIDER_NOT_LOADED = (
        "provider-not-loaded",
        _PROBLEM,
        "The plugin of this connection's provider is not loaded, so its server cannot be asked.",
        "Do what the message says; trailarrd plugins shows what became of each plugin.",
    )
    LIVE_UNSUPPORTED = (
        "live-unsupported",
        _PROBLEM,
        "The connection says live: true, but its provider cannot listen, so nothing is heard.",
        "Delete live, or write live: false in this connection's block; a webhook may tell as much.",
    )
    LIVE_OK = ("live-ok", _OK, "The server's hub is heard: what changes there is told at once.")
    LIVE_UNAVAILABLE = (
        "live-unavailable",
        _WARNING,
        "The server's hub cannot be heard, so what changes there is seen at the next interval.",
        (
            "Let whatever is in front of it pass web sockets below /signalr, with the headers Upgrade and"
            " Connection (nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade,"
            ' proxy_set_header Connection "upgrade"); or write live: false, and register a webhook.'
        ),
    )
    WEBHOOK_OK = ("webhook-ok", _OK, "The webhook that was registered tells of all events, and they arrive.")
    WEBHOOK_MISSING = (
        "webhook-missing",
        _PROBLEM,
        "The server has no webhook of ours any more, so it posts no events.",
        "Register it anew: trailarrd webhook register NAME --url URL; or take it away here: webhook remove.",
    )
    WEBHOOK_UNKNOWN = (
        "webhook-unknown",
        _OK,
        "There is a token for events; a webhook that was made by hand cannot be looked at.",
    )
    WEBHOOK_ELSEWHERE = (
        "webhook-elsewhere",
        _PROBLEM,
        "The server posts its events to another address than the one that was registered.",
        "Register it anew, with the address of this daemon: trailarrd webhook register NAME --url URL.",
    )
    WEBHOOK_OFF = (
        "webhook-off",
        _WARNING,
        "Some events of the webhook are switched off in the server, so it does not tell of them.",
        "Switch them on there, under Settings > Connect; or trailarrd webhook register NAME --url URL.",
    )
    WEBHOOK_LOST = (
        "webhook-lost",
        _PROBLEM,
        "A test that the server posts by the webhook does not arrive here, and so do its events.",
        (
            "See that the daemon runs and is reached from the server; then trailarrd webhook register NAME"
            " --url URL gives it the right address and token."
        ),
    )
    SERVER_PLUGIN = (
        "server-plugin",
        _PROBLEM,
        "The plugin failed; that is a mistake in it.",
        "Tell its author, with the message.",
    )
    ROOTS_NONE = (
        "roots-none",
        _WARNING,
        "The server has no root folder.",
        "Add one in the application under Settings > Media Management.",
    )
    ROOT_OK = ("root-ok", _OK, "The root folder is there and can be read.")
    ROOT_UNMAPPED = (
        "root-unmapped",
        _PROBLEM,
        "What the server calls this folder means nothing on this host.",
        "Add a path mapping for it.",
    )
    ROOT_MISSING = (
        "root-missing",
        _PROBLEM,
        "The root folder is not here, so no trailer in it can be seen; what was known is kept.",
        "Mount it; or say in this connection's block, by path_mappings, where it is here.",
    )
    ROOT_EMPTY = (
        "root-empty",
        _PROBLEM,
        "The root folder is empty, as a mount point is when nothing is mounted on it.",
        "Mount it; or map to the folder that has the media in it.",
    )
    ROOT_NOT_A_DIRECTORY = (
        "root-not-a-directory",
        _PROBLEM,
        "The root folder is a file here.",
        "Map to the folder that has the media in it.",
    )
    ROOT_UNREADABLE = (
        "root-unreadable",
        _PROBLEM,
        "This user may not list the root folder, or the disk is in trouble.",
        "Let the user that runs trailarrd list it: usually by membership in the group that owns it.",
    )
    ROOT_TIMED_OUT = (
        "root-timed-out",
        _PROBLEM,
        "The root folder does not answer in time, as a share does whose server is gone.",
        "Look after the share; a disk that is only slow gets more time by disk.timeout.",
    )
    ROOT_NOT_WRITABLE = (
        "root-not-writable",
        _WARNING,
        "This user may look at the root folder, and not write there. No downloader could, as this user.",
        "Nothing, unless trailers shall be downloaded as this user: then let it write there.",
    )
    PLACE_OK = ("place-ok", _OK, "A file can be put into an item's folder of this root folder.")
    PLACE_FAILED = (
        "place-failed",
        _PROBLEM,
        "No file can be put into an item's folder of this root folder, so no trailer can be placed there.",
        (
            "Give this user the right to write there: the group of the folders, and as a service"
            " ReadWritePaths=, UMask= and SupplementaryGroups=, for which media.conf is an example; in a"
            " container mount it without ro."
        ),
    )
    TIMES_NOT_TRUSTED = (
        "times-not-trusted",
        _OK,
        (
            "The times of folders in this root folder are not trusted, so each item's folder is listed at"
            " every refresh: a trailer is seen as soon as the disk shows it, but that takes longer. If the"
            " file system does keep such times, disk.trust_times can say so."
        ),
    )
    ROOT_QUIET = ("root-quiet", _OK, "The disks are left alone now, because of disk.quiet_hours.")
    FOLDERS_OK = ("folders-ok", _OK, "Items that the server lists have their folders here.")
    FOLDERS_ELSEWHERE = (
        "folders-elsewhere",
        _PROBLEM,
        "None of the items' folders that the server lists is in the root folder: it is another folder.",
        "Map to the folder that has the media in it.",
    )
    FOLDERS_NONE = ("folders-none", _OK, "The server lists too few items there to compare with the disk.")
    FILES_ELSEWHERE = (
        "files-elsewhere",
        _PROBLEM,
        (
            "So many items' folders do not show the files that the server has of them that something is wrong"
            " with the whole root folder. What they do not show proves nothing, and nothing is wanted for it."
        ),
        "Mount what is away, or take the path mapping that fits; the next refresh sees it.",
    )
    FILES_MISSING = (
        "files-missing",
        _WARNING,
        "Some items' folders do not show the files that the server has: nothing is wanted for those.",
        "Let the server look at its disks again (Update all): it forgets files that are not there any more.",
    )
    MAPPING_FOUND = (
        "mapping-found",
        _WARNING,
        "The library's folders were found here under another path.",
        "Paste this into the connection's block, in place of its path_mappings.",
    )
    MAPPING_UNUSED = (
        "mapping-unused",
        _WARNING,
        "The mapping fits no root folder of the server, so it does nothing.",
        "Compare remote with the server's root folders, letter by letter; or take the mapping out.",
    )
    MAPPING_HIDDEN = (
        "mapping-hidden",
        _WARNING,
        "Longer mappings fit every root folder that this one fits, so it does nothing.",
        "Take the mapping out; or the longer one, if this one is right.",
    )
    TRAILERS_LOOKED_AT = (
        "trailers-looked-at",
        _OK,
        "Items' folders were looked at for files that may be meant as a trailer, for ten seconds at most.",
    )
    TRAILERS_OUTDATED = (
        "trailers-outdated",
        _WARNING,
        (
            "These files counted as trailers by the rules of an older version, but no media server shows"
            " them. Nothing is wanted because of that: while such a file lies there, its item keeps it."
        ),
        "Give each the name that would count, or delete it.",
    )
    TRAILERS_VANISHING = (
        "trailers-vanishing",
        _WARNING,
        "So many trailers were not seen any more at once that they are kept: a disk may be away.",
        "Mount the disk; or say that they are gone: trailarrd vanished approve NAME.",
    )
    TRAILERS_MISNAMED = (
        "trailers-misnamed",
        _WARNING,
        "These files look as if they were meant as a trailer, but no media server shows them as one.",
        "Give each the name that would count.",
    )
    TRAILERS_HIDDEN = (
        "trailers-hidden",
        _WARNING,
        (
            "Jellyfin takes these files for further movies, and then shows no trailer of the movie whose"
            " folder they are in. Other servers do, so the trailer counts."
        ),
        "Move each into a folder of its own, or into a folder Extras beside the movie.",
    )
