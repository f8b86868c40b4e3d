"""What tells one Arr application from another, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trailarrd.testing.draft import Draft, Record
from trailarrd.testing.movies import movie, movie_with_file, own_movie_file
from trailarrd.testing.samples import Fields, Repeated, common_root
from trailarrd.testing.series import own_episode_file, series, series_with_file, single_series


def _arr_status(app_name: str, version: str) -> Mapping[str, object]:
    return {"appName": app_name, "version": version}


_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class NoSuchItem(StrEnum):
    """The three kinds of a 404 about an item."""

    PROBLEM = "problem"
    """Radarr's: a problem, signed by the header `X-Application-Version`."""
    JSON = "json"
    """Sonarr's: the same as plain JSON."""
    MESSAGE = "message"
    """Lidarr's: a message that names the id, and no such header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One Arr application; a plugin author describes their own and has a server that speaks it.

    `Dialect.from_samples` makes one of a few records.
    """

    app_name: str
    """As in `system/status`: `Radarr`."""
    version: str = "1.0.0.0"
    api_root: str
    """Without slashes around it: `api/v3`."""
    resource: str
    """What the application calls its items: `movie`."""
    identity: str = ""
    """The field with the item's id elsewhere, which is the list's filter as well: `tmdbId`."""
    identity_value: Callable[[str], object] = int
    """Reads the filter's value; ValueError is answered by 400."""
    root: str
    """The root folder of a library for which none is named."""
    record: Callable[[Draft], Record]
    """Writes one item as the list has it, `id` last and nothing null."""
    fields: Fields = field(default_factory=Fields)
    """What the application calls the few things that every item has."""
    samples: Sequence[Record] = ()
    """Records of a real server, if the dialect was made from some."""
    single: Callable[[Record], Record] = lambda record: record
    """What `GET {resource}/{id}` makes of the list's item."""
    with_file: Callable[[Record, bool], Record] = lambda record, _has_file: record
    """What the record is once the application has the item's own file, or has none."""
    own_file: Callable[[Record], str | None] = lambda _record: None
    """The item's own file as the record tells of it, relative to its folder; None: it tells of none."""
    no_such_item: NoSuchItem = NoSuchItem.PROBLEM
    """How `GET {resource}/{id}` says that there is none."""
    covers_switch: str | None = None
    """The query parameter that leaves out `images[].url`, if the application has one."""
    status: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    """Further fields of `system/status`."""
    key_header: str = "X-Api-Key"
    """The header in which the application wants its key."""
    status_path: str = "system/status"
    """Where it says who it is, below the API root."""
    status_of: Callable[[str, str], Mapping[str, object]] = _arr_status
    """What it answers there, by its name and version."""
    roots_path: str | None = "rootfolder"
    """Where it lists its root folders, below the API root; None: it has none."""

    @classmethod
    def from_samples(
        cls,
        *,
        app_name: str,
        api_root: str,
        resource: str,
        records: Sequence[Record],
        title: str = "title",
        path: str = "path",
        monitored: str = "monitored",
        identity: str = "",
        version: str = "1.0.0.0",
    ) -> Dialect:
        """The dialect of an application of which you have a few records, as its API lists them::

            Dialect.from_samples(
                app_name="Lidarr", api_root="api/v1", resource="artist", title="artistName",
                records=json.loads(Path("artists.json").read_text()),
            )

        `title`, `path`, `monitored` and `identity` are what the application calls these fields. Its
        libraries repeat the records, each with an id, a title, a folder and, if `identity` is given,
        an id elsewhere of its own. For an application that is built otherwise than most *arr set
        further fields: `dataclasses.replace(Dialect.from_samples(…), key_header="X-Token")`.

        Raises:
            ValueError: there is no record, or one without `id`, `path` or the title.
        """
        fields = Fields(title=title, path=path, monitored=monitored)
        return cls(
            app_name=app_name,
            api_root=api_root,
            resource=resource,
            version=version,
            identity=identity,
            identity_value=_kind_of(records, identity),
            root=common_root(records, fields),
            record=Repeated(records, fields, identity),
            fields=fields,
            samples=tuple(records),
        )

    @property
    def api_version(self) -> str:
        """As `GET /api` says it: `v3`."""
        return self.api_root.rpartition("/")[2]


def _kind_of(records: Sequence[Record], identity: str) -> Callable[[str], object]:
    """How the list's filter is read: as a number if the records have one there."""
    return int if any(isinstance(record.get(identity), int) for record in records) else str


RADARR: Final = Dialect(
    app_name="Radarr",
    version="6.3.0.10514",
    api_root="api/v3",
    resource="movie",
    identity="tmdbId",
    root="/movies",
    record=movie,
    with_file=movie_with_file,
    own_file=own_movie_file,
    covers_switch="excludeLocalCovers",
    status=MappingProxyType({"branch": "master", "runtimeVersion": "8.0.27", "migrationVersion": 242}),
)

SONARR: Final = Dialect(
    app_name="Sonarr",
    version="4.0.19.2979",
    api_root="api/v3",
    resource="series",
    identity="tvdbId",
    root="/tv",
    record=series,
    single=single_series,
    with_file=series_with_file,
    own_file=own_episode_file,
    no_such_item=NoSuchItem.JSON,
    status=MappingProxyType({"branch": "main", "runtimeVersion": "6.0.13", "migrationVersion": 217}),
)
