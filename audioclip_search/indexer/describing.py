"""Reading what files say of themselves that the index has from before it kept that."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from audioclip_search.errors import MediaError
from audioclip_search.indexer.decoding import MOST_THREADS
from audioclip_search.media import load_metadata
from audioclip_search.storage import IndexStore
from audioclip_search.types import CancelToken, FileStamp, Metadata, OnProgress, SyncProgress, SyncStage

_FILES_PER_COMMIT = 4_096


def describe(
    stamps: Iterable[FileStamp], *, root: Path, store: IndexStore, on_progress: OnProgress | None, cancel: CancelToken
) -> None:
    """Read the metadata of files that have vectors; nothing is decoded. One that can't be reached now is left to the
    next sync. What is read is committed every few thousand files.

    Args:
        stamps: The files, none of which has changed since it was embedded.
        root: What their paths are relative to.
        store: The index.
        on_progress: Called from this thread.
        cancel: Stops the work soon.
    """
    waiting = list(stamps)
    with ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="audioclip-search-describer") as executor:
        for start in range(0, len(waiting), _FILES_PER_COMMIT):
            block = waiting[start : start + _FILES_PER_COMMIT]
            found: dict[str, Metadata] = {}
            for done, (stamp, metadata) in enumerate(
                zip(block, executor.map(lambda stamp: _read(stamp, root, cancel), block), strict=True), start + 1
            ):
                if metadata is not None:
                    found[stamp.path] = metadata
                if on_progress is not None:
                    on_progress(SyncProgress(SyncStage.DESCRIBE, done, len(waiting), stamp.path))
            store.describe(found)
            if cancel.cancelled:
                return


def _read(stamp: FileStamp, root: Path, cancel: CancelToken) -> Metadata | None:
    if cancel.cancelled:
        return None
    try:
        return load_metadata(root / stamp.path, stamp.modality)
    except MediaError:
        return None
