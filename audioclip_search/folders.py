"""Where a library's files are: its folders, and how the index names what is in them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from audioclip_search.errors import MediaError, QueryError, StorageError
from audioclip_search.indexer import is_unplugged, prefix_of
from audioclip_search.types import Places


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a library.

    The index names a file in the root by its path below the root, so that the library can move, and a file in another
    folder by its absolute path; both with forward slashes.

    Attributes:
        root: The library's own folder, absolute.
        places: What the index remembers.
    """

    root: Path
    places: Places

    @property
    def all(self) -> tuple[Path, ...]:
        """The root and the other folders."""
        return (self.root, *map(Path, self.places.folders))

    def path_of(self, key: str) -> Path:
        """Where a file is that the index calls so."""
        return self.root / key

    def texts_of(self, keys: Iterable[str]) -> list[str]:
        """The same of many, as texts: making paths takes seconds of 100,000 files."""
        root = str(self.root)
        return [os.path.join(root, key).replace("/", os.sep) for key in keys]  # noqa: PTH118

    def key_of(self, path: Path) -> str:
        """What the index calls a file or folder, given by its path, absolute or below the root.

        Raises:
            QueryError: It is in none of the library's folders.
        """
        given = Path(os.path.normpath(self.root / path))
        for folder in self.all:
            for base, candidate in ((folder, given), (folder.resolve(), given.resolve())):
                if candidate.is_relative_to(base):
                    below = candidate.relative_to(base)
                    return below.as_posix() if folder is self.root else (folder / below).as_posix()
        raise QueryError("not in this library", path=path, remedy=f"It has the files below {_listed(self.all)}")

    def keys_of(self, paths: Iterable[str | Path]) -> set[str]:
        """What the index calls files and folders; the root is empty. One path alone is one, not its letters.

        Raises:
            QueryError: One is in none of the library's folders.
        """
        given = [paths] if isinstance(paths, str | Path) else paths
        # As texts first: paths as objects, and a look at the disk for each, take ten seconds of 100,000 files.
        places = [
            (str(folder / "_")[:-1], "" if folder is self.root else prefix_of(folder.as_posix())) for folder in self.all
        ]
        keys: set[str] = set()
        for path in given:
            name = os.path.normpath(os.path.join(self.root, os.path.expanduser(path)))  # noqa: PTH111, PTH118
            place = next(((base, prefix) for base, prefix in places if name.startswith(base)), None)
            if place is None:
                key = self.key_of(Path(path).expanduser())
                keys.add("" if key == "." else key)
            else:
                keys.add(place[1] + name[len(place[0]) :].replace(os.sep, "/"))
        return keys

    def offline(self) -> frozenset[str]:
        """The places that can't be reached now: folders of the library that are missing or empty, and mount points that
        are so; the root is empty. A root that has its index in it is not empty, whatever else is in it."""
        places = {folder.rstrip("/") for folder in self.places.folders if is_empty(self.path_of(folder))}
        places |= {mount for mount in self.places.mounts if is_unplugged(self.path_of(mount))}
        has_index = not PurePath(self.places.root).is_absolute()
        if not self.root.is_dir() or (not has_index and is_empty(self.root)):
            places.add("")
        return frozenset(places)

    def with_folder(self, folder: Path) -> Places:
        """These places and another folder.

        Raises:
            MediaError: It is no folder.
            StorageError: It is in one of the library's folders, or one of them is in it.
        """
        if not folder.is_dir():
            raise MediaError("no such folder", path=folder)
        for other in self.all:
            if folder.resolve().is_relative_to(other.resolve()):
                raise StorageError(f"belongs to the library already, by its folder {other}", path=folder)
            if other.resolve().is_relative_to(folder.resolve()):
                raise StorageError(
                    f"the library's folder {other} is in it",
                    path=folder,
                    remedy="Make a library of the outer folder, or take the inner one out of this one first",
                )
        return _replace_folders(self.places, sorted((*self.places.folders, folder.as_posix())))

    def without_folder(self, folder: Path) -> Places:
        """These places without one of the other folders.

        Raises:
            StorageError: It is none of them.
        """
        key = self._other(folder)
        return _replace_folders(self.places, [other for other in self.places.folders if other != key])

    def relocated(self, old: Path, new: Path) -> tuple[Places, dict[str, str]]:
        """These places with one of the other folders at another place, and how the paths in it change.

        Raises:
            MediaError: The new place is no folder.
            StorageError: The old one is none of them, or the new one overlaps with a folder of the library.
        """
        key = self._other(old)
        rest = Folders(self.root, self.without_folder(old))
        return rest.with_folder(new), {prefix_of(key): prefix_of(new.as_posix())}

    def _other(self, folder: Path) -> str:
        if folder.as_posix() not in self.places.folders:
            others = map(Path, self.places.folders)
            raise StorageError(
                "is none of the library's other folders", path=folder, remedy=f"They are {_listed(others)}"
            )
        return folder.as_posix()


def is_empty(folder: Path) -> bool:
    """Whether a folder is missing, or there is nothing in it that is not hidden."""
    try:
        return all(entry.name.startswith(".") for entry in folder.iterdir())
    except OSError:
        return not folder.is_dir()


def remembered_root(root: Path, index: Path | str) -> str:
    """How an index remembers its library's root: relative to itself if it is in it."""
    if isinstance(index, Path) and index.is_relative_to(root):
        return Path(os.path.relpath(root, index)).as_posix()
    return root.as_posix()


def absolute(folder: str | Path) -> Path:
    """A folder as a person names it."""
    return Path(os.path.normpath(Path(folder).expanduser().absolute()))


def _replace_folders(places: Places, folders: Iterable[str]) -> Places:
    kept = tuple(folders)
    known = {*places.folders} - {*kept}
    mounts = tuple(m for m in places.mounts if not any(m == old or m.startswith(f"{old}/") for old in known))
    return Places(places.root, kept, mounts, places.rules)


def _listed(folders: Collection[Path] | Iterable[Path]) -> str:
    return ", ".join(map(str, folders)) or "none"
