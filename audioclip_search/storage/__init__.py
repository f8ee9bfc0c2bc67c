"""The index on disk: which files are known, and their vectors. The only importer of LanceDB.

`IndexStore` is all the rest of the package sees. Underneath are two tables: `files` (one row a file) and a table of
windows (one row a vector). A window counts only while its `file_id` is in `files`, so that a single commit on `files`
is what makes a batch of files appear, change or go.
"""

from audioclip_search.storage.beside import SideTable
from audioclip_search.storage.lance import Location, located, part_of
from audioclip_search.storage.locks import held
from audioclip_search.storage.nearest import BestWindows
from audioclip_search.storage.snapshot import BoolArray, RowArray
from audioclip_search.storage.store import MEMORY_BUDGET_BYTES, IndexStore
from audioclip_search.storage.stored import Content, StoredFile, StoredFiles
from audioclip_search.storage.view import View

__all__ = [
    "MEMORY_BUDGET_BYTES",
    "BestWindows",
    "BoolArray",
    "Content",
    "IndexStore",
    "Location",
    "RowArray",
    "SideTable",
    "StoredFile",
    "StoredFiles",
    "View",
    "held",
    "located",
    "part_of",
]
