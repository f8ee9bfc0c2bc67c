"""From cosines to scores that a person can read, and when to say that nothing matches.

A cosine means little by itself: 0.2 is a perfect match to one model and noise to another. What it means in this library
is read off the library's own background: the cosines of some general texts, or of the library's files among each
other, with its windows. Two levels of it count:

- the middle: what things have that have nothing to do with each other, the median of all those cosines, moved some way
  towards the query's own median, for some queries are near to everything;
- the match: what the best background query reaches on a window, at the ninth decile of windows, but no less than four
  spreads above the middle, so that a background that describes nothing of this library is not taken for a match.

Where a cosine lies between these two goes through a logistic, whose two coefficients were fitted once on libraries of
synthetic sounds (`benchmarks/calibration.py --fit`), among them ones with a gap between the modalities, with noise and
with a background that lacks their sounds. Both levels move with the model, so the coefficients need not.

Everything here is NumPy on small samples: nothing depends on the library's size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from audioclip_search.types import FloatArray, Modality

__all__ = ["DEFAULT_MIN_SCORE", "SAMPLE_WINDOWS", "Background", "Scale", "background_texts"]

DEFAULT_MIN_SCORE = 0.3
"""A query whose best score is below has no match in the library."""

SAMPLE_WINDOWS = 4096
"""How many windows of a modality `Background.of` looks at; more of them change little."""

_SLOPE, _OFFSET = 10.7, -8.3
_MATCH_QUANTILE = 0.9
_FEWEST_SPREADS = 4.0
_WIDEST_SHIFT = 1.5  # spreads that a query's own middle may be off the background's
_ASKING = 256  # windows that stand for queries of their modality
_KEPT = 512  # windows on which a query's own middle is measured

# Of files of one modality among each other: 1 is what a file has with itself, so a match lies most of the way there. A
# library of one kind of sound alone has a middle that is no middle at all, hence the bound.
_FEW_FILES = 20
_WAY_TO_SAME = 0.9
_HIGHEST_MIDDLE = 0.6

_NO_ORIGIN = -1


def background_texts() -> tuple[str, ...]:
    """General descriptions of sounds and pictures, 128 of them: encode them once per model for `Background.of`."""
    text = resources.files("audioclip_search").joinpath("background_texts.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


@dataclass(frozen=True, slots=True)
class Scale:
    """How cosines of one query with windows of one modality are to be read.

    Attributes:
        middle: The cosine of what has nothing to do with the query.
        match: The cosine of a clear match, above `middle`.
    """

    middle: float
    match: float

    def scores(self, cosines: FloatArray) -> FloatArray:
        """Cosines of any shape -> float32 scores in [0, 1], of the same shape and order: an estimate of how probable
        it is that the window is what the query asks for. NaN counts as no likeness at all."""
        way = (np.nan_to_num(np.asarray(cosines, np.float64), nan=-1.0) - self.middle) / (self.match - self.middle)
        logits = np.clip(_SLOPE * way + _OFFSET, -50, 50)
        scores: FloatArray = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return scores


@dataclass(frozen=True, slots=True)
class _Level:
    """The background of queries of one modality on windows of one modality; all in cosines, `spread` and `rise` (from
    the middle to a match) above 0."""

    middle: float
    spread: float
    rise: float


_UNKNOWN = _Level(middle=0.1, spread=0.1, rise=0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What cosines mean in a library; made by `Background.of`, to be kept until the library has changed much."""

    _levels: Mapping[tuple[Modality, Modality], _Level]
    _kept: Mapping[Modality, FloatArray]

    @classmethod
    def of(
        cls,
        texts: FloatArray,
        windows: Mapping[Modality, FloatArray],
        files: Mapping[Modality, NDArray[np.integer]] | None = None,
    ) -> Background:
        """Measure a library's background. The same input gives the same background.

        Args:
            texts: float32 `(t, dim)`, unit norm: the model's vectors of `background_texts()`; may be empty.
            windows: float32 `(n, dim)`, unit norm: windows of each modality drawn at random from the library; those
                after the first `SAMPLE_WINDOWS` are not looked at. A missing or empty modality is no error.
            files: `(n,)` which file each window is of, so that a file's windows are not taken for likenesses between
                files; a missing modality has one window a file.
        """
        samples = {modality: np.asarray(rows[:SAMPLE_WINDOWS]) for modality, rows in windows.items() if len(rows)}
        origins = {
            modality: np.asarray(files[modality][: len(rows)])
            if files is not None and modality in files
            else np.arange(len(rows))
            for modality, rows in samples.items()
        }
        asking = dict(samples)
        if len(texts):
            asking[Modality.TEXT] = np.asarray(texts)
            origins_of_texts = np.full(len(texts), _NO_ORIGIN)
        levels = {}
        for query, vectors in asking.items():
            rows = _some(len(vectors), _ASKING)
            of_texts = query is Modality.TEXT and len(texts)
            asked = (origins_of_texts if of_texts else origins[query])[rows]
            for target, sample in samples.items():
                same = asked[:, None] == origins[target] if query is target else None
                few = len(np.unique(origins[target])) < _FEW_FILES
                levels[query, target] = _level(vectors[rows] @ sample.T, same, few=few)
        kept = {modality: sample[_some(len(sample), _KEPT)] for modality, sample in samples.items()}
        return cls(MappingProxyType(levels), MappingProxyType(kept))

    def scale(
        self, query: FloatArray, target: Modality, *, asked: Mapping[Modality, float] | Modality = Modality.TEXT
    ) -> Scale:
        """How to read a query's cosines with windows of one modality.

        Args:
            query: float32 `(dim,)`, unit norm. That of a composed query is read like any other: half of what it asks
                for is about half a match.
            target: The windows' modality.
            asked: The query's modality, or of a composed query each term's with its weight (summed over terms of one
                modality); its background is the mean of theirs, by weight. Negative weights don't count.
        """
        level = self._mixed({asked: 1.0} if isinstance(asked, Modality) else asked, target)
        middle = level.middle
        kept = self._kept.get(target)
        if kept is not None and len(kept) >= _FEW_FILES:
            shift = float(np.median(kept @ query)) - middle
            bound = _WIDEST_SHIFT * level.spread
            middle += float(np.clip(np.nan_to_num(shift), -bound, bound))
        return Scale(middle, middle + level.rise)

    def scores(
        self,
        query: FloatArray,
        cosines: FloatArray,
        targets: Modality | Sequence[Modality],
        *,
        asked: Mapping[Modality, float] | Modality = Modality.TEXT,
    ) -> FloatArray:
        """Float32 `(n,)` cosines of a query with windows -> float32 `(n,)` scores in [0, 1]; see `scale`. Among windows
        of one modality a higher cosine never has a lower score.

        Args:
            query: See `scale`.
            cosines: Of the windows in question, a few or all.
            targets: Modality of all the windows, or of each.
            asked: See `scale`.
        """
        cosines = np.asarray(cosines, np.float32)
        if isinstance(targets, Modality):
            return self.scale(query, targets, asked=asked).scores(cosines)
        of = np.array([target.value for target in targets], dtype="U8")
        scores = np.zeros(len(cosines), np.float32)
        for target in dict.fromkeys(targets):
            chosen = of == target.value
            scores[chosen] = self.scale(query, target, asked=asked).scores(cosines[chosen])
        return scores

    def _mixed(self, asked: Mapping[Modality, float], target: Modality) -> _Level:
        weights = {modality: weight for modality, weight in asked.items() if weight > 0} or dict.fromkeys(asked, 1.0)
        levels = [self._level(modality, target) for modality in weights] or [_UNKNOWN]
        parts = np.array(list(weights.values()) or [1.0])
        values = np.array([(level.middle, level.spread, level.rise) for level in levels])  # (terms, 3)
        return _Level(*(parts @ values / parts.sum()).tolist())

    def _level(self, query: Modality, target: Modality) -> _Level:
        """Of pictures, in a library without any, that of texts, but a match is the least that could be one: what
        pictures reach is not known, and a wrong `nothing` is worse than a poor hit."""
        own = self._levels.get((query, target))
        if own is not None:
            return own
        level = self._levels.get((Modality.TEXT, target), _UNKNOWN)
        return _Level(level.middle, level.spread, min(level.rise, _FEWEST_SPREADS * level.spread))


def _some(count: int, most: int) -> NDArray[np.intp]:
    """Rows of `count`, at most `most` of them, spread over all, always the same ones."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def _level(cosines: FloatArray, same: NDArray[np.bool_] | None, *, few: bool) -> _Level:
    """Of a background's cosines `(queries, windows)`; `same`, given for queries of the windows' own modality, marks
    those of a file with itself, which don't count; `few` files tell less of what a match reaches."""
    others = np.nan_to_num(cosines.astype(np.float64)) if same is None else np.where(same, np.nan, cosines)
    known = others[~np.isnan(others)]
    if not known.size:
        return _Level(0.0, 0.1, _WAY_TO_SAME) if same is not None else _UNKNOWN
    lower, middle, upper = np.quantile(known, [0.16, 0.5, 0.84])
    spread = max(float(min(middle - lower, upper - middle)), 1e-3)  # matches, if many, widen one side only
    best = np.where(np.isnan(others), -1.0, others).max(axis=0)  # (windows,) what any background query reaches
    reached = float(np.quantile(best, _MATCH_QUANTILE))
    if same is not None:
        middle = min(middle, _HIGHEST_MIDDLE)
        if few:
            reached = middle + _WAY_TO_SAME * (1 - middle)
    least = min(_FEWEST_SPREADS * spread, _WAY_TO_SAME * (1 - middle))
    return _Level(float(middle), spread, max(reached - float(middle), least, 1e-3))
