"""Finding duplicates: examine what is not known yet, nominate pairs, compare them, make groups."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioclip_search.duplicates.examining import compare, examine
from audioclip_search.duplicates.grouping import Link, Version, connected, ranked, reasons, relation, stars
from audioclip_search.duplicates.ledger import MODALITIES, Ledger, Pair, pair_of
from audioclip_search.duplicates.nominate import alike_pictures, alike_prints, near_vectors
from audioclip_search.duplicates.pictures import LEAST_PICTURE_SIMILARITY, picture_similarity
from audioclip_search.duplicates.records import DuplicateFile, DuplicateGroup, DuplicateTier
from audioclip_search.folders import Folders
from audioclip_search.indexer import is_within
from audioclip_search.media import FRAMES_PER_S, Agreement, ContentFacts, Print, likeness, sure_signs
from audioclip_search.storage import Content, IndexStore
from audioclip_search.types import CancelToken, FloatArray, Modality, OnProgress, SyncProgress, SyncStage

_REMEMBERED_AT_ONCE = 256
LEAST_SCORE = 4.0  # of a likeness, to be worth decoding both
PLAIN_SIGNS = 120  # a fingerprint with fewer says nothing: a tone's, or one of a tenth of a second
_NEAR, _NEAREST = 0.9, 4  # a copy's vectors are that close to the original's, and among so many
_ROUNDS = 3  # in which the best of those that hang together is compared with what it was not compared with yet
_MOST_ALIKE = 24  # neighbours of each
_BACKGROUND_PAIRS = 20_000
_BACKGROUND_SHARE = 0.999
_LEAST_ALIKE = 0.9

_Links = dict[int, dict[int, Link]]


class DuplicateSearch:
    """One search for duplicates in a library; it examines what is not known yet when it is made.

    Args:
        store: The index.
        folders: Where its files are.
        on_progress: Told how far it is.
        cancel: Ends it, by a `CancelledError`; what was found out about files stays known.
    """

    def __init__(
        self,
        store: IndexStore,
        folders: Folders,
        *,
        on_progress: OnProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        self._store = store
        self._folders = folders
        self._offline = folders.offline()
        self._ledger = Ledger(store)
        self._on_progress = on_progress
        self._cancel = cancel or CancelToken()
        self._stored = store.stored()
        self._contents = self._stored.by_content()
        self._facts = self._all_facts()
        self._versions = self._all_versions()
        self._apart = self._told_apart()

    def groups(self, tiers: Collection[DuplicateTier], *, alike: float | None = None) -> list[DuplicateGroup]:
        """The groups of these tiers, tier by tier, by path; see `Library.duplicates`."""
        found = self._identical() if DuplicateTier.IDENTICAL in tiers else []
        if DuplicateTier.SAME in tiers or DuplicateTier.ALIKE in tiers:
            links = self._links_of_sounds() | self._links_of_pictures()
            same = self._stars(links)
            if DuplicateTier.SAME in tiers:
                found += self._groups(DuplicateTier.SAME, same, links)
            if DuplicateTier.ALIKE in tiers:
                near = self._links_of_vectors(links, same, alike)
                found += self._groups(DuplicateTier.ALIKE, self._stars(near), near)
        self._tell(SyncStage.DONE, len(self._contents), len(self._contents))
        order = list(DuplicateTier)
        return sorted(found, key=lambda group: (order.index(group.tier), str(group.best)))

    # What is in the files

    def _all_facts(self) -> dict[Content, ContentFacts]:
        facts = {content: known for content, known in self._ledger.facts().items() if content in self._contents}
        missing = {
            content: reachable
            for content, paths in self._contents.items()
            if content[0] in MODALITIES and content not in facts and (reachable := self._reachable(paths))
        }
        fresh: dict[Content, ContentFacts] = {}
        try:
            for done, (content, known) in enumerate(examine(missing, cancel=self._cancel), 1):
                if known is not None:
                    fresh[content] = known
                if len(fresh) == _REMEMBERED_AT_ONCE:
                    facts |= self._remembered(fresh)
                    fresh = {}
                self._tell(SyncStage.EXAMINE, done, len(missing), self._contents[content][0])
        finally:
            facts |= self._remembered(fresh)
        return facts

    def _remembered(self, facts: dict[Content, ContentFacts]) -> dict[Content, ContentFacts]:
        self._ledger.add_facts(facts)
        return facts

    def _reachable(self, paths: Iterable[str]) -> list[Path]:
        return [self._folders.path_of(path) for path in paths if not is_within(path, self._offline)]

    def _all_versions(self) -> list[Version]:
        """Every different sound, picture and text; what can't be examined differs if its bytes do."""
        holding: dict[Content, list[Content]] = defaultdict(list)
        for content in self._contents:
            known = self._facts.get(content)
            holding[content[0], known.samples if known is not None and known.samples else content[1]].append(content)
        return [self._version(samples, contents) for (_, samples), contents in holding.items()]

    def _version(self, samples: str, contents: Sequence[Content]) -> Version:
        paths = [path for content in contents for path in self._contents[content]]
        paths.sort(key=lambda path: (is_within(path, self._offline), path))
        return Version(
            modality=Modality(contents[0][0]),
            facts=self._facts.get(contents[0]) or ContentFacts(samples=samples),
            contents=tuple(digest for _, digest in contents),
            paths=tuple(paths),
            size=self._stored[paths[0]].stamp.size,
        )

    def _told_apart(self) -> set[tuple[int, int]]:
        """The pairs of versions that a person says are no duplicates."""
        number_of = {digest: number for number, version in enumerate(self._versions) for digest in version.contents}
        pairs = [
            (number_of[first], number_of[second])
            for first, second in self._ledger.rejections()
            if first in number_of and second in number_of
        ]
        return {*pairs, *((second, first) for first, second in pairs)}

    # Identical

    def _identical(self) -> list[DuplicateGroup]:
        rejected = self._ledger.rejections()
        found = []
        for version in self._versions:
            group: list[str] = []
            for path in self._there(version) if len(version.paths) > 1 else ():
                digest = self._stored[path].content_hash
                if all(pair_of(digest, self._stored[other].content_hash) not in rejected for other in group):
                    group.append(path)
            if len(group) > 1:
                best, *others = (self._file(path, self._identity_of(path, group[0])) for path in group)
                files = (best, *sorted(others, key=lambda file: file.path))
                found.append(DuplicateGroup(DuplicateTier.IDENTICAL, version.modality, best.path, files))
        return found

    def _identity_of(self, path: str, best: str) -> str:
        if path == best:
            return "best: as good as any, and first by name"
        if self._stored[path].content_hash == self._stored[best].content_hash:
            return "the same bytes"
        stamp = self._stored[path].stamp
        known = self._facts.get((stamp.modality.value, self._stored[path].content_hash))
        what = "pixels" if stamp.modality is Modality.IMAGE else "samples"
        return f"the same {what}" + (f", as {known.encoding}" if known is not None else "")

    # The same

    def _links_of_sounds(self) -> _Links:
        sounds = self._examined(Modality.AUDIO)
        prints = {number: np.frombuffer(self._versions[number].facts.print, np.uint32) for number in sounds}
        pairs = alike_prints([prints[number] for number in sounds])
        numbers = np.array(sounds, np.int64)
        candidates = {*map(tuple, numbers[pairs].tolist()), *self._near_pairs(Modality.AUDIO)}
        verdicts = self._ledger.verdicts()
        self._compare(self._worth_comparing(candidates, prints, verdicts, least=LEAST_SCORE), verdicts)
        for _ in range(_ROUNDS):
            links = self._links(verdicts)
            further = self._uncompared(links, verdicts)
            if not further:
                break
            self._compare(self._worth_comparing(further, prints, verdicts, least=-np.inf), verdicts)
        return self._links(verdicts)

    def _examined(self, modality: Modality) -> list[int]:
        return [
            number
            for number, version in enumerate(self._versions)
            if version.modality is modality and version.facts.print
        ]

    def _near_pairs(self, modality: Modality) -> list[tuple[int, int]]:
        """Pairs whose vectors are close."""
        numbers, vectors = self._vectors(modality)
        pairs, _ = near_vectors(vectors, most=_NEAREST, least=_NEAR)
        examined = set(self._examined(modality))
        return [(one, other) for one, other in numbers[pairs].tolist() if one in examined and other in examined]

    def _worth_comparing(
        self,
        candidates: Iterable[tuple[int, ...]],
        prints: Mapping[int, Print],
        verdicts: Mapping[Pair, Agreement],
        *,
        least: float,
    ) -> list[tuple[Pair, float]]:
        """Of the candidates that were not compared yet, those whose fingerprints are alike enough or say nothing, and
        about where the second begins in the first."""
        found = []
        for one, other in candidates:
            first, second = sorted((one, other), key=lambda number: self._versions[number].facts.samples)
            pair = self._versions[first].facts.samples, self._versions[second].facts.samples
            if pair in verdicts:
                continue
            fit = likeness(prints[first], prints[second])
            if fit.score >= least or min(sure_signs(prints[first]), sure_signs(prints[second])) < PLAIN_SIGNS:
                found.append((pair, fit.offset / FRAMES_PER_S))
        return found

    def _compare(self, pairs: Sequence[tuple[Pair, float]], verdicts: dict[Pair, Agreement]) -> None:
        """Compare, and remember."""
        paths = {
            version.facts.samples: self._reachable(version.paths)
            for version in self._versions
            if version.modality is Modality.AUDIO
        }
        fresh: dict[Pair, Agreement] = {}
        try:
            for done, (pair, fit) in enumerate(compare(pairs, paths, cancel=self._cancel), 1):
                if fit is not None:
                    fresh[pair] = verdicts[pair] = fit
                if len(fresh) == _REMEMBERED_AT_ONCE:
                    self._ledger.add_verdicts(fresh)
                    fresh = {}
                self._tell(SyncStage.COMPARE, done, len(pairs))
        finally:
            self._ledger.add_verdicts(fresh)

    def _links(self, verdicts: Mapping[Pair, Agreement]) -> _Links:
        number_of = {self._versions[number].facts.samples: number for number in self._examined(Modality.AUDIO)}
        links: _Links = {number: {} for number in number_of.values()}
        for (first, second), fit in verdicts.items():
            if fit.same and first in number_of and second in number_of:
                link = Link(fit.similarity, fit.offset_s, fit.gain_db, fit.inverted)
                links[number_of[first]][number_of[second]] = link
                links[number_of[second]][number_of[first]] = link.reversed()
        return links

    def _uncompared(self, links: _Links, verdicts: Mapping[Pair, Agreement]) -> set[tuple[int, int]]:
        """The pairs of the best of each group with those that hang together with it."""
        best_of = {numbers[0] for numbers in self._stars(links)}
        found = set()
        for component in connected(links):
            for best in best_of.intersection(component):
                for number in component:
                    samples = pair_of(self._versions[best].facts.samples, self._versions[number].facts.samples)
                    if number != best and samples not in verdicts:
                        found.add((best, number))
        return found

    def _links_of_pictures(self) -> _Links:
        pictures = self._examined(Modality.IMAGE)
        pairs = alike_pictures([self._versions[number].facts.print for number in pictures])
        numbers = np.array(pictures, np.int64)
        links: _Links = {number: {} for number in pictures}
        for one, other in {*map(tuple, numbers[pairs].tolist()), *self._near_pairs(Modality.IMAGE)}:
            similarity = picture_similarity(self._versions[one].facts, self._versions[other].facts)
            if similarity >= LEAST_PICTURE_SIMILARITY:
                links[one][other] = links[other][one] = Link(similarity)
        return links

    # Alike

    def _links_of_vectors(self, same: _Links, groups: Sequence[Sequence[int]], alike: float | None) -> _Links:
        """Those whose vectors are close, without what is the same or is the same as a better one."""
        worse = {number for numbers in groups for number in numbers[1:]}
        links: _Links = {}
        for modality in MODALITIES:
            numbers, vectors = self._vectors(modality)
            kept = np.array([number not in worse for number in numbers.tolist()], np.bool_)
            numbers, vectors = numbers[kept], vectors[kept]
            least = _unusual(vectors) if alike is None else alike
            pairs, cosines = near_vectors(vectors, most=_MOST_ALIKE, least=least)
            links |= {number: {} for number in numbers.tolist()}
            for (one, other), cosine in zip(numbers[pairs].tolist(), cosines.tolist(), strict=True):
                if other not in same.get(one, {}):
                    links[one][other] = links[other][one] = Link(min(cosine, 1.0))
        return links

    def _vectors(self, modality: Modality) -> tuple[NDArray[np.int64], FloatArray]:
        """The versions that have any, and their mean vectors, float32 `(n, dim)`."""
        numbers, rows = [], []
        paths, vectors = self._all_vectors
        row_of = {path: row for row, path in enumerate(paths)}
        for number, version in enumerate(self._versions):
            row = next((row_of[path] for path in version.paths if path in row_of), None)
            if version.modality is modality and row is not None:
                numbers.append(number)
                rows.append(row)
        return np.array(numbers, np.int64), vectors[np.array(rows, np.int64)]

    @cached_property
    def _all_vectors(self) -> tuple[list[str], FloatArray]:
        paths, _, vectors = self._store.mean_vectors()
        return paths, vectors

    # Groups

    def _stars(self, links: _Links) -> list[list[int]]:
        number_of = {id(version): number for number, version in enumerate(self._versions)}

        def in_order(numbers: Sequence[int]) -> list[int]:
            return [number_of[id(version)] for version in ranked(self._versions[number] for number in numbers)]

        return stars(links, ranked=in_order, apart=lambda one, other: (one, other) in self._apart)

    def _groups(self, tier: DuplicateTier, stars_: Iterable[Sequence[int]], links: _Links) -> list[DuplicateGroup]:
        """As groups, those of which the best and another file are there."""
        found = []
        for numbers in stars_:
            places = {number: there[0] for number in numbers if (there := self._there(self._versions[number]))}
            if numbers[0] in places and len(places) > 1:
                found.append(self._group(tier, places, links))
        return found

    def _group(self, tier: DuplicateTier, places: Mapping[int, str], links: _Links) -> DuplicateGroup:
        """One, of numbers, the best first, and where each is."""
        best, *others = places
        version = self._versions[best]
        files = []
        for number in others:
            other, link = self._versions[number], links[best][number]
            alike = f"like it to {link.similarity:.2f}"
            words = alike if tier is DuplicateTier.ALIKE else relation(other, version, link)
            files.append(self._file(places[number], words, link))
        why = reasons(version, [self._versions[number] for number in others])
        files.sort(key=lambda file: file.path)
        head = self._file(places[best], why)
        return DuplicateGroup(tier, version.modality, head.path, (head, *files))

    def _there(self, version: Version) -> list[str]:
        """The files that hold it, but for those that are gone or changed since they were indexed, and for links to
        others of them: who deletes all but one is to have that one still."""
        found: dict[str, str] = {}
        for path in version.paths:
            place, stamp = self._folders.path_of(path), self._stored[path].stamp
            if is_within(path, self._offline):
                found[path] = path
                continue
            try:
                stat = place.stat()
            except OSError:
                continue
            if (stat.st_size, stat.st_mtime_ns) != (stamp.size, stamp.mtime_ns):
                continue
            real = os.path.realpath(place)
            if real not in found or not place.is_symlink():
                found[real] = path
        kept = set(found.values())
        return [path for path in version.paths if path in kept]

    def _file(self, path: str, words: str, link: Link | None = None) -> DuplicateFile:
        link = link or Link(1.0)
        return DuplicateFile(
            path=self._folders.path_of(path),
            relation=words,
            similarity=link.similarity,
            offset_s=link.offset_s,
            gain_db=link.gain_db,
            offline=is_within(path, self._offline),
        )

    def _tell(self, stage: SyncStage, done: int, total: int, path: str = "") -> None:
        if self._on_progress is not None:
            self._on_progress(SyncProgress(stage, done, total, path))


def _unusual(vectors: FloatArray) -> float:
    """A cosine that one of a thousand pairs of the library reaches, but 0.9 at least."""
    if len(vectors) < 2:
        return _LEAST_ALIKE
    random = np.random.default_rng(0)
    first = random.integers(len(vectors), size=_BACKGROUND_PAIRS)
    step = random.integers(1, len(vectors), size=_BACKGROUND_PAIRS)
    cosines = np.vecdot(vectors[first], vectors[(first + step) % len(vectors)])
    return max(_LEAST_ALIKE, float(np.quantile(cosines, _BACKGROUND_SHARE)))
