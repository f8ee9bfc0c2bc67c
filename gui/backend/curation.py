"""Frozen records of what is said of files: tags and how often, what can be undone, what tagging and writing did."""

from __future__ import annotations

from dataclasses import dataclass

from audioclip_search import Failure, Marker, TaggedFile, WrittenFile


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, or a collection's name, and how many files have it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class KnownTags:
    """All that files of the library are called, the most frequent first.

    Attributes:
        favourites: How many files are.
        collections: By their names.
        tags: The user's own.
        suggested: A model's, confirmed ones among them.
    """

    favourites: int = 0
    collections: tuple[TagCount, ...] = ()
    tags: tuple[TagCount, ...] = ()
    suggested: tuple[TagCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What undo would undo.

    Attributes:
        steps: How many operations can be undone.
        description: The newest one in the words of the library; empty if there is none.
        action: Which kind that is; empty if there is none.
    """

    steps: int = 0
    action: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did.

    Attributes:
        files: How many files, or tags of a model, it concerned.
        left: How many were left as they are, because they have been changed again since.
        failures: Files for which it could not be done, the first of them.
        past: What can be undone now.
        known: What files are called now.
    """

    files: int
    past: Past
    known: KnownTags
    left: int = 0
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDetails:
    """What a file says of itself.

    Attributes:
        path: Of the file.
        fields: Pairs of a name and a text.
        markers: Named places in a sound.
    """

    path: str
    fields: tuple[tuple[str, str], ...] = ()
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class TaggingResult:
    """What automatic tagging did, or would do.

    Attributes:
        files: How many were judged.
        tagged: How many got tags.
        counts: For how many files each label is, the most frequent first; those for none left out.
        alike: Labels that the model can't tell apart.
        examples: Some of the files, those of which it is surest.
        model: The model's name.
        dry_run: Whether nothing was kept.
        cancelled: Whether it was stopped; then nothing was kept.
    """

    files: int
    tagged: int
    counts: tuple[TagCount, ...]
    alike: tuple[tuple[str, ...], ...]
    examples: tuple[TaggedFile, ...]
    model: str
    dry_run: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class WritingResult:
    """What writing tags into files did, or would do.

    Attributes:
        written: How many files changed.
        failed: How many could not be written.
        unchanged: How many have the keywords already.
        examples: The first of the files that changed.
        failures: The first of those that could not be written.
        dry_run: Whether no file was touched.
        cancelled: Whether it was stopped; what was written stays.
    """

    written: int
    failed: int
    unchanged: int
    examples: tuple[WrittenFile, ...]
    failures: tuple[Failure, ...]
    dry_run: bool
    cancelled: bool
