"""What a simulated Arr server holds, and what its user does to it between two requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trailarrd.testing.draft import Record, draft_item, is_windows, join
from trailarrd.testing.encoding import INDENTED, INDENTED_CRLF, Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trailarrd.testing.dialects import Dialect

_AS_MADE: Final = object()
"""In place of a record: it is still as the seed makes it."""


class SimulatedLibrary:
    """Items of one dialect with the ids 1 to `size`; the same arguments give the same library.

    Items are made from the seed when they are asked for and kept only once they are changed, so
    that a library of 100,000 costs its encoded list and no more. Records that are handed out are
    copies: the methods are the way to change something.
    """

    def __init__(self, dialect: Dialect, *, size: int = 0, seed: int = 0, roots: Sequence[str] = ()) -> None:
        self.dialect = dialect
        self.roots = list(roots or (dialect.root,))
        """The root folders that the server names; may be changed."""
        self.unreachable_roots: set[str] = set()
        """Those of them that the server itself cannot read just now."""
        self.tags = {1: "kids", 2: "4k"}
        """What the server calls the tags of its items; may be changed."""
        self._path_field = dialect.fields.path
        self._seed = seed
        self._first_roots = tuple(self.roots)
        self._items: dict[int, Any] = dict.fromkeys(range(1, size + 1), _AS_MADE)
        self._next_id = size + 1
        self._elements: dict[int, bytes] = {}
        self._elements_have_covers = False

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, arr_id: object) -> bool:
        return arr_id in self._items

    @property
    def ids(self) -> list[int]:
        """In the order of the list."""
        return list(self._items)

    @property
    def records(self) -> list[Record]:
        """Every item as the list has it."""
        return [self.record(arr_id) for arr_id in self._items]

    @property
    def layout(self) -> Layout:
        """A server on Windows ends its lines as Windows does."""
        return INDENTED_CRLF if self.is_windows else INDENTED

    @property
    def is_windows(self) -> bool:
        """Whether the server runs on Windows, by its root folders."""
        return any(is_windows(root) for root in self.roots)

    def record(self, arr_id: int) -> Record:
        """One item as the list has it, also if it is no record; KeyError if there is none."""
        kept = self._items[arr_id]
        record: Record = self._made(arr_id) if kept is _AS_MADE else _copied(kept)
        return record

    def find(self, identity: object) -> list[int]:
        """The ids of the items with this id elsewhere, such as a TMDb id."""
        name = self.dialect.identity
        return [arr_id for arr_id in self._items if self._field(arr_id, name) == identity]

    def add(
        self, *, title: str | None = None, year: int | None = None, root: str = "", **fields: object
    ) -> Record:
        """A new item with the next id; `fields` are set as they are."""
        arr_id = self._next_id
        draft = draft_item(self._seed, arr_id, root or self._root_of(arr_id), title=title, year=year)
        self._put(arr_id, self.dialect.record(draft))
        return self.edit(arr_id, **fields) if fields else self.record(arr_id)

    def edit(self, arr_id: int, **fields: object) -> Record:
        """Sets fields, whatever their type; a new `path` moves the item.

        None is sent as null, which no real server does: `clear` is what a cleared value looks like.
        """
        record = self.record(arr_id)
        path = fields.pop(self._path_field, None)
        record.update(_copied(fields))
        self._put(arr_id, record)
        if isinstance(path, str):
            self.move(arr_id, path)
        elif path is not None:
            self._put(arr_id, {**record, self._path_field: _copied(path)})
        return self.record(arr_id)

    def clear(self, arr_id: int, *names: str) -> Record:
        """Takes fields away, as the servers do with a value that is null."""
        kept = {name: value for name, value in self.record(arr_id).items() if name not in names}
        self._put(arr_id, kept)
        return self.record(arr_id)

    def replace(self, arr_id: int, value: object) -> None:
        """Puts any JSON value where the item's record was, also one that is no record at all."""
        self._keep(arr_id, _copied(value))

    def move(self, arr_id: int, path: str) -> Record:
        """Gives the item another folder, in all the fields that tell of it."""
        record = self.record(arr_id)
        record[self._path_field] = path
        if "folderName" in record:
            record["folderName"] = path
        if "rootFolderPath" in record:
            record["rootFolderPath"] = self._root_above(path)
        if "movieFile" in record:
            record["movieFile"]["path"] = join(path, record["movieFile"]["relativePath"])
        self._put(arr_id, record)
        return self.record(arr_id)

    def set_file(self, arr_id: int, *, has_file: bool) -> Record:
        """From now on the server has the item's own file, or has none."""
        self._put(arr_id, self.dialect.with_file(self.record(arr_id), has_file))
        return self.record(arr_id)

    def own_file(self, arr_id: int) -> str | None:
        """The item's own file as the server tells of it, relative to its folder; None if it has none."""
        return self.dialect.own_file(self.record(arr_id))

    def delete(self, *arr_ids: int) -> None:
        """Removes items; their ids are not given out again."""
        for arr_id in arr_ids:
            del self._items[arr_id]
            self._elements.pop(arr_id, None)

    def readd(self, arr_id: int) -> Record:
        """Deletes an item and adds the same one again: a new id, all else as it was."""
        record = self.record(arr_id)
        self.delete(arr_id)
        new_id = self._next_id
        self._put(new_id, _renumbered(record, new_id))
        return self.record(new_id)

    def reinstall(self, first_id: int = 1) -> dict[int, int]:
        """Sets the server up anew with the same items: old id to new id.

        The items come in another order and are counted from `first_id`, so that most old ids now
        belong to another item.
        """
        order = self.ids[1:] + self.ids[:1]
        numbers = dict(zip(order, range(first_id, first_id + len(order)), strict=True))
        records = [_renumbered(self.record(old), new) for old, new in numbers.items()]
        self._items.clear()
        self._elements.clear()
        self._next_id = first_id
        for new_id, record in zip(numbers.values(), records, strict=True):
            self._put(new_id, record)
        return numbers

    def elements(self, *, covers: bool) -> list[bytes]:
        """The whole list, encoded item by item; kept for the next time, for one kind of `covers`."""
        if covers != self._elements_have_covers:
            self._elements.clear()
            self._elements_have_covers = covers
        known = self._elements
        for arr_id in self._items:
            if arr_id not in known:
                known[arr_id] = self.element(arr_id, covers=covers)
        return [known[arr_id] for arr_id in self._items]

    def element(self, arr_id: int, *, covers: bool) -> bytes:
        """One item, encoded as an element of the list."""
        record = self.record(arr_id)
        return self.layout.element(record if covers else _without_covers(record))

    def _made(self, arr_id: int) -> Record:
        root = self._first_roots[arr_id % len(self._first_roots)]
        return self.dialect.record(draft_item(self._seed, arr_id, root))

    def _root_of(self, arr_id: int) -> str:
        return self.roots[arr_id % len(self.roots)] if self.roots else self.dialect.root

    def _root_above(self, path: str) -> str:
        """The longest root folder above, else the parent."""
        above = [root for root in self.roots if path.startswith(join(root, ""))]
        return max(above, key=len, default=_parent(path))

    def _field(self, arr_id: int, name: str) -> object:
        record: object = self.record(arr_id)
        return record.get(name) if isinstance(record, dict) else None

    def _put(self, arr_id: int, record: Record) -> None:
        """Keeps a record that nobody else has, with its id at the end, where the servers write it."""
        ordered = {name: value for name, value in record.items() if name != "id"}
        self._keep(arr_id, {**ordered, "id": record["id"]} if "id" in record else ordered)
        self._next_id = max(self._next_id, arr_id + 1)

    def _keep(self, arr_id: int, value: object) -> None:
        self._items[arr_id] = value
        self._elements.pop(arr_id, None)


def _copied(value: Any) -> Any:
    """What JSON can hold, many times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _without_covers(record: object) -> object:
    """The record without the `url` of each image, as far as it is a record."""
    if not isinstance(record, dict) or not isinstance(record.get("images"), list):
        return record
    return {**record, "images": list(_without_urls(record["images"]))}


def _without_urls(images: Iterable[object]) -> Iterator[object]:
    for image in images:
        if isinstance(image, dict):
            yield {name: value for name, value in image.items() if name != "url"}
        else:
            yield image


def _renumbered(record: Record, arr_id: int) -> Record:
    """The record under another id, wherever the id is in it."""
    renumbered = {**record, "id": arr_id}
    if isinstance(record.get("movieFile"), dict):
        renumbered["movieFile"] = {**record["movieFile"], "movieId": arr_id}
    return renumbered


def _parent(path: str) -> str:
    cut = max(path.rfind("/"), path.rfind("\\"))
    return path[:cut] or path[: cut + 1]
