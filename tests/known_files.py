"""A library whose files, notes and vectors a test can check as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search import Library, SyncReport
from audioclip_search.media import iter_segments, load_image, load_text, modality_of
from audioclip_search.storage import IndexStore
from audioclip_search.types import FloatArray, Modality

if TYPE_CHECKING:
    from collections.abc import Collection

    from PIL import Image

    from audioclip_search.encoder import Encoder

SAME = 0.99999


class CountingEncoder:
    """A real encoder that counts what goes through it, and how often a sync came to need it at all."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.identity, self.dim, self.audio_format = encoder.identity, encoder.dim, encoder.audio_format
        self.embedded = self.needed = 0

    @property
    def batch_size(self) -> int:
        self.needed += 1
        return self.encoder.batch_size

    def prepare_image(self, image: Image.Image) -> FloatArray:
        return self.encoder.prepare_image(image)

    def encode_audio(self, clips: list[FloatArray]) -> FloatArray:
        self.embedded += len(clips)
        return self.encoder.encode_audio(clips)

    def encode_images(self, pixels: list[FloatArray]) -> FloatArray:
        self.embedded += len(pixels)
        return self.encoder.encode_images(pixels)

    def encode_texts(self, texts: list[str]) -> FloatArray:
        self.embedded += len(texts)
        return self.encoder.encode_texts(texts)


class KnownLibrary:
    """A library and the encoder behind it.

    Attributes:
        root: Its own folder.
        index: Where the index is.
        encoder: Counts.
        library: Open until `close`.
    """

    def __init__(self, root: Path, encoder: Encoder, *, index: Path | None = None) -> None:
        self.root = root
        self.index = index or root / ".audioclip-search"
        self.encoder = CountingEncoder(encoder)
        self.library = Library(root, model=self.encoder, index=index)
        self._vectors_of: dict[bytes, list[FloatArray]] = {}

    def __enter__(self) -> KnownLibrary:
        return self

    def __exit__(self, *_: object) -> None:
        self.library.close()

    def write(self, path: str, text: str = "") -> Path:
        """A text file; its own name is its text if none is given."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or file.name, encoding="utf-8")
        return file

    def note(self, path: str, *tags: str, rating: int | None = None) -> None:
        assert self.library.annotate([path], add=tags, rating=rating) == 1

    def notes(self) -> dict[str, tuple[tuple[str, ...], int]]:
        """Tags and rating of every file that has any, by its path as the index has it."""
        return {path: (file.tags, file.rating) for path, file in self.stored().items() if file.tags or file.rating}

    def tags(self) -> dict[str, str]:
        """Tags of every file that has any."""
        return {path: " ".join(tags) for path, (tags, _) in self.notes().items()}

    def stored(self) -> dict:
        with IndexStore.open(self.index) as store:
            return dict(store.stored())

    def sync(self, **options: object) -> SyncReport:
        """What a sync did, without its time. Whether it needed the encoder is in `encoder.needed`."""
        self.encoder.embedded = self.encoder.needed = 0
        return replace(self.library.sync(**options), duration_s=0.0)

    def assert_right(self, *, failed: Collection[str] = (), offline: Collection[str] = ()) -> None:
        """Every file of the index has the vectors that it has by itself, and nothing else is there; another sync has
        nothing to do. `failed` have none; `offline` are not looked at."""
        with IndexStore.open(self.index) as store:
            assert {failure.path for failure in store.failures()} == set(failed)
            count = 0
            for path in store.stored().keys() - set(failed) - set(offline):
                found, expected = [window.vector for window in store.vectors(path)], self._vectors(path)
                assert len(found) == len(expected), path
                assert min(a @ b for a, b in zip(found, expected, strict=True)) >= SAME, path
                count += len(found)
            if not offline:
                assert store.info().windows == count
            health = store.check()
            assert (health.damaged, health.strays) == ((), 0)
            known = len(store.stored())
        assert self.sync() == SyncReport(unchanged=known - len(offline), offline=len(offline))
        assert self.encoder.needed == 0

    def _vectors(self, path: str) -> list[FloatArray]:
        content = (self.root / path).read_bytes()
        if content not in self._vectors_of:
            self._vectors_of[content] = self._embed(path)
        return self._vectors_of[content]

    def _embed(self, path: str) -> list[FloatArray]:
        encoder, file = self.encoder.encoder, self.root / path
        match modality_of(path):
            case Modality.IMAGE:
                return list(encoder.encode_images([encoder.prepare_image(load_image(file))]))
            case Modality.TEXT:
                return list(encoder.encode_texts([load_text(file)]))
            case _:
                parts = iter_segments(file, encoder.audio_format)
                return [encoder.encode_audio([part.samples])[0] for part in parts]
