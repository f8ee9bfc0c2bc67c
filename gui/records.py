"""Frozen records that travel between the engine's process and the window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter

from audioclip_search import AutoTag, Explanation, Modality, Moment


class Problem(StrEnum):
    """Kinds of trouble that the window treats differently."""

    EXPECTED = "expected"
    """The environment's or the input's fault: a sentence with a remedy."""

    LOCKED = "locked"
    """Another process has been writing the index for long."""

    BUG = "bug"
    """Ours; the details are in the log."""

    LOST = "lost"
    """The engine's process is gone."""

    CANCELLED = "cancelled"
    """Somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be done, in words for people.

    Attributes:
        kind: How to treat it.
        reason: A sentence without a final stop.
        where: The file or folder concerned; empty if there is none.
        remedy: What to do about it; empty if there is nothing.
        position: Of the character of a query where it is wrong; None otherwise.
        details: A traceback, for the log.
    """

    kind: Problem
    reason: str
    where: str = ""
    remedy: str = ""
    position: int | None = None
    details: str = ""

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.reason}" if self.where else self.reason
        sentence = sentence[:1].upper() + sentence[1:]
        return f"{sentence}. {self.remedy}." if self.remedy else f"{sentence}."


@dataclass(frozen=True, slots=True)
class Row:
    """A file as the results show it.

    Attributes:
        path: Absolute.
        modality: What kind of file it is.
        score: How probably it is what was asked for, in [0, 1]; None when nothing was.
        start_s: Where its best window starts, seconds; 0 for pictures and texts.
        end_s: Where that ends, seconds; 0 if there is none.
        duration_s: Of a sound, seconds; 0 otherwise.
        size: Bytes.
        mtime_ns: Last modification, nanoseconds since the epoch.
        rate_hz: Of a sound; 0 if unknown. So are the following.
        channels: Of a sound.
        bits: Of a sound.
        width: Of a picture, pixels.
        height: Of a picture, pixels.
        tags: The user's own, favourites and collections among them (see `gui.organisation`).
        auto_tags: A model's.
        rating: 1 to 5; 0 for none.
        offline: Whether its folder can't be reached now.
        failure: Why it can't be found by what it is; empty if it can.
        moments: Its best stretches, best first, if it is long.
        why: What its score is made of.
    """

    path: str
    modality: Modality
    score: float | None = None
    start_s: float = 0.0
    end_s: float = 0.0
    duration_s: float = 0.0
    size: int = 0
    mtime_ns: int = 0
    rate_hz: int = 0
    channels: int = 0
    bits: int = 0
    width: int = 0
    height: int = 0
    tags: tuple[str, ...] = ()
    auto_tags: tuple[AutoTag, ...] = ()
    rating: int = 0
    offline: bool = False
    failure: str = ""
    moments: tuple[Moment, ...] = ()
    why: Explanation | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.replace("\\", "/").rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The folder it is in, absolute."""
        return self.path.replace("\\", "/").rpartition("/")[0] or "/"

    @property
    def format(self) -> str:
        """Its suffix in capitals, without the dot."""
        return self.name.rpartition(".")[2].upper() if "." in self.name else ""

    def refreshed(self, fresh: Row) -> Row:
        """What is known of the file by now, with what this one was found by."""
        return replace(
            fresh, score=self.score, start_s=self.start_s, end_s=self.end_s, moments=self.moments, why=self.why
        )

    def __reduce__(self) -> tuple[type[Row], tuple[object, ...]]:
        """A hundred thousand of them go to the window when all files are shown: this takes half of the usual time."""
        return Row, _values_of(self)


_values_of = attrgetter(*Row.__dataclass_fields__)
