"""Folders of sounds, pictures and texts that change at random, as a library's do between two syncs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from audioclip_search.media import content_hash


class ChangingTree:
    """Files of all kinds in several folders: sounds of one window and of many, pictures, texts, copies, broken ones.

    Attributes:
        precious: Content hashes of files that are moved and copied, but neither changed nor deleted.
    """

    def __init__(self, folders: tuple[Path, ...], *, seed: int) -> None:
        self.folders = folders
        self.precious: set[str] = set()
        self._random = np.random.default_rng(seed)
        self._made = 0

    @property
    def files(self) -> list[Path]:
        """All of them, in order."""
        found = [path for folder in self.folders for path in folder.rglob("*") if path.is_file()]
        return sorted(path for path in found if ".audioclip-search" not in path.parts)

    def grow(self, count: int) -> list[Path]:
        """Make new files."""
        return [self._add() for _ in range(count)]

    def change(self, operations: int) -> None:
        """Do some of all that may happen to files."""
        kinds: tuple[Callable[[], object], ...] = (
            self._add,
            self._add,
            self._rewrite,
            self._rename,
            self._rename_folder,
            self._swap,
            self._copy,
            self._delete,
            self._touch,
        )
        for kind in self._random.permutation(np.arange(operations) % len(kinds)):
            kinds[kind]()

    def _add(self) -> Path:
        folder = self.folders[self._below(len(self.folders))] / f"folder {self._below(6)}"
        folder.mkdir(parents=True, exist_ok=True)
        self._made += 1
        kind = self._below(10)
        suffix = "png" if kind in (0, 1) else "txt" if kind in (2, 3) else "wav"
        path = folder / f"{self._made}.{suffix}"
        if kind == 4 and (others := self.files):
            other = others[self._below(len(others))]
            path = path.with_suffix(other.suffix)
            _copy_file(other, path)
        else:
            self._write(path, broken=kind == 5)
        return path

    def _write(self, path: Path, *, broken: bool = False) -> None:
        """New content, never used before; there in one step, so that no sync meets half of it."""
        beside = path.with_suffix(".making")
        if broken:
            beside.write_bytes(self._random.bytes(500))
        elif path.suffix == ".png":
            blocks = self._random.integers(0, 256, (8, 8, 3)).astype(np.uint8)
            Image.fromarray(blocks).save(beside, "PNG")
        elif path.suffix == ".txt":
            beside.write_text(f"Rain on a tent, take {self._random.integers(1 << 60)}")
        else:
            length_s = 2.0 if self._below(3) == 0 else self._random.uniform(0.1, 0.5)
            samples = self._random.uniform(-0.3, 0.3, round(8_000 * length_s))
            soundfile.write(beside, samples, 8_000, format="WAV")
        beside.replace(path)

    def _rewrite(self) -> None:
        self._write(self._expendable())

    def _touch(self) -> None:
        self._any().touch()

    def _rename(self) -> None:
        path = self._any()
        folder = self._any().parent
        self._made += 1
        path.rename(folder / f"renamed {self._made}{path.suffix}")

    def _rename_folder(self) -> None:
        folder = self._any().parent
        self._made += 1
        folder.rename(folder.with_name(f"{folder.name.split(' of')[0]} of {self._made}"))

    def _swap(self) -> None:
        one = self._any()
        two = next(path for path in self._shuffled() if path.suffix == one.suffix and path != one)
        beside = one.with_suffix(".swapping")
        one.rename(beside)
        two.rename(one)
        beside.rename(two)

    def _copy(self) -> None:
        path = self._any()
        self._made += 1
        _copy_file(path, self._any().parent / f"copy {self._made}{path.suffix}")

    def _delete(self) -> None:
        self._expendable().unlink()

    def _shuffled(self) -> list[Path]:
        files = self.files
        return [files[index] for index in self._random.permutation(len(files))]

    def _any(self) -> Path:
        return self._shuffled()[0]

    def _expendable(self) -> Path:
        return next(path for path in self._shuffled() if content_hash(path) not in self.precious)

    def _below(self, limit: int) -> int:
        return int(self._random.integers(limit))


def _copy_file(source: Path, target: Path) -> None:
    beside = target.with_suffix(".making")
    shutil.copyfile(source, beside)
    beside.replace(target)
