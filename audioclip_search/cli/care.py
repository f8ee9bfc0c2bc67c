"""The commands that look after a library: what belongs to it, where it is, and what is said of its files."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from audioclip_search.cli.library import (
    DeviceOption,
    IndexOption,
    ModelOption,
    Root,
    name_model,
    open_library,
    print_failures,
)
from audioclip_search.cli.output import megabytes, note, pairs_table, print_error, results
from audioclip_search.cli.progress import stopped_by_ctrl_c, sync_progress
from audioclip_search.results.wording import printable
from audioclip_search.types import ExportFormat, ScanRules, SyncReport, VectorType

Folder = Annotated[Path, typer.Argument(metavar="FOLDER")]
_Paths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders with all that is in them.")]

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_DONE = ("added", "updated", "moved", "copied", "touched", "removed")


def watch(
    root: Root,
    *,
    quiet: Annotated[
        float, typer.Option("--quiet", min=0.1, metavar="SECONDS", help="How long a file must have been left alone.")
    ] = 2.0,
    poll: Annotated[
        bool, typer.Option("--poll", help="Look again and again; for drives that do not tell of changes.")
    ] = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Keep the index of a folder up to date until Ctrl-C: new sounds can be found seconds after they are there."""
    with open_library(root, model=model, device=device, index=index) as library:
        name_model(library, model)
        with stopped_by_ctrl_c() as cancel:
            with sync_progress(cancel) as on_progress:
                report = library.sync(on_progress=on_progress, cancel=cancel)
            print_failures(report.failures, root, index)
            _print_changes(report)
            with library.watch(
                on_sync=_print_changes, on_error=print_error, quiet_s=quiet, polling=poll or None
            ) as running:
                for folder in sorted(running.polled):
                    note(f"{printable(str(folder))} is looked at every so often.", style="dim")
                note("Watching. Ctrl-C ends it.", style="dim")
                while not cancel.cancelled:
                    threading.Event().wait(0.2)


def folders(
    root: Root,
    *,
    add: Annotated[
        list[Path] | None, typer.Option("--add", metavar="FOLDER", help="Make it part of the library.")
    ] = None,
    remove: Annotated[
        list[Path] | None, typer.Option("--remove", metavar="FOLDER", help="Take it out, and forget its files.")
    ] = None,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """List the folders of a library; add some, or take some out. `index` then brings the index up to date."""
    with open_library(root, model=model, device=device, index=index) as library:
        for folder in remove or ():
            library.remove_folder(folder)
        for folder in add or ():
            library.add_folder(folder)
        for folder in library.folders:
            state = "" if folder.is_dir() else "  (can't be reached)"
            results().print(f"{printable(str(folder))}{state}")


def rules(
    root: Root,
    *,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="PATTERN", help="Leave out what matches, as .gitignore does."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget all patterns given before.")] = False,
    hidden: Annotated[
        bool | None, typer.Option("--hidden/--no-hidden", help="Whether names with a leading dot belong to it.")
    ] = None,
    max_size: Annotated[
        str | None, typer.Option("--max-size", metavar="SIZE", help="Leave out larger files: 500M, 2G; 0 for no limit.")
    ] = None,
    one_file_system: Annotated[
        bool | None, typer.Option("--one-file-system/--all-file-systems", help="Whether to leave out mounted drives.")
    ] = None,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Show or change which files belong to a library. `.audioclipignore` files in the folders count as well."""
    with open_library(root, model=model, device=device, index=index) as library:
        old = library.rules
        new = replace(
            old,
            ignore=(*(() if clear else old.ignore), *(ignore or ())),
            hidden=old.hidden if hidden is None else hidden,
            max_bytes=old.max_bytes if max_size is None else _bytes(max_size),
            one_file_system=old.one_file_system if one_file_system is None else one_file_system,
        )
        if new != old:
            library.set_rules(new)
            note("`audioclip-search index` applies them.")
        results().print(pairs_table(_rule_rows(new)))


def annotate(
    root: Root,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files in the index.")],
    *,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="TAG", help="Add a tag.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="TAG", help="Take a tag away.")] = None,
    rating: Annotated[int | None, typer.Option("--rating", min=0, max=5, help="1 to 5; 0 for none.")] = None,
    index: IndexOption = None,
) -> None:
    """Give files tags of your own, take some away, or rate them. They stay with a file that is moved or renamed."""
    with open_library(root, index=index) as library:
        known = library.annotate(in_library(files), add=add or (), remove=remove or (), rating=rating)
    note(f"{known:,} of {len(files):,} files are in the index, and were changed.")
    if not known:
        raise typer.Exit(1)


def forget(root: Root, paths: _Paths, *, index: IndexOption = None) -> None:
    """Take files out of the index, there or not; those that are there come back with the next `index`."""
    with open_library(root, index=index) as library:
        note(f"{library.forget(in_library(paths)):,} files forgotten.")


def relocate(
    root: Root,
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Where a folder of the library was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", exists=True, file_okay=False, help="Where it is now.")],
    *,
    index: IndexOption = None,
) -> None:
    """Say where a folder that was added to a library is now. A library whose ROOT moved needs no such word."""
    with open_library(root, index=index) as library:
        note(f"{library.relocate(old, new):,} files are now in {printable(str(new))}.")


def optimize(
    root: Root,
    *,
    vectors: Annotated[
        VectorType | None, typer.Option("--vectors", help="Store the vectors so; float16 takes half the disk.")
    ] = None,
    index: IndexOption = None,
) -> None:
    """Tidy the index up: merge small pieces, delete old versions, refresh what makes large ones fast."""
    with open_library(root, index=index) as library:
        before = library.info().bytes
        library.optimize(vectors=vectors)
        note(f"{megabytes(before)} before, {megabytes(library.info().bytes)} now.")


def export(
    root: Root,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", file_okay=False, help="Where to; made if missing.")],
    *,
    form: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.PARQUET,
    vectors: Annotated[bool, typer.Option("--vectors/--no-vectors", help="Write the vectors as well.")] = True,
    index: IndexOption = None,
) -> None:
    """Write files, tags, ratings and vectors as Parquet or Arrow, for other programs and other indexes."""
    with open_library(root, index=index) as library:
        library.export_to(folder, form=form, vectors=vectors)
    results().print(printable(str(folder)))


def import_(
    root: Root,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="What `export` has written.")
    ],
    *,
    index: IndexOption = None,
) -> None:
    """Add what an export has of files that the index does not know; the files need not be there, nor the model."""
    with open_library(root, index=index) as library:
        report = library.import_from(folder)
    rows = [("added", report.added), ("given tags or ratings", report.annotated), ("known before", report.known)]
    results().print(pairs_table([(name, f"{count:,}") for name, count in rows]))


def _print_changes(report: SyncReport) -> None:
    counts = [f"{getattr(report, name):,} {name}" for name in _DONE if getattr(report, name)]
    if report.failures:
        counts.append(f"{len(report.failures):,} failed")
    if counts:
        note(f"{', '.join(counts)} in {report.duration_s:.1f} s")
    for failure in report.failures:
        note(f"  {printable(failure.path)}: {printable(failure.reason)}")


def _rule_rows(scan_rules: ScanRules) -> list[tuple[str, str]]:
    return [
        ("ignored", printable("  ".join(scan_rules.ignore)) or "nothing"),
        ("hidden files", "belong to it" if scan_rules.hidden else "left out"),
        ("size limit", "none" if scan_rules.max_bytes is None else megabytes(scan_rules.max_bytes)),
        ("mounted drives", "left out" if scan_rules.one_file_system else "belong to it"),
    ]


def _bytes(size: str) -> int | None:
    """`500M` in bytes; None for no limit."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", size.strip().lower())
    if match is None:
        raise typer.BadParameter(f"{size!r} is no size; write 500M or 2G, or 0 for no limit")
    return round(float(match[1]) * _UNITS[match[2]]) or None


def in_library(paths: Sequence[Path]) -> list[Path]:
    """Paths as the shell completes them, from here, or as the index has them, from the root."""
    return [path if path.is_absolute() or not path.exists() else path.absolute() for path in paths]
