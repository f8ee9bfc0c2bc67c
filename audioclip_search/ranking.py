"""How well a file fits a query: what its words say and what it is like, made one score."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.words import FUNCTION_WORDS, analyse, file_stem, spelled, spellings

BoolArray: TypeAlias = NDArray[np.bool_]
FloatArray: TypeAlias = NDArray[np.float64]

# How much of a match a word is by where it stands, the fusion's constants: chosen on a library whose relevant files are
# known by construction; `benchmarks/retrieval.py` has the comparison.
_IN_NAME, _IN_METADATA, _IN_FOLDER = 1.0, 0.95, 0.9
_FUNCTION_WORD = 0.1
_ALL_WORDS = 0.9
_EXACT, _LITERAL = 0.999, 0.9999
# Likeness is bounded well below certainty when words are added to it: among files that are all alike, words decide.
_ALL_LIKENESS = 0.6
_HIGH = 0.95  # from here on a score grows slowly, so that there is room for words


@dataclass(frozen=True, slots=True)
class WordMatch:
    """Which part of a query's words a file has, each weighed by how rare it is; shares in [0, 1].

    Attributes:
        name: In its name.
        folder: In its folders.
        metadata: In its tags and metadata.
        overall: In any of them, a little less away from the name.
        exact: Whether its name is what is asked for, as a whole, up to the words' endings.
        literal: Whether it is so to the letter.
        found: The words found, as they are compared.
    """

    name: float = 0.0
    folder: float = 0.0
    metadata: float = 0.0
    overall: float = 0.0
    exact: bool = False
    literal: bool = False
    found: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """How probable it is that a file is meant that has these words, in [0, 1)."""
        if self.exact:
            return _LITERAL if self.literal else _EXACT
        return _ALL_WORDS * self.overall


NO_WORDS = WordMatch()


@dataclass(frozen=True, slots=True)
class WordQuery:
    """The words of a query.

    Attributes:
        weights: Of each token, how rare it is, above 0; they sum up to 1.
        whole: The texts they are from, each without its blanks: names, `spelled`, of files that are asked for by name.
        letters: The same to the letter: letters and digits alone, without case and accents.
    """

    weights: dict[str, float]
    whole: frozenset[str]
    letters: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Sequence[str], *, frequency: Callable[[str], int], files: int) -> WordQuery:
        """The words of some texts.

        Args:
            texts: Not in the query language.
            frequency: How many files have a token.
            files: How many files there are.
        """
        tokens = [analyse(text) for text in texts]
        rarity = {
            token: math.sqrt(math.log(1 + max(files, 1) / (1 + frequency(token))))
            * (_FUNCTION_WORD if token in FUNCTION_WORDS else 1)
            for token in {token for some in tokens for token in some}
        }
        total = sum(rarity.values())
        return cls(
            {token: weight / total for token, weight in rarity.items()},
            frozenset[str]().union(*map(spellings, texts)),
            frozenset(_letters(form) for text in texts for form in (text, file_stem(text))),
        )

    def overall(self, places: Callable[[str], Sequence[BoolArray]], *, files: int) -> FloatArray:
        """`WordMatch.overall` of every file at once, float64 `(files,)`.

        Args:
            places: Which files have a token in name, folders and metadata, `(files,)` each.
            files: How many there are.
        """
        total = np.zeros(files)
        for token, weight in self.weights.items():
            name, folder, metadata = places(token)
            total += weight * np.select([name, metadata, folder], [_IN_NAME, _IN_METADATA, _IN_FOLDER])
        return total

    def match(
        self, name: Sequence[str], folder: Sequence[str], metadata: Sequence[str], *, path: str = ""
    ) -> WordMatch:
        """How well the tokens of a file's name, folders and metadata match; the path tells names apart that differ in
        nothing but their words' endings."""
        names, folders, others = set(name), set(folder), set(metadata)
        found = [token for token in self.weights if token in names or token in folders or token in others]
        if not found:
            return NO_WORDS
        overall = sum(
            self.weights[token] * (_IN_NAME if token in names else _IN_METADATA if token in others else _IN_FOLDER)
            for token in found
        )
        exact = spelled(name) in self.whole
        return WordMatch(
            name=self._share(names),
            folder=self._share(folders),
            metadata=self._share(others),
            overall=overall,
            exact=exact,
            literal=exact and _letters(file_stem(path.rpartition("/")[2])) in self.letters,
            found=tuple(found),
        )

    def _share(self, tokens: set[str]) -> float:
        return sum((weight for token, weight in self.weights.items() if token in tokens), 0.0)


def fused(semantic: float, words: WordMatch, excluded: float = 0.0) -> float:
    """One score in [0, 1] of three: a file is meant for what it is like or for its words, and not for what is excluded.

    Args:
        semantic: How probably it is what the query asks for, by its vectors.
        words: By its words.
        excluded: How probably it is something that the query excludes.
    """
    key = 1 - (1 - _ALL_LIKENESS * semantic) * (1 - words.score)
    high = _HIGH * _ALL_LIKENESS
    score = key / _ALL_LIKENESS if key < high else _HIGH + (1 - _HIGH) * (key - high) / (1 - high)
    return score * (1 - excluded)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text.casefold())))
