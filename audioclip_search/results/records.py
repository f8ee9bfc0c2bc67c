"""The records: hits, their moments and explanations, and the sequence that a query returns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from audioclip_search.results.objects import hits_json
from audioclip_search.results.playlist import as_m3u
from audioclip_search.results.wording import clock, percent, printable
from audioclip_search.types import AutoTag, Metadata, Modality

if TYPE_CHECKING:
    import pandas
    import pyarrow as pa

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a sound, in seconds from its start, and its score, which is on the scale of `Hit.score`."""

    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class TermPart:
    """What one term of the query gives to a hit.

    Attributes:
        term: The term as the query language writes it.
        weight: The term's; negative for "less like".
        cosine: Between the term and the window where it fits best, in [-1, 1].
        start_s: Where that window starts, seconds; 0 for pictures and texts.
        end_s: Where it ends.
    """

    term: str
    weight: float
    cosine: float
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit is where it is: what each way of looking gave it.

    Attributes:
        semantic: By what it sounds or looks like.
        name: By the words of its name.
        folder: By those of its folders.
        metadata: By those of its metadata and tags.
        excluded: What was taken off, for being like something excluded.
        terms: The parts of each term of the query.
        words: Words of the query that were found.
    """

    semantic: float = 0.0
    name: float = 0.0
    folder: float = 0.0
    metadata: float = 0.0
    excluded: float = 0.0
    terms: tuple[TermPart, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a query.

    Attributes:
        path: Absolute path of the file.
        modality: What kind of file it is.
        score: How well it fits, best first.
        start_s: Where its best window starts, seconds; 0 for pictures and texts.
        end_s: Where that ends, seconds; 0 for pictures and texts.
        tags: The user's own tags.
        rating: The user's, 1 to 5; 0 for none.
        offline: Whether the folder of the library that it is in can't be reached now.
        cosine: Between the query and the file's best window, in [-1, 1].
        duration_s: Of a sound, seconds; 0 otherwise.
        metadata: What the file says of itself.
        auto_tags: Tags that a model gave it, apart from the user's own.
        moments: The best stretches of a sound, best first, if the query asked for them.
        why: The parts of the score, if the query asked for them.
    """

    path: Path
    modality: Modality
    score: float
    start_s: float = 0.0
    end_s: float = 0.0
    tags: tuple[str, ...] = ()
    rating: int = 0
    offline: bool = False
    cosine: float = 0.0
    duration_s: float = 0.0
    metadata: Metadata = field(default_factory=Metadata)
    auto_tags: tuple[AutoTag, ...] = ()
    moments: tuple[Moment, ...] = ()
    why: Explanation | None = None

    def extract(
        self,
        path: str | os.PathLike[str],
        *,
        moment: Moment | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
        fade_s: float = 0.0,
        overwrite: bool = False,
    ) -> Path:
        """Write just the part of the sound that fits, to the sample, at the file's own rate, depth and channels: the
        best moment, or the best window if the query did not ask for moments.

        The file's metadata go with it, those markers that lie in the part too; the description names the file and the
        part. See `media.extract_audio` for what becomes of each depth.

        Args:
            path: The file to make, .wav or .flac; its folder exists.
            moment: Another part, one of `moments` for example.
            start_s: Another start, seconds.
            end_s: Another end, seconds.
            fade_s: Length of a fade at either end, seconds.
            overwrite: Whether a file that is there may be replaced.

        Returns:
            The file.

        Raises:
            MediaError: The file can't be read, or has no sound there.
            ExportError: It is no sound, or the part can't be written; a file that is there is left alone.
            ValueError: Both `moment` and a time are given, or the times make no sense.
        """
        from audioclip_search.results.extraction import extract

        if moment is not None and not (start_s is None and end_s is None):
            raise ValueError("give either a moment or times")
        part = moment or next(iter(self.moments), None) or Moment(self.start_s, self.end_s, self.score)
        first_s, last_s = part.start_s if start_s is None else start_s, part.end_s if end_s is None else end_s
        target = Path(path).expanduser()
        extract(self, target, start_s=first_s, end_s=last_s, fade_s=fade_s, overwrite=overwrite)
        return target

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from audioclip_search.results.notebook import hit_html

        return hit_html(self)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Hits(Sequence[Hit]):
    """What a query found, best first; a slice is of the same kind.

    It equals any list, tuple or `Hits` of equal hits in the same order, whatever else is said of them.

    Attributes:
        items: The hits.
        query: What was asked for, in the query language.
        nothing: Whether nothing in the library matches; then there are no hits.
        closest: If so, the best files although they don't match.
        more: Whether a next page has more.
    """

    items: tuple[Hit, ...] = ()
    query: str = ""
    nothing: bool = False
    closest: tuple[Hit, ...] = ()
    more: bool = False

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Hits: ...
    def __getitem__(self, index: int | slice) -> Hit | Hits:
        return replace(self, items=self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Hits):
            return self.items == other.items
        return self.items == tuple(other) if isinstance(other, list | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        """One line that says how many, and one for each of the first ten."""
        return "\n".join([self._summary(), *_lines(self.items or self.closest)])

    def to_arrow(self) -> pa.Table:
        """One row a hit, one column an attribute: path (text), modality, score, cosine, start_s, end_s, duration_s,
        tags (a list), rating, offline, auto_tags and moments (lists of structs); of the metadata rate_hz, channels,
        bits, width, height, fields (a list of name and text) and markers; and why (a struct, null unless asked for)."""
        from audioclip_search.results.tables import as_arrow

        return as_arrow(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The same as a data frame.

        Raises:
            ExportError: pandas is not installed, which the extra `pandas` brings.
        """
        from audioclip_search.results.tables import as_pandas

        return as_pandas(self)

    def to_json(self) -> str:
        """A list of objects, as `audioclip-search query --json` prints it."""
        return hits_json(self)

    def to_csv(self) -> str:
        """One line a hit below a line of column names. Cells that a spreadsheet would take for formulas have a '
        before them; so have those that begin with a ', so that it can be taken off again."""
        from audioclip_search.results.tables import as_csv

        return as_csv(self)

    def to_m3u(self, *, relative_to: str | os.PathLike[str] | None = None) -> str:
        """The sounds as a playlist in UTF-8; of a hit with moments each is an entry of its own, with the start and stop
        times that VLC knows.

        Args:
            relative_to: The folder that the playlist will be in, to name files as seen from there; None for absolute
                paths.
        """
        return as_m3u(self, title=self.query, relative_to=None if relative_to is None else Path(relative_to))

    def save(self, path: str | os.PathLike[str], *, relative: bool = False) -> Path:
        """Write them to a file, in the form of its suffix: .json, .csv, .m3u or .m3u8, .parquet, .arrow. A file of that
        name is replaced, in one step.

        Args:
            path: The file to make; its folder exists.
            relative: In a playlist, name files as seen from its folder.

        Returns:
            The file.

        Raises:
            ExportError: The suffix is another one, or the file can't be written.
        """
        from audioclip_search.results.saving import save

        target = Path(path).expanduser()
        save(self, target, relative=relative)
        return target

    def _repr_html_(self) -> str:
        """What a notebook shows: of the first twenty a player of the part that fits with a small spectrogram, or the
        picture, the score, the times, the name and the tags. Ten seconds of a sound at most are part of it."""
        from audioclip_search.results.notebook import hits_html

        return hits_html(self)

    def _summary(self) -> str:
        asked = f" for {printable(self.query)}" if self.query else ""
        if self.nothing:
            return f"<Hits: nothing matches{asked}" + ("; the closest are>" if self.closest else ">")
        return f"<Hits: {len(self)}{asked}" + (", and more on the next page>" if self.more else ">")


def _lines(hits: Sequence[Hit]) -> list[str]:
    lines = [
        f"{percent(hit.score):>6}  {_span(hit):<15}  {printable(str(hit.path))}{'  (offline)' if hit.offline else ''}"
        for hit in hits[:_SHOWN]
    ]
    return lines if len(hits) <= _SHOWN else [*lines, f"  … and {len(hits) - _SHOWN} more"]


def _span(hit: Hit) -> str:
    return f"{clock(hit.start_s)}–{clock(hit.end_s)}" if hit.modality is Modality.AUDIO else hit.modality.value
