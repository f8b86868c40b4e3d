"""Why an item is not downloaded now: what the planner of downloads says of it."""

from enum import StrEnum
from typing import Self


class Why(StrEnum):
    """Why an item is not downloaded now."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Self:
        why = str.__new__(cls, value)
        why._value_ = value
        why.sentence = sentence
        return why

    TURN = ("turn", "others come before it")
    NOT_WANTED = ("not-wanted", "no trailer is wanted for it")
    HAS_TRAILER = ("has-trailer", "it has a trailer")
    OFF = ("off", "download is false for its connection")
    NO_FILE = ("no-file", "its server has no file of it, and a trailer alone is taken for the film")
    NO_FOLDER = ("no-folder", "its folder is none on this host")
    CONTRADICTED = ("contradicted", "its folder does not show the file that its server has")
    VANISHING = ("vanishing", "its trailer is held to be there, though it is not seen any more")
    HELD = ("held", "its removal waits for your decision")
    CLAIMED = ("claimed", "another program has claimed it")
    NO_ADDRESS = ("no-address", "nobody names a video: 'trailarrd download ID --url URL' does")
    REFUSED = ("refused", "the video that is named will not do")
    NO_DOWNLOADER = ("no-downloader", "no installed downloader takes such an address")
    STOPPED = ("stopped", "you stopped it: 'trailarrd downloads retry ID'")
    GIVEN_UP = ("given-up", "too many tries failed: 'trailarrd downloads retry ID'")
    TWIN = ("twin", "another item with the same folder comes before it")
    PREVIEW = ("preview", "download.preview is true: only what you ask for by name is downloaded")
    TOO_NEW = ("too-new", "it is wanted since a moment ago, and its files may be on their way")
    BACK_OFF = ("back-off", "the last try failed")
    ROOT = ("root", "its root folder is in trouble")
    WORK = ("work", "nothing can be downloaded just now")
    DOWNLOADER = ("downloader", "its downloader needs something that only you can give it")
    BLOCKED = ("blocked", "its site lets nobody in just now")
    QUIET = ("quiet-hours", "the disks are left alone in disk.quiet_hours")
    HOURS = ("hours", "download.hours say when")
    QUOTA = ("quota", "download.per_day is used up for its site")
    PAUSE = ("pause", "its site has a pause")
