"""Noticing what changes in folders: file system events, debounced, as sets of paths. The only importer of watchdog."""

from audioclip_search.watch.watcher import Changes, TryAgainError, Watcher

__all__ = ["Changes", "TryAgainError", "Watcher"]
