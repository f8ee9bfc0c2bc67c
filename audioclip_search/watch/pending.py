"""What has changed and is not quiet yet. No threads, no clock, no disk: times and what files look like are given.

Paths are plain strings, absolute and normal, because there may be thousands a second.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

PATIENCE_S = 60.0
LIMIT = 5_000
# A move between two folders that are watched apart, and on Windows any move between folders, is seen as something that
# goes and something that comes. inotify holds the first back for half a second.
_GATHER_S = 1.0
_EVERYTHING = ""  # the path of a rescan: an ancestor of all


class Oddity(Enum):
    """What can't be told by a size and a time."""

    GONE = "gone"
    FOLDER = "folder"  # its time changes with what is in it, which has events of its own
    UNSEEN = "unseen"  # not looked at since the last event


Look: TypeAlias = tuple[int, int] | Oddity  # size in bytes, mtime_ns


@dataclass(slots=True)
class _Entry:
    """One path on which something happened.

    `absorbs`: what happens below is not stored, it only makes this one wait, at most until `until`. `looks`: it is
    quiet only if it also looks the same for that long. `tied`: paths, this one among them, to be reported together.
    """

    since: float
    look: Look = Oddity.UNSEEN
    looks: bool = True
    absorbs: bool = False
    until: float = math.inf
    tied: set[str] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Paths that have become quiet, and those, of which some may lie below the former, that have not."""

    quiet: frozenset[str]
    restless: frozenset[str]
    rescan: bool


class Pending:
    """Gathers events until what they are about is quiet.

    A path is quiet when nothing has been reported of it for `quiet_s`, and it has looked the same for as long: a file
    may be written by somebody whose writes cause no events. Others don't wait for it, except those it is tied to by a
    move. What is quiet waits a little, `quiet_s` or a second at most, if more is about to be: one of many files for the
    next, what has gone for what may have come instead.

    More than `limit` paths become their parent folders, which wait until it is quiet below them or `PATIENCE_S` have
    passed; if these are still many, all become a rescan.

    Not thread-safe.

    Args:
        quiet_s: Seconds.
        roots: Folders above which nothing is reported.
        limit: Paths remembered at most.
    """

    def __init__(self, quiet_s: float, roots: Collection[str] = (), *, limit: int = LIMIT) -> None:
        self._quiet_s = quiet_s
        self.roots = frozenset(roots)
        self._limit = limit
        self._entries: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def touch(self, path: str, now: float) -> None:
        """Something happened to a file or folder."""
        self._touch(path, now)
        self._shrink(now)

    def move(self, old: str, new: str, now: float, *, folder: bool) -> None:
        """A file or folder was renamed; both will be quiet at the same time. Files below a folder go with it."""
        if folder:
            for path in [path for path in self._entries if path.startswith(old + os.sep)]:
                self._rename(path, new + path[len(old) :], now)
        self._tie(self._touch(old, now), self._touch(new, now))
        self._shrink(now)

    def rescan(self, now: float) -> None:
        """Events were lost: everything has to be looked at."""
        entry = self._entries.setdefault(_EVERYTHING, _Entry(now, Oddity.FOLDER, looks=False, until=now + PATIENCE_S))
        entry.since = now

    def to_look_at(self, now: float) -> list[str]:
        """Paths whose look `settle` wants to know: new ones and those that may be quiet."""
        return [
            path
            for path, entry in self._entries.items()
            if entry.looks and (entry.look is Oddity.UNSEEN or entry.since + self._quiet_s <= now)
        ]

    def settle(self, looks: Mapping[str, Look], now: float) -> Settled | None:
        """Take out what is quiet.

        Args:
            looks: Of the paths that `to_look_at` named.
            now: The time given to `to_look_at`. What happened since then makes a path wait whatever its look.

        Returns:
            None if nothing is quiet.
        """
        for path, look in looks.items():
            entry = self._entries.get(path)
            if entry is not None and entry.since <= now and entry.look != look:
                entry.look, entry.since = look, now
        ready = {path for path, entry in self._entries.items() if self._is_quiet(path, entry, looks, now)}
        blocked = {path for path in ready if not ready.issuperset(self._entries[path].tied or ())}
        for path in blocked:  # to be looked at when the last of those it is tied to is
            tied = self._entries[path].tied or ()
            self._entries[path].since = max(self._entries[other].since for other in tied)
        ready -= blocked
        if not ready or self._is_gathering(ready, now):
            return None
        for path in ready:
            del self._entries[path]
        rescan = _EVERYTHING in ready
        return Settled(frozenset(ready - {_EVERYTHING}), frozenset(self._entries) - {_EVERYTHING}, rescan)

    def next_s(self) -> float:
        """When `settle` may find something; infinity if nothing is pending."""
        return min(
            (min(entry.since + self._quiet_s, entry.until) for entry in self._entries.values()), default=math.inf
        )

    def _is_quiet(self, path: str, entry: _Entry, looks: Mapping[str, Look], now: float) -> bool:
        if now >= entry.until:
            return True
        return entry.since + self._quiet_s <= now and (not entry.looks or looks.get(path) == entry.look)

    def _is_gathering(self, ready: set[str], now: float) -> bool:
        """Whether to wait a little for more: the other half of a move, or the next of many files."""
        overdue_s = now - min(self._entries[path].since + self._quiet_s for path in ready)
        any_gone = any(self._entries[path].look is Oddity.GONE for path in ready)
        for path, entry in self._entries.items():
            if path in ready or entry.tied is not None:
                continue
            wait_s = entry.since + self._quiet_s - now
            if overdue_s < _GATHER_S and wait_s <= _GATHER_S and (any_gone or entry.look is Oddity.GONE):
                return True
            if overdue_s < self._quiet_s and wait_s <= self._quiet_s / 4:
                return True
        return False

    def _touch(self, path: str, now: float) -> str:
        """Returns the path it is remembered as."""
        path = self._absorbing(path)
        entry = self._entries.get(path)
        if entry is None:
            self._entries[path] = _Entry(now)
        else:
            entry.since = now
            if entry.looks:
                entry.look = Oddity.UNSEEN
        return path

    def _absorbing(self, path: str) -> str:
        """What absorbs an event: something above, or the path itself."""
        for above in (path, *ancestors(path), _EVERYTHING):
            entry = self._entries.get(above)
            if entry is not None and entry.absorbs:
                return above
        return path

    def _tie(self, *paths: str) -> None:
        groups = [self._entries[path].tied or {path} for path in paths]
        largest = max(groups, key=len)
        for group in groups:
            if group is not largest:
                largest |= group
                for path in group:
                    self._entries[path].tied = largest
        if len(largest) > 1:
            for path in paths:
                self._entries[path].tied = largest

    def _rename(self, old: str, new: str, now: float) -> None:
        entry = self._entries.pop(old)
        tied = (entry.tied or set()) - {old}
        if entry.tied is not None:
            entry.tied.discard(old)
        new = self._touch(new, now)
        if entry.absorbs:
            self._entries[new] = _absorber(self._entries[new], now)
        if tied:
            self._tie(new, *tied)

    def _shrink(self, now: float) -> None:
        if len(self._entries) <= self._limit:
            return
        groups = {id(entry.tied): entry.tied for entry in self._entries.values() if entry.tied is not None}
        kept = {path: self._parent(path) for path in self._entries}
        old, self._entries = self._entries, {}
        for path, parent in kept.items():
            self._entries.setdefault(parent, _absorber(old.get(parent), now))
            if path == _EVERYTHING:
                self._entries[path] = old[path]
        if len(self._entries) > self._limit // 2:
            self._entries = {_EVERYTHING: _absorber(old.get(_EVERYTHING), now)}
            return
        for group in groups.values():
            self._tie(*{kept[path] for path in group})

    def _parent(self, path: str) -> str:
        if path == _EVERYTHING or path in self.roots or self._entries[path].absorbs:
            return path
        return os.path.split(path)[0]


def _absorber(before: _Entry | None, now: float) -> _Entry:
    until = now + PATIENCE_S if before is None else min(before.until, now + PATIENCE_S)
    return _Entry(now, Oddity.FOLDER, looks=False, absorbs=True, until=until)


def ancestors(path: str) -> Iterator[str]:
    """The folders above a path, the nearest first."""
    above = os.path.split(path)[0]
    while above != path:
        yield above
        path, above = above, os.path.split(above)[0]
