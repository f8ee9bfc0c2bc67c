"""What finding duplicates gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from audioclip_search.types import Modality


class DuplicateTier(StrEnum):
    """In which way files are duplicates of each other. A pair of files is of one tier only, the first that fits."""

    IDENTICAL = "identical"
    """Equal samples or pixels, in whatever container and with whatever metadata; texts with equal bytes."""

    SAME = "same"
    """One recording or picture at another level, cut, padded, inverted, resampled, scaled or encoded with a loss."""

    ALIKE = "alike"
    """Another one, which the model can hardly tell from it."""


@dataclass(frozen=True, slots=True)
class DuplicateFile:
    """A file of a group, as it stands to the best one.

    Attributes:
        path: Absolute.
        relation: In words: `mp3 of it, 3.1 dB quieter, begins 0.52 s into it`; of the best file, why it is the best.
        similarity: Of sounds' waves or pictures' shapes, or the cosine of the vectors if they are merely alike; 1 is
            the most.
        offset_s: Where the file begins in the best one, seconds; negative if it begins earlier.
        gain_db: By how much it is louder.
        offline: Whether the folder that it is in can't be reached now.
    """

    path: Path
    relation: str
    similarity: float = 1.0
    offset_s: float = 0.0
    gain_db: float = 0.0
    offline: bool = False


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Files that are duplicates of the best of them; each was compared with it, not only with each other.

    Of files that are identical, only the best one is in groups of the other tiers; of those that are the same, only
    the best one is in groups of sounds alike.

    Attributes:
        tier: In which way.
        modality: What they are.
        best: The file to keep, if only one is to be kept.
        files: All of them, the best one first, the others by path.
    """

    tier: DuplicateTier
    modality: Modality
    best: Path
    files: tuple[DuplicateFile, ...]

    @property
    def worse(self) -> tuple[Path, ...]:
        """All but the best one."""
        return tuple(file.path for file in self.files[1:])
