"""Frozen records of duplicates."""

from __future__ import annotations

from dataclasses import dataclass

from audioclip_search import DuplicateTier, Modality
from gui.records import Row


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of a group of duplicates.

    Attributes:
        row: The file.
        relation: To the best one, in words; of the best one, why it is that.
        similarity: To the best one; 1 is the most.
    """

    row: Row
    relation: str
    similarity: float


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """Files that are duplicates of the first of them, which is the best one."""

    tier: DuplicateTier
    modality: Modality
    copies: tuple[Copy, ...]
