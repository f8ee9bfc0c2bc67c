"""WebDataset shards: tars whose members of one name are one example. Only their headers are read at opening; then every
example can be read at random, because it is known where its bytes lie."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from audioclip_search.media import AUDIO_SUFFIXES, IMAGE_SUFFIXES
from trainer.datasets.checks import Problems, all_labelled
from trainer.datasets.examples import Dataset, Example, Examples, Place, joined
from trainer.errors import DataError

LAYOUT = """\
ROOT   a folder of .tar files, or a pattern of them: train-{000..099}.tar. Members that share a KEY are one example:
  KEY.wav (or .flac, .ogg, .mp3, …)   the sound
  KEY.jpg (or .png, …)                the picture
  KEY.txt                             the text
  KEY.json                            an object with text, labels (a list of names)
  KEY.cls                             the class's name, or its number, counted from 0, in the lines of classes.txt
                                      beside the shards
Not compressed, members of one example one after another, as WebDataset writes them."""

_REMEDY = "Give a folder of .tar files, or a pattern such as train-{000..099}.tar"
_BRACES = re.compile(r"\{(\d+)\.\.(\d+)\}")
_MAX_META_BYTES = 1 << 20


def read_shards(root: Path, problems: Problems) -> Dataset:
    """Open shards: `Problems` says how errors are told."""
    shards = _shards(root)
    names = _class_names(shards[0].parent / "classes.txt")
    found: set[str] = set()
    counts: list[int] = []

    def examples() -> Iterator[Example]:
        for shard in shards:
            with problems.kept():
                for example in _examples(shard, names):
                    found.update(example.labels)
                    counts.append(len(example.labels))
                    yield example

    gathered = Examples.of(examples())
    classes = tuple(names or sorted(found)) if all_labelled(list(map(bool, counts)), path=root) else ()
    return Dataset("shards", gathered, classes, multi_label=max(counts, default=0) > 1)


def _shards(root: Path) -> list[Path]:
    pattern = _BRACES.search(root.name)
    if pattern is not None:
        first, last = pattern.groups()
        numbers = range(int(first), int(last) + 1)
        shards = [root.with_name(_BRACES.sub(f"{n:0{len(first)}d}", root.name, count=1)) for n in numbers]
    else:
        shards = sorted(root.glob("*.tar")) if root.is_dir() else [root]
    if not shards:
        raise DataError("holds no .tar files", path=root, remedy=_REMEDY)
    missing = [shard for shard in shards if not shard.is_file()]
    if missing:
        more = f", with {len(missing) - 1} more of {len(shards)} shards" if len(missing) > 1 else ""
        raise DataError(f"missing{more}", path=missing[0], remedy=_REMEDY)
    return shards


def _class_names(path: Path) -> list[str]:
    if not path.is_file():
        return []
    try:
        return [line.strip().replace("_", " ") for line in path.read_text(encoding="utf-8-sig").rstrip().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"can't be read: {error}", path=path, remedy="Write one class name a line, as UTF-8") from error


def _examples(shard: Path, names: list[str]) -> Iterator[Example]:
    try:
        with tarfile.open(shard, "r:") as tar:
            for key, run in groupby(_files(tar, shard), key=lambda member: _split(member.name)[0]):
                members = {_split(member.name)[1]: member for member in run}
                example = _example(shard, key, members, tar, names)
                if example is not None:
                    yield example
    except (tarfile.TarError, OSError) as error:
        raise DataError(
            f"not a whole, uncompressed tar: {error}", path=shard, remedy="Copy or write the shard again"
        ) from error


def _files(tar: tarfile.TarFile, shard: Path) -> Iterator[tarfile.TarInfo]:
    yield from (member for member in tar if member.isreg() and not member.issparse())
    # tarfile takes a broken header, or the end of the file, for the tar's end, which is a block of zeros.
    with shard.open("rb") as file:
        file.seek(tar.offset)
        if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it is cut off")


def _split(name: str) -> tuple[str, str]:
    """WebDataset's key and extension: they part at the first dot of the file's name."""
    folder, slash, file = name.rpartition("/")
    stem, dot, extension = file.partition(".")
    return folder + slash + stem, (dot + extension).lower()


def _example(
    shard: Path, key: str, members: Mapping[str, tarfile.TarInfo], tar: tarfile.TarFile, names: list[str]
) -> Example | None:
    """The example of these members, by their extension; None if there is neither sound nor picture."""

    def place(suffixes: frozenset[str]) -> Place | None:
        member = next((member for extension, member in members.items() if extension in suffixes), None)
        return None if member is None else Place(str(shard), member.offset_data, member.size)

    def content(extension: str) -> str:
        member = members.get(extension)
        file = None if member is None or member.size > _MAX_META_BYTES else tar.extractfile(member)
        try:
            return "" if file is None else file.read().decode().strip()
        except UnicodeDecodeError as error:
            raise _broken(shard, key + extension, "no text in UTF-8") from error

    audio, image = place(AUDIO_SUFFIXES), place(IMAGE_SUFFIXES)
    if audio is None and image is None:
        return None
    about = _described(shard, key, content(".json"))
    labels = about["labels"] or _class(shard, key, content(".cls"), names)
    labels = [label.replace("_", " ") for label in labels]
    unknown = [label for label in labels if names and label not in names]
    if unknown:
        raise _broken(shard, key, f"its label {unknown[0]!r} is not in classes.txt")
    text = content(".txt") or about["text"] or joined(labels)
    if (audio is not None) + (image is not None) + bool(text) < 2:
        raise _broken(shard, key, "needs two of a sound, a picture and a text")
    return Example(audio, image, tuple(dict.fromkeys(labels)), text, group=key)


def _described(shard: Path, key: str, content: str) -> dict[str, Any]:
    try:
        about = json.loads(content or "{}")
        text, labels = about.get("text") or "", about.get("labels") or []
    except (json.JSONDecodeError, AttributeError) as error:
        raise _broken(shard, f"{key}.json", "no JSON object") from error
    labels = [labels] if isinstance(labels, str) else labels
    if not isinstance(text, str) or not isinstance(labels, list) or not all(isinstance(name, str) for name in labels):
        raise _broken(shard, f"{key}.json", "text must be a string and labels a list of strings")
    return {"text": text, "labels": labels}


def _class(shard: Path, key: str, content: str, names: list[str]) -> list[str]:
    if not content:
        return []
    if not names or not content.isdecimal():
        return [content]
    if int(content) >= len(names):
        raise _broken(shard, f"{key}.cls", f"class {content} is beyond the {len(names)} of classes.txt")
    return [names[int(content)]]


def _broken(shard: Path, member: str, reason: str) -> DataError:
    return DataError(f"{member}: {reason}", path=shard, remedy="Write the shard again")
