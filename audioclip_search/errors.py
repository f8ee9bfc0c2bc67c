"""The error tree: one root, and every error carries what failed, why and what to do about it.

Errors under `UserError` are the environment's or the input's fault and are worth showing to a person as they are;
anything else that escapes the package is a bug in it.
"""

from __future__ import annotations

from pathlib import Path


class AudioCLIPSearchError(Exception):
    """Root of every error this package raises on purpose.

    Args:
        reason: What went wrong, one sentence without a final stop.
        path: The file or folder concerned, if there is one, or the URI of a place in an object store.
        remedy: What the user can do about it, if anything.
    """

    def __init__(self, reason: str, *, path: str | Path | None = None, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self._uri = str(path) if "://" in str(path) else ""
        self.path = None if path is None or self._uri else Path(path)
        self.remedy = remedy

    @property
    def where(self) -> str:
        """The path or URI concerned, as text; empty if there is none."""
        return self._uri or ("" if self.path is None else str(self.path))

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.reason}" + (f". {self.remedy}" if self.remedy else "")


class MediaError(AudioCLIPSearchError):
    """A sound, picture or text file can't be read: broken, unsupported, too large or empty."""


class ModelError(AudioCLIPSearchError):
    """A model can't be found, loaded or used."""


class WeightsError(ModelError):
    """A state dict does not fit the network: missing, unexpected or misshapen entries, all named."""


class DownloadError(ModelError):
    """A download failed, was refused (offline) or brought the wrong bytes."""


class StorageError(AudioCLIPSearchError):
    """The index can't be opened, read or written."""


class SchemaVersionError(StorageError):
    """The index was written by a newer version of this package."""


class ModelMismatchError(StorageError):
    """The index holds vectors of another model than the one asked for."""


class IndexLockedError(StorageError):
    """Another process is writing this index."""


class QueryError(AudioCLIPSearchError):
    """A query is empty, contradictory or names something that does not exist.

    Args:
        reason: What is wrong with it.
        path: The file concerned, if there is one.
        remedy: What to ask instead.
        position: Of the character of a query in the query language where that is, from 0 to the text's length; None if
            the query was not such a text.
    """

    def __init__(
        self, reason: str, *, path: str | Path | None = None, remedy: str = "", position: int | None = None
    ) -> None:
        super().__init__(reason, path=path, remedy=remedy)
        self.position = position


class ExportError(AudioCLIPSearchError):
    """Hits, or a part of a sound, can't be written: not there, or not in that form."""


class CancelledError(AudioCLIPSearchError):
    """The caller's cancel token stopped the work; everything finished so far is kept."""
