"""The command `duplicates`: which files of a library are one sound or picture. It deletes nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from audioclip_search.cli.care import in_library
from audioclip_search.cli.library import IndexOption, Json, Root, open_library
from audioclip_search.cli.output import note, plain_table, print_json, results
from audioclip_search.cli.progress import stopped_by_ctrl_c, sync_progress
from audioclip_search.duplicates import DuplicateFile, DuplicateGroup, DuplicateTier
from audioclip_search.results.wording import printable


def duplicates(
    root: Root,
    *,
    tier: Annotated[
        list[DuplicateTier] | None,
        typer.Option("--tier", help="Only duplicates of this kind; may be given several times."),
    ] = None,
    alike: Annotated[
        float | None, typer.Option("--alike", min=-1, max=1, help="How close the vectors of files that are alike are.")
    ] = None,
    as_json: Json = False,
    paths: Annotated[
        bool, typer.Option("--paths", help="Print the worse files only, one a line; without --tier, identical ones.")
    ] = False,
    null: Annotated[bool, typer.Option("-0", "--null", help="The same, each ended by NUL, for `xargs -0`.")] = False,
    reject: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--reject", metavar="FILE FILE", help="Remember that these two are no duplicates."),
    ] = None,
    unreject: Annotated[
        tuple[Path, Path] | None, typer.Option("--unreject", metavar="FILE FILE", help="Take that back.")
    ] = None,
    index: IndexOption = None,
) -> None:
    """List files that are one sound or picture, the best one of each group first: identical ones, the same recording at
    another level, cut or encoded anew, and such as sound or look alike. As of the last `index`, without files that are
    gone or changed since; nothing is deleted.
    """
    if as_json and (paths or null):
        raise typer.BadParameter("--json goes with neither --paths nor --null")
    bare = paths or null
    tiers = tier or ([DuplicateTier.IDENTICAL] if bare else list(DuplicateTier))
    with open_library(root, index=index) as library:
        if reject is not None or unreject is not None:
            for files, undo in ((reject, False), (unreject, True)):
                if files is not None:
                    library.reject_duplicates(in_library(files), undo=undo)
            note("Remembered.")
            return
        with stopped_by_ctrl_c() as cancel, sync_progress(cancel) as on_progress:
            groups = library.duplicates(tiers=tiers, alike=alike, on_progress=on_progress, cancel=cancel)
        if as_json:
            print_json([_group_object(group) for group in groups])
        elif bare:
            worse = sorted({path for group in groups for path in group.worse})
            sys.stdout.writelines(f"{path}{chr(0) if null else chr(10)}" for path in worse)
        else:
            results().print(_table(groups, library.root))
            note(f"{len(groups):,} groups, {sum(len(group.worse) for group in groups):,} files beside the best ones.")


def _table(groups: Sequence[DuplicateGroup], root: Path) -> Table:
    table = plain_table("kind", "file", "")
    for group in groups:
        for rank, file in enumerate(group.files):
            table.add_row("" if rank else group.tier.value, _shown(file, root), printable(_words(file)))
    return table


def _shown(file: DuplicateFile, root: Path) -> str:
    path = file.path.relative_to(root) if file.path.is_relative_to(root) else file.path
    return printable(path.as_posix())


def _words(file: DuplicateFile) -> str:
    return f"{file.relation} (offline)" if file.offline else file.relation


def _group_object(group: DuplicateGroup) -> dict[str, Any]:
    return {
        "tier": group.tier.value,
        "modality": group.modality.value,
        "best": str(group.best),
        "files": [
            {
                "path": str(file.path),
                "relation": file.relation,
                "similarity": round(file.similarity, 4),
                "offset_s": round(file.offset_s, 4),
                "gain_db": round(file.gain_db, 2),
                "offline": file.offline,
            }
            for file in group.files
        ],
    }
