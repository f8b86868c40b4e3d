"""What can go wrong with a download, and whose trouble that is."""

from __future__ import annotations

from enum import Enum, StrEnum, auto
from typing import Self


class Blame(Enum):
    """Whose trouble a failure is, and so who waits for what."""

    ADDRESS = auto()
    """This video is refused for the item for good."""
    SETTINGS = auto()
    """This video is refused for the item as long as the settings are what they are."""
    ITEM = auto()
    """The item waits, longer each time."""
    SITE = auto()
    """Everything from that site waits; no item's attempt is counted."""
    DOWNLOADER = auto()
    """Only the user can help; no item's attempt is counted."""
    ROOT = auto()
    """Everything below that root folder waits; no item's attempt is counted."""
    FOLDER = auto()
    """The item waits, longer each time; so does everything below its root folder, if others' folders fail."""
    WORK = auto()
    """Nothing can be downloaded at all before work folder and tools are in order; no attempt is counted."""
    NOBODY = auto()
    """Things have changed meanwhile: it is planned anew."""


class Failure(StrEnum):
    """Why no trailer came of a try."""

    blame: Blame
    sentence: str

    def __new__(cls, value: str, blame: Blame, sentence: str) -> Self:
        failure = str.__new__(cls, value)
        failure._value_ = value
        failure.blame = blame
        failure.sentence = sentence
        return failure

    GONE = ("gone", Blame.ADDRESS, "the site has no such video any more")
    LIVE = ("live", Blame.ADDRESS, "it is live, or has yet to begin")
    NO_PICTURE = ("no-picture", Blame.ADDRESS, "it has no picture")
    NO_SOUND = ("no-sound", Blame.ADDRESS, "it has no sound")
    SILENT = ("silent", Blame.ADDRESS, "it is silent from start to end")
    PORTRAIT = ("portrait", Blame.ADDRESS, "it is higher than it is wide")
    DELETED = ("deleted", Blame.ADDRESS, "somebody deleted the trailer that came from there")
    UNWANTED = ("unwanted", Blame.ADDRESS, "you had the trailer deleted that came from there")
    TOO_SHORT = ("too-short", Blame.SETTINGS, "it is shorter than download.length allows")
    TOO_LONG = ("too-long", Blame.SETTINGS, "it is longer than download.length allows")
    TOO_LARGE = ("too-large", Blame.SETTINGS, "it is larger than download.max_size allows")
    AGE = ("age", Blame.SETTINGS, "the site shows it only to whom it knows to be old enough")
    REGION = ("region", Blame.SETTINGS, "the site does not show it in this region")
    MEMBERS = ("members", Blame.SETTINGS, "the site shows it only to members")
    FORMAT = ("format", Blame.SETTINGS, "the site has it in no format that was asked for")
    PRIVATE_ADDRESS = (
        *("private-address", Blame.SETTINGS),
        "it leads to a private address, which only the command line may ask for",
    )
    NO_VIDEO = ("no-video", Blame.ITEM, "what came cannot be read as a video")
    NOT_WHOLE = ("not-whole", Blame.ITEM, "it ends before its end")
    UNAVAILABLE = ("unavailable", Blame.ITEM, "the site could not be asked, or broke off")
    UNUSABLE = ("unusable", Blame.ITEM, "the site gave an answer that cannot be used")
    STALLED = ("stalled", Blame.ITEM, "nothing moved for too long")
    TOO_SLOW = ("too-slow", Blame.ITEM, "it was not done in time")
    CRASHED = ("crashed", Blame.ITEM, "the downloader failed")
    ODD_FILES = ("odd-files", Blame.ITEM, "the downloader did not leave one plain file")
    BLOCKED = ("blocked", Blame.SITE, "the site lets nobody in who asks as often as we do")
    REJECTED = ("rejected", Blame.DOWNLOADER, "the downloader needs something that only you can give it")
    NO_SPACE = ("no-space", Blame.ROOT, "there would be less room left than download.min_free")
    NOT_WRITABLE = ("not-writable", Blame.FOLDER, "trailarrd may not write there")
    FOLDER = ("folder", Blame.FOLDER, "the item's folder did not take it")
    NOT_BELIEVED = ("not-believed", Blame.ROOT, "the root folder is not there, or not the one that it was")
    DISK = ("disk", Blame.ROOT, "the disk does not answer, or takes nothing")
    NO_WORK = ("no-work", Blame.WORK, "the work folder has no room, or cannot be written to")
    TOOLS = ("tools", Blame.WORK, "ffmpeg and ffprobe, which look at a video, are not to be found")
    FOLDER_GONE = ("folder-gone", Blame.NOBODY, "the item's folder is not there, or leads elsewhere")
    NO_OWN_FILE = (
        "no-own-file",
        Blame.NOBODY,
        "the item's folder does not show the file that its server has",
    )
    NO_TARGET = ("no-target", Blame.NOBODY, "there is no name under which it would count as a trailer")
    CHANGED = ("changed", Blame.NOBODY, "the item has changed meanwhile")
    APPEARED = ("appeared", Blame.NOBODY, "a trailer has appeared meanwhile")
    OURS = ("ours", Blame.NOBODY, "the trailer that came from there lies there")
    STOPPED = ("stopped", Blame.NOBODY, "you stopped it")

    @classmethod
    def called(cls, word: str | None) -> Failure | None:
        """The one of that word; None for a word that only another version knows."""
        return next((failure for failure in cls if failure.value == word), None)

    @property
    def is_verdict(self) -> bool:
        """Whether the site did its part: what it has is not what is wanted."""
        return self.blame in (Blame.ADDRESS, Blame.SETTINGS)
