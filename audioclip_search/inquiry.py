"""One query to one state of the index: candidates by likeness and by words, one score each, and the hits they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audioclip_search.calibration import DEFAULT_MIN_SCORE, Background
from audioclip_search.embedding import direction
from audioclip_search.errors import QueryError
from audioclip_search.filters import Field, Filter, OneOf
from audioclip_search.folders import Folders
from audioclip_search.indexer import is_within
from audioclip_search.labelling import AutoTags
from audioclip_search.language import format_content
from audioclip_search.query import Content, Example, Query, Ranking, Text
from audioclip_search.ranking import NO_WORDS, WordMatch, WordQuery, fused
from audioclip_search.results import Explanation, Hit, Hits, Moment, TermPart, merge_moments
from audioclip_search.storage import BestWindows, BoolArray, RowArray, View
from audioclip_search.types import FloatArray, Metadata, Modality
from audioclip_search.words import analyse

_LEAST_DEPTH = 256
_DEPTH_PER_HIT = 4
_CLOSEST = 5
_MOST_MOMENTS = 10
# A moment is at least so good as this part of the file's best window.
_MOMENT_SHARE = 0.5
# What is left of terms that cancel each other out is the rounding of their vectors.
_CANCELLED = 1e-5


@dataclass(frozen=True, slots=True)
class Part:
    """Something a query asks for or excludes: what, as a vector, and of which modality it is."""

    content: Content
    vector: FloatArray
    modality: Modality
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be an answer: its row, its best window, and the parts of its score."""

    row: int
    path: str
    cosine: float
    start_s: float
    end_s: float
    semantic: float
    words: WordMatch
    excluded: float
    score: float


class Inquiry:
    """One query to one state of the index.

    Args:
        query: What is asked.
        terms: Its terms, embedded; none if it goes by words alone.
        excluded: Likewise.
        view: The state.
        background: Of that state.
        auto_tags: Of its files.
        folders: Where they are.
        keys: Only these files, as the index names them; None for all.
    """

    def __init__(
        self,
        query: Query,
        terms: Sequence[Part],
        excluded: Sequence[Part],
        *,
        view: View,
        background: Background,
        auto_tags: AutoTags,
        folders: Folders,
        keys: Sequence[str] | None,
    ) -> None:
        self._query = query
        self._terms = terms
        self._excluded = excluded
        self._view = view
        self._background = background
        self._auto_tags = auto_tags
        self._folders = folders
        self._vector = _composed(terms) if terms else None
        self._asked: dict[Modality, float] = {}
        for part in terms:
            self._asked[part.modality] = self._asked.get(part.modality, 0.0) + part.weight
        texts = [term.content.words for term in query.terms if isinstance(term.content, Text) and term.weight > 0]
        if query.ranking is Ranking.VECTOR:
            texts = []
        self._words = WordQuery.of(texts, frequency=view.frequency, files=view.count)
        self._allowed = self._wanted(keys)

    def hits(self) -> Hits:
        """The page that the query asks for."""
        query = self._query
        needed = query.offset + query.k
        ranked = self._ranked(needed + 1) if query.terms else self._listed()
        least = DEFAULT_MIN_SCORE if query.min_score is None else query.min_score
        good = [candidate for candidate in ranked if candidate.score >= least]
        page = good[query.offset : needed]
        nothing = not good
        return Hits(
            items=self._hits(page),
            query=str(query),
            nothing=nothing,
            closest=self._hits(ranked[:_CLOSEST]) if nothing else (),
            more=len(good) > needed,
        )

    def _wanted(self, keys: Sequence[str] | None) -> BoolArray:
        """Which files the filters let through, and what is excluded by its words does not take out."""
        query, view = self._query, self._view
        wanted = meeting(view, query.filters, self._auto_tags)
        if keys is not None:
            inside = np.zeros(view.count, np.bool_)
            inside[view.rows_of(keys)] = True
            wanted &= inside
        examples = [part.content.path for part in self._terms if isinstance(part.content, Example)]
        wanted[view.rows_of(self._folders.key_of(path) for path in examples)] = False
        if query.ranking is not Ranking.VECTOR:
            for content in query.excluded:
                if isinstance(content, Text) and (tokens := analyse(content.words)):
                    wanted &= ~view.having(tokens)
        return wanted

    def _ranked(self, needed: int) -> list[Candidate]:
        """At least so many of the best candidates, if there are so many. More are looked at until none of those that
        were not can be among them."""
        depth = min(max(_LEAST_DEPTH, _DEPTH_PER_HIT * needed), max(self._view.count, 1))
        while True:
            by_words, overall_left = self._by_words(depth)
            if self._vector is None:
                durations_s = np.array([self._view.duration_s(row) for row in by_words.tolist()], np.float64)
                windows = BestWindows.none_of(by_words, durations_s)
                return sorted(self._scored(windows, np.zeros(len(by_words), np.float32)), key=_order)
            candidates, left, left_with_words = self._candidates(self._vector, by_words, overall_left, depth)
            candidates.sort(key=_order)
            # Of files without words that score equally, those that were not looked at come later.
            last = candidates[needed - 1].score if len(candidates) >= needed else 0.0
            if depth >= self._view.count or (last >= left and last > left_with_words):
                return candidates
            depth = min(4 * depth, self._view.count)

    def _by_words(self, depth: int) -> tuple[RowArray, float]:
        """So many of the files with words of the query, those that match best (of equal ones the first by path), and
        all that are named so; and how well the others match at most, by `WordMatch.overall`."""
        if not self._words.weights:
            return np.empty(0, np.intp), 0.0
        tokens = list(self._words.weights)
        expected = max(map(self._view.frequency, tokens)) * self._allowed.sum() / max(self._view.count, 1)
        if self._view.indexed_by_words and expected < depth:
            found = self._view.word_matches(tokens, limit=depth, allowed=self._allowed)
            if len(found) < depth:
                return found, 0.0
        # There are more. LanceDB's best are not the best here: it ranks by words alone, and otherwise.
        left = self._overall.copy()
        named = self._view.named(self._words.whole)
        left[named] = 0
        best = self._view.best(left, depth)
        left[best] = 0
        return np.union1d(best, named[self._allowed[named]]), float(left.max(initial=0))

    @cached_property
    def _overall(self) -> NDArray[np.float64]:
        """`WordMatch.overall` of all files that are allowed."""
        overall = self._words.overall(self._view.places, files=self._view.count)
        return np.where(self._allowed, overall, 0.0)

    def _candidates(
        self, vector: FloatArray, by_words: RowArray, overall_left: float, depth: int
    ) -> tuple[list[Candidate], float, float]:
        """The nearest files of each kind, the nearest of those that have words of the query, and those found by words;
        and the most that another can score that has no words of the query, and one that has; -1 if there is none."""
        parts, last = self._nearest(vector, depth, self._allowed)
        left, left_with_words = (-1.0 if last is None else fused(last, NO_WORDS)), -1.0
        if overall_left:
            near, last = self._nearest(vector, depth, self._allowed & (self._overall > 0))
            parts += near
            if last is not None:
                left_with_words = fused(last, WordMatch(overall=overall_left))
        windows = BestWindows.joined(parts)
        windows = windows.take(np.unique(windows.rows, return_index=True)[1])
        far = np.setdiff1d(by_words, windows.rows)
        if len(far):
            windows = BestWindows.joined([windows, self._best_windows(far, vector)])
        return self._scored(windows, self._semantic_of(windows)), left, left_with_words

    def _nearest(self, vector: FloatArray, depth: int, allowed: BoolArray) -> tuple[list[BestWindows], float | None]:
        """So many of these files, of each kind, that are the nearest; and what the next one scores at most for what it
        is like, None if there is none."""
        last = None
        found = self._view.nearest(vector, k=depth, allowed=allowed)
        for kind, best in found.items():
            if len(best.rows) == depth:
                last = max(last or 0.0, float(self._semantic(best.cosines[-1:], kind)[0]))
        return list(found.values()), last

    def _scored(self, windows: BestWindows, semantic: FloatArray) -> list[Candidate]:
        rows = windows.rows
        words = [NO_WORDS] * len(rows)
        if self._words.weights:
            words = [
                self._words.match(*of_file, path=self._view.path(row))
                for row, of_file in zip(rows.tolist(), self._view.words(rows), strict=True)
            ]
        excluded = self._excluded_by_likeness(rows)
        columns = (rows, windows.cosines, windows.starts_s, windows.ends_s, semantic)
        return [
            Candidate(
                row=row,
                path=self._view.path(row),
                cosine=cosine,
                start_s=start_s,
                end_s=end_s,
                semantic=likeness,
                words=match,
                excluded=minus,
                score=fused(likeness, match, minus),
            )
            for (row, cosine, start_s, end_s, likeness), match, minus in zip(
                zip(*(column.tolist() for column in columns), strict=True), words, excluded.tolist(), strict=True
            )
        ]

    def _listed(self) -> list[Candidate]:
        """Of a query that only filters or excludes, all files that are left."""
        rows = np.flatnonzero(self._allowed)
        minus = self._excluded_by_likeness(rows)
        listed = [
            Candidate(row, self._view.path(row), 0.0, 0.0, self._view.duration_s(row), 1.0, NO_WORDS, less, 1.0 - less)
            for row, less in zip(rows.tolist(), minus.tolist(), strict=True)
        ]
        return sorted(listed, key=_order if self._excluded else lambda candidate: candidate.path)

    def _excluded_by_likeness(self, rows: RowArray) -> FloatArray:
        """How probably each file is something that is excluded, float32 `(n,)`."""
        kept = np.ones(len(rows), np.float32)
        for part in self._excluded:
            best = self._best_windows(rows, part.vector)
            scores = self._semantic_of(best, part)
            kept *= 1 - scores
        return 1 - kept

    def _best_windows(self, rows: RowArray, vector: FloatArray) -> BestWindows:
        """The window of each of these files that is nearest to a vector, in the order of the rows given."""
        windows = self._windows(rows, vector)
        order = np.lexsort((windows.starts_s, -windows.cosines, windows.rows))
        files, firsts = np.unique(windows.rows[order], return_index=True)
        return windows.take(order[firsts][np.searchsorted(files, rows)])

    def _windows(self, rows: RowArray, vector: FloatArray) -> BestWindows:
        """All windows of these files, not only the best, and their cosines with a vector; some vectors at a time."""
        parts = []
        for windows, vectors in map(self._view.windows, self._view.portions(rows)):
            cosines = np.vecdot(vectors, vector).clip(-1, 1)
            parts.append(BestWindows(windows.rows, cosines, windows.starts_s, windows.ends_s))
        return BestWindows.joined(parts)

    def _semantic(self, cosines: FloatArray, kind: Modality, part: Part | None = None) -> FloatArray:
        """Cosines of windows of one kind -> scores; of the query, or of something that it excludes."""
        vector, asked = (self._vector, self._asked) if part is None else (part.vector, {part.modality: 1.0})
        assert vector is not None
        return self._background.scale(vector, kind, asked=asked).scores(cosines)

    def _semantic_of(self, windows: BestWindows, part: Part | None = None) -> FloatArray:
        """The same of windows of several kinds."""
        scores = np.zeros(len(windows.rows), np.float32)
        for kind, of_kind in self._view.of_modality.items():
            chosen = of_kind[windows.rows]
            if chosen.any():
                scores[chosen] = self._semantic(windows.cosines[chosen], kind, part)
        return scores

    def _hits(self, page: Sequence[Candidate]) -> tuple[Hit, ...]:
        if not page:
            return ()
        rows = np.array([candidate.row for candidate in page], np.intp)
        offline = self._folders.offline()
        moments = self._moments(page) if self._query.moments and self._vector is not None else [()] * len(page)
        parts = self._explained(rows) if self._query.explain else [()] * len(page)
        return tuple(
            self._hit(candidate, metadata, found, terms, offline)
            for candidate, metadata, found, terms in zip(page, self._view.metadata(rows), moments, parts, strict=True)
        )

    def _hit(
        self,
        candidate: Candidate,
        metadata: Metadata,
        moments: tuple[Moment, ...],
        terms: tuple[TermPart, ...],
        offline: frozenset[str],
    ) -> Hit:
        view, row = self._view, candidate.row
        why = Explanation(
            semantic=candidate.semantic,
            name=candidate.words.name,
            folder=candidate.words.folder,
            metadata=candidate.words.metadata,
            excluded=candidate.excluded,
            terms=terms,
            words=candidate.words.found,
        )
        return Hit(
            path=self._folders.path_of(candidate.path),
            modality=view.modality(row),
            score=candidate.score,
            start_s=candidate.start_s,
            end_s=candidate.end_s,
            tags=view.tags(row),
            rating=view.rating(row),
            offline=is_within(candidate.path, offline),
            cosine=candidate.cosine,
            duration_s=view.duration_s(row),
            metadata=metadata,
            auto_tags=self._auto_tags.get(view.content_hashes[row], ()),
            moments=moments,
            why=why if self._query.explain else None,
        )

    def _moments(self, page: Sequence[Candidate]) -> list[tuple[Moment, ...]]:
        """Of each sound, its stretches that are nearly as good as its best window."""
        assert self._vector is not None
        minus = {candidate.row: candidate.excluded for candidate in page}
        found = self._windows(np.array(list(minus), np.intp), self._vector)
        scores = self._semantic_of(found)
        of_file: dict[int, list[Moment]] = {}
        for row, start_s, end_s, score in zip(
            found.rows.tolist(), found.starts_s.tolist(), found.ends_s.tolist(), scores.tolist(), strict=True
        ):
            of_file.setdefault(row, []).append(Moment(start_s, end_s, fused(score, NO_WORDS, minus[row])))
        return [
            merge_moments(
                of_file[candidate.row],
                threshold=_MOMENT_SHARE * max(moment.score for moment in of_file[candidate.row]),
                most=_MOST_MOMENTS,
            )
            if self._view.modality(candidate.row) is Modality.AUDIO
            else ()
            for candidate in page
        ]

    def _explained(self, rows: RowArray) -> list[tuple[TermPart, ...]]:
        """Of each file, what each term gives to it."""
        parts = []
        for term in self._terms:
            best = self._best_windows(rows, term.vector)
            name = format_content(term.content)
            parts.append([TermPart(name, term.weight, *window) for _, *window in best.listed()])
        return list(zip(*parts, strict=True)) if parts else [()] * len(rows)


def meeting(view: View, filters: Sequence[Filter], auto_tags: AutoTags) -> BoolArray:
    """Which files of a view can be found and meet all conditions, `(rows,)`."""
    tagged = any(isinstance(condition, OneOf) and condition.field is Field.TAG for condition in filters)
    return view.found & view.meeting(filters, auto_tags=auto_tags.masks(view.content_hashes) if tagged else {})


def _order(candidate: Candidate) -> tuple[float, float, str]:
    return (-candidate.score, -candidate.cosine, candidate.path)


def _composed(terms: Sequence[Part]) -> FloatArray:
    """The direction of the weighted sum of the terms, float32 `(dim,)` of unit norm."""
    parts = np.array([term.weight * term.vector.astype(np.float64) for term in terms])  # (terms, dim)
    if np.linalg.norm(parts.sum(axis=0)) < _CANCELLED * np.abs([term.weight for term in terms]).sum():
        raise QueryError("the terms of the query cancel each other out", remedy="Give one of them another weight")
    return direction(parts)
