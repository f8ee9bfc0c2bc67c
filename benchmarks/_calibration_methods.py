"""Ways to read a cosine that `calibration.py` compares. Each gives one number for a query and a window, the larger the
more likely a match; what it amounts to is then fitted on libraries that the exam has nothing of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from _calibration_material import Library
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from audioclip_search.calibration import Background
from audioclip_search.types import FloatArray, Modality

Method = Callable[[Library], NDArray[Any]]
REFUSED_TO_FIT = 0.02


def cosine(library: Library) -> NDArray[Any]:
    """As it is."""
    return library.asked.vectors @ library.sounds.vectors.T


def own_z(library: Library) -> NDArray[Any]:
    """In spreads from the query's own mean over the library."""
    found = cosine(library)
    return (found - found.mean(axis=1, keepdims=True)) / found.std(axis=1, keepdims=True)


def background_z(library: Library) -> NDArray[Any]:
    """In spreads from the middle of all background texts over the library."""
    middle, upper = np.quantile(_background(library), [0.5, 0.84])
    return (cosine(library) - middle) / (upper - middle)


def hit_z(library: Library) -> NDArray[Any]:
    """In spreads from the mean of the background texts on the same window: may change the order."""
    others = _background(library)
    return (cosine(library) - others.mean(axis=0)) / others.std(axis=0)


def rivals(library: Library) -> NDArray[Any]:
    """How far above the best background text on the same window that is not near the query itself, in spreads of the
    background: may change the order."""
    others, texts = _background(library), library.background
    among = texts @ texts.T
    near = np.quantile(among[~np.eye(len(texts), dtype=bool)], 0.85)
    best = np.stack([others[texts @ query < near].max(axis=0) for query in library.asked.vectors])
    return (cosine(library) - best) / others.std()


def local_fdr(library: Library) -> NDArray[Any]:
    """Log odds of not being of the null, a normal fitted to the lower half of the background's cosines: its density
    against that of all of them, going on beyond them."""
    others = np.sort(_background(library).ravel())
    middle = np.median(others)
    spread = np.sqrt(np.mean((others[others < middle] - middle) ** 2))
    edges = np.linspace(others[0], others[-1], 60)
    centres = (edges[1:] + edges[:-1]) / 2
    density = np.histogram(others, edges, density=True)[0] + 1e-3
    null = np.exp(-0.5 * ((centres - middle) / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
    above = np.log(density / np.maximum(null, 1e-6))
    rising = np.maximum.accumulate(np.where(centres < middle, -5, above))
    return np.interp(cosine(library), centres, rising) + np.maximum(cosine(library) - centres[-1], 0) / spread


def best_of_background(library: Library) -> NDArray[Any]:
    """Share of background texts whose best cosine in the library is below, and a little of the cosine to tell ties."""
    best = np.sort(_background(library).max(axis=1))
    found = cosine(library)
    return np.searchsorted(best, found) / len(best) + 1e-3 * found


def shipped(library: Library) -> NDArray[Any]:
    """Where between the middle and a match, as `audioclip_search.calibration` has it."""
    background = Background.of(
        library.background, {Modality.AUDIO: library.sounds.vectors}, {Modality.AUDIO: library.sounds.files}
    )
    scales = [background.scale(query, Modality.AUDIO) for query in library.asked.vectors]
    middle = np.array([scale.middle for scale in scales])[:, None]
    match = np.array([scale.match for scale in scales])[:, None]
    return (cosine(library) - middle) / (match - middle)


METHODS: Mapping[str, Method] = {
    "the cosine itself": cosine,
    "z among the query's own": own_z,
    "z in the background": background_z,
    "z among background on the hit": hit_z,
    "above background's rivals": rivals,
    "local FDR of the background": local_fdr,
    "among background's best": best_of_background,
    "between middle and match": shipped,
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A method with its logistic, and the score below which it says `nothing`: what refuses 2 % of the queries to fit
    by that have an answer."""

    method: Method
    slope: float
    offset: float
    threshold: float

    def scores(self, library: Library) -> FloatArray:
        """Of every query and window."""
        return logistic(self.slope * self.method(library) + self.offset)


def fit(method: Method, values: Sequence[NDArray[Any]], libraries: Sequence[Library]) -> Fitted:
    """Fit a method's logistic to pairs of queries and windows, every library counting alike; `values` are what the
    method gives for the libraries."""
    answers = [library.asked.labels[:, None] == library.sounds.labels for library in libraries]
    best = [value.max(axis=1)[right.any(axis=1)] for value, right in zip(values, answers, strict=True)]
    model = LogisticRegression(C=100.0, max_iter=500)
    model.fit(
        np.concatenate([value.ravel() for value in values])[:, None],
        np.concatenate([right.ravel() for right in answers]),
        np.concatenate([np.full(value.size, 1e4 / value.size) for value in values]),
    )
    slope, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    least = np.quantile(np.concatenate(best), REFUSED_TO_FIT)
    return Fitted(method, slope, offset, float(logistic(slope * least + offset)))


def logistic(logits: Any) -> Any:
    """Log odds -> probabilities."""
    return 1 / (1 + np.exp(-np.clip(logits, -50, 50)))


def _background(library: Library) -> NDArray[Any]:
    return library.background @ library.sounds.vectors.T  # (t, n)
