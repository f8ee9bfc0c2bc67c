"""Files that are one sound or picture: identical, the same, or alike. Nothing is ever deleted here.

`finding` does it; this loads what it gives only, which is cheap.
"""

from audioclip_search.duplicates.records import DuplicateFile, DuplicateGroup, DuplicateTier

__all__ = ["DuplicateFile", "DuplicateGroup", "DuplicateTier"]
