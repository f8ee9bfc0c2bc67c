"""Which pairs are worth comparing: those that share something rare. Never all pairs.

Sounds: each fingerprint gives keys, five frames of four neighbouring signs; pairs that share several keys in the same
order are nominated. A key that many sounds have, as drums of one kind do, would give all pairs of these; so entries are
sorted by key and by what follows it, and each is paired with its nearest neighbours in that order only. Work grows with
the number of keys, and copies, which agree in what follows too, still find each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.media import SIGNS, Print, small_picture
from audioclip_search.types import FloatArray

Pairs: TypeAlias = NDArray[np.int64]
"""`(n, 2)`: positions of two contents, the lower one first; each pair once."""

_GROUP = 4  # signs of a key that are next to each other
_FRAMES = (0, 2, 4, 6, 8)  # of a key; two apart, because neighbouring ones hardly differ
_KEY_BITS = _GROUP * len(_FRAMES)
_LEAST_HOLDING = 15  # of a key's signs
_SHORT_FRAMES = (0, 2, 4)
_LEAST_HOLDING_OF_SHORT = (8, 3)
_MOST_KEYS = 512  # of a sound; of more, every second is taken, chosen by what it is, and so on
_NEIGHBOURS = 8  # in either direction
_FILES_AT_ONCE = 2_048
_FEW_KEYS = 60  # a sound with no more is nominated by a single common key
_MOST_NOMINATED = 12  # for each sound
_EXACT_UP_TO = 20_000
_ROWS_AT_ONCE = 2_048
_PROBED = 6


def alike_prints(prints: Sequence[Print]) -> Pairs:
    """Pairs of sounds that may be one recording.

    Args:
        prints: Fingerprints; empty ones are paired with none.
    """
    found = [_all_keys(print_) for print_ in prints]
    counts = np.array([len(keys) for keys, _ in found], np.int64)
    if not counts.sum():
        return np.zeros((0, 2), np.int64)
    codes = np.concatenate([keys for keys, _ in found])
    frames = np.concatenate([frames for _, frames in found]).astype(np.int64)
    del found
    order = np.argsort(codes, kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    entries = _Entries(codes, frames, np.repeat(np.arange(len(prints)), counts), order, places)
    bounds = np.concatenate(([0], np.cumsum(counts)))
    blocks = [
        np.arange(bounds[start], bounds[min(start + _FILES_AT_ONCE, len(prints))])
        for start in range(0, len(prints), _FILES_AT_ONCE)
    ]
    votes = [_votes(block, entries) for block in blocks if len(block)]
    pairs, strengths = (np.concatenate(part) for part in zip(*votes, strict=True))
    few = counts[pairs].min(axis=1) <= _FEW_KEYS
    kept = (strengths >= 2) | few
    return strongest(pairs[kept], strengths[kept].astype(np.float32), most=_MOST_NOMINATED)


def _all_keys(print_: Print) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The keys of a sound and their frames. Sounds with few have shorter ones as well, and those that are so plain that
    they still have next to none, as tones have, such of which little holds."""
    codes, frames = _keys(print_, _FRAMES, _LEAST_HOLDING)
    for least in _LEAST_HOLDING_OF_SHORT:
        if len(codes) < _FEW_KEYS:
            more, their_frames = _keys(print_, _SHORT_FRAMES, least)
            codes, frames = np.concatenate((codes, more)), np.concatenate((frames, their_frames))
    mixed = (codes >> SIGNS) * 0x9E3779B1 >> 8  # so that it is chance which keys are chosen, the same for all
    stride = 1
    while len(codes) > _MOST_KEYS * stride:
        stride *= 2
    chosen = mixed % stride == 0
    return codes[chosen], frames[chosen]


def _keys(print_: Print, offsets: Sequence[int], least: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Keys of frames at these offsets of which so many signs hold, above the signs that follow; and their frames."""
    ahead = offsets[-1] + 2
    length = max(len(print_) - ahead, 0)
    following = (print_[ahead:] & np.uint32(0xFFFF)).astype(np.int64)[:length]
    codes, frames = [], []
    for group in range(SIGNS // _GROUP):
        code = np.full(length, SIGNS + group, np.int64)  # so that keys of one length are not those of another
        holding = np.zeros(length, np.int64)
        for offset in offsets:
            numbers = print_[offset : offset + length] >> np.uint32(group * _GROUP)
            code = (code << _GROUP) | (numbers & np.uint32((1 << _GROUP) - 1))
            holding += np.bitwise_count((numbers >> np.uint32(SIGNS)) & np.uint32((1 << _GROUP) - 1))
        sure = np.flatnonzero(holding >= least)
        codes.append((code[sure] << SIGNS) | following[sure])
        frames.append(sure.astype(np.int32))
    return np.concatenate(codes), np.concatenate(frames)


@dataclass(frozen=True, slots=True)
class _Entries:
    """All keys of all sounds, int64 `(n,)` each: `codes`, the `frames` and sounds (`owners`) they are of; what is where
    if they are sorted by code (`order`), and where each is then (`places`)."""

    codes: NDArray[np.int64]
    frames: NDArray[np.int64]
    owners: NDArray[np.int64]
    order: NDArray[np.int64]
    places: NDArray[np.int64]


def _votes(here: NDArray[np.int64], entries: _Entries) -> tuple[Pairs, NDArray[np.int64]]:
    """For the sounds whose keys these are, the pairs with others, and how many keys they share with the same time
    between them, to 40 ms."""
    codes, frames, owners = entries.codes, entries.frames, entries.owners
    first, many = int(owners[here[0]]), int(owners[-1]) + 1
    found = []
    for step in (*range(-_NEIGHBOURS, 0), *range(1, _NEIGHBOURS + 1)):
        there = entries.places[here] + step
        inside = (there >= 0) & (there < len(codes))
        mine, other = here[inside], entries.order[there[inside]]
        same = (codes[mine] >> SIGNS == codes[other] >> SIGNS) & (owners[mine] != owners[other])
        mine, other = mine[same], other[same]
        apart = (frames[other] - frames[mine] + (1 << 19)) >> 1
        found.append((((owners[mine] - first) * many + owners[other]) << 20) | apart)
    values, counts = np.unique(np.concatenate(found), return_counts=True)
    names, starts = np.unique(values >> 20, return_index=True)
    most = np.maximum.reduceat(counts, starts) if len(names) else counts
    pairs = np.stack((names // many + first, names % many), axis=1)
    return np.sort(pairs, axis=1), most


def strongest(pairs: Pairs, strengths: FloatArray, *, most: int) -> Pairs:
    """Those pairs that are among the `most` strongest of either of the two; each once.

    Args:
        pairs: May come several times, with different strengths.
        strengths: float32 `(n,)`.
        most: For each content.
    """
    if not len(pairs):
        return pairs
    ends = np.concatenate((pairs[:, 0], pairs[:, 1]))
    order = np.lexsort((np.concatenate((-strengths, -strengths)), ends))
    sorted_ends = ends[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_ends[1:] != sorted_ends[:-1])))
    ranks = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    kept = np.unique(order[ranks < most] % len(pairs))
    return np.unique(pairs[kept], axis=0)


def alike_pictures(prints: Sequence[bytes]) -> Pairs:
    """Pairs of pictures that may be the same: they share one of four parts of a hash of 64 signs, each of whether a
    place is brighter than the one to its right. Of pictures that share a part with many, only the next few in order."""
    hashes = np.array([_difference_hash(print_) for print_ in prints], np.uint64)
    found = []
    for part in range(4):
        keys = (hashes >> np.uint64(16 * part)) & np.uint64(0xFFFF)
        order = np.lexsort((hashes, keys))
        for step in range(1, _NEIGHBOURS + 1):
            mine, other = order[:-step], order[step:]
            same = keys[mine] == keys[other]
            found.append(np.stack((mine[same], other[same]), axis=1))
    pairs = np.concatenate(found) if found else np.zeros((0, 2), np.int64)
    return np.unique(np.sort(pairs.astype(np.int64), axis=1), axis=0)


def _difference_hash(print_: bytes) -> int:
    greys, _ = small_picture(print_)
    means = greys.astype(np.float32).reshape(8, 4, 32)[:, :, :].mean(axis=1)  # (8, 32)
    columns = np.stack([part.mean(axis=1) for part in np.array_split(means, 9, axis=1)], axis=1)  # (8, 9)
    return int.from_bytes(np.packbits(columns[:, 1:] > columns[:, :-1]).tobytes(), "big")


def near_vectors(vectors: FloatArray, *, most: int, least: float) -> tuple[Pairs, FloatArray]:
    """Pairs with a cosine of `least` or more, of each content the `most` nearest at most, and the cosines.

    Exact up to 20,000 contents. Beyond, each is compared with those in the cells nearest to it, of which there are
    about as many as the square root of their number: a few neighbours are missed.

    Args:
        vectors: float32 `(n, dim)`, unit norm.
        most: Neighbours of each.
        least: In [-1, 1].
    """
    found: list[tuple[Pairs, FloatArray]] = []
    for mine, others in _comparisons(vectors):
        cosines = vectors[mine] @ vectors[others].T  # (mine, others)
        cosines[mine[:, None] == others[None, :]] = -2
        count = min(most, len(others))
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(cosines, nearest, axis=1)
        pairs = np.stack((np.repeat(mine, count), others[nearest].ravel()), axis=1)
        near = values.ravel() >= least
        found.append((np.sort(pairs[near], axis=1), values.ravel()[near]))
    if not found:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
    pairs, cosines = (np.concatenate(part) for part in zip(*found, strict=True))
    unique, first = np.unique(pairs, axis=0, return_index=True)
    return unique, cosines[first]


def _comparisons(vectors: FloatArray) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows, and the rows that they are compared with."""
    everything = np.arange(len(vectors))
    if len(vectors) <= _EXACT_UP_TO:
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            yield everything[start : start + _ROWS_AT_ONCE], everything
        return
    middles = vectors[np.random.default_rng(0).choice(len(vectors), int(len(vectors) ** 0.5), replace=False)]
    probed = np.concatenate(
        [
            np.argpartition(-(vectors[start : start + _ROWS_AT_ONCE] @ middles.T), _PROBED, axis=1)[:, :_PROBED]
            for start in range(0, len(vectors), _ROWS_AT_ONCE)
        ]
    )  # (n, _PROBED), the cells nearest to each
    for cell in range(len(middles)):
        inside = np.flatnonzero((probed == cell).any(axis=1))
        for start in range(0, len(inside), _ROWS_AT_ONCE):
            yield inside[start : start + _ROWS_AT_ONCE], inside
