"""Hits as a file, in the form that its suffix names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search.errors import ExportError
from audioclip_search.media import written_whole
from audioclip_search.results.objects import hits_json
from audioclip_search.results.playlist import as_m3u

if TYPE_CHECKING:
    from audioclip_search.results.records import Hits

SUFFIXES = (".json", ".csv", ".m3u", ".m3u8", ".parquet", ".arrow")


def save(hits: Hits, target: Path, *, relative: bool) -> None:
    """See `Hits.save`."""
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(
            f"{suffix or 'a name without a suffix'} is no form that hits can be saved in",
            path=target,
            remedy=f"Known are {', '.join(SUFFIXES)}",
        )
    with written_whole(target, overwrite=True) as beside:
        match suffix:
            case ".json":
                _write_text(beside, hits_json(hits) + "\n")
            case ".csv":
                from audioclip_search.results.tables import as_csv

                _write_text(beside, as_csv(hits))
            case ".m3u" | ".m3u8":
                folder = target.parent.absolute() if relative else None
                _write_text(beside, as_m3u(hits, title=hits.query, relative_to=folder))
            case _:
                _write_arrow(beside, hits, parquet=suffix == ".parquet")


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _write_arrow(path: Path, hits: Hits, *, parquet: bool) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    from audioclip_search.results.tables import as_arrow

    table = as_arrow(hits)
    if parquet:
        pq.write_table(table, path, compression="zstd")
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
