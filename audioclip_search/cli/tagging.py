"""`audioclip-search tag`: tags that a model suggests, what a person says of them, and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from audioclip_search.cli.care import in_library
from audioclip_search.cli.library import (
    DeviceOption,
    IndexOption,
    Json,
    ModelOption,
    Root,
    name_model,
    open_library,
    sync_first,
)
from audioclip_search.cli.output import INTERRUPTED, note, plain_table, print_json, results
from audioclip_search.cli.progress import stopped_by_ctrl_c, tag_progress
from audioclip_search.results.wording import printable
from audioclip_search.types import AutoTag, TagState

if TYPE_CHECKING:
    from audioclip_search.bulk import Operation, TaggedFile, TagReport, UndoReport
    from audioclip_search.library import Library

_EVERY = "*"
_SIGNS = {TagState.SUGGESTED: "?", TagState.CONFIRMED: "", TagState.REJECTED: "✗"}


def tag(
    root: Root,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE…]", help="Only these files, or what is in these folders.")
    ] = None,
    *,
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels", metavar="LABELS", help="esc50, us8k, audioset, a file with one label a line, or `a,b,c`."
        ),
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option("--template", metavar="TEXT", help="What to ask, with {label} in it; may be given several times."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option("--threshold", metavar="P", help="The least probability of a tag; 0.5 without.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be tagged or written.")] = False,
    list_tags: Annotated[bool, typer.Option("--list", help="List the tags that there are.")] = False,
    confirm: Annotated[
        list[str] | None,
        typer.Option("--confirm", metavar="LABEL", help="Say that a tag is right; '*' for all undecided ones."),
    ] = None,
    reject: Annotated[
        list[str] | None, typer.Option("--reject", metavar="LABEL", help="Say that a tag is wrong; '*' likewise.")
    ] = None,
    rename: Annotated[str | None, typer.Option("--rename", metavar="OLD=NEW", help="Give a tag another name.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write confirmed tags into the files' metadata; shows only, without --yes.")
    ] = False,
    suggested: Annotated[bool, typer.Option("--suggested", help="With --write: undecided tags as well.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --write: do it.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo what was last done to many files at once.")] = False,
    history: Annotated[bool, typer.Option("--history", help="List what can be undone.")] = False,
    as_json: Json = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Tag sounds and pictures with labels of your own or a built-in set, and decide on the suggestions.

    Tags that are suggested stay apart from those of `annotate`; a later run replaces suggestions, never your decisions.
    """
    actions = [bool(labels), list_tags, bool(confirm or reject), rename is not None, write, undo, history]
    if sum(actions) != 1:
        raise typer.BadParameter(
            "give one of --labels, --list, --confirm or --reject, --rename, --write, --undo, --history"
        )
    refused = {
        "--suggested and --yes go with --write": (suggested or yes) and not write,
        "--dry-run goes with --labels and --write": dry_run and not (labels or write),
        "--template and --threshold go with --labels": (template or threshold is not None) and not labels,
        "--undo and --history are of the whole library, not of some files": files and (undo or history),
    }
    for reason in (reason for reason, applies in refused.items() if applies):
        raise typer.BadParameter(reason)
    paths = in_library(files) if files else None
    with open_library(root, model=model, device=device, index=index) as library:
        if labels:
            name_model(library, model)
            sync_first(library, index)
            _tag(library, labels, template, threshold, paths, dry_run=dry_run, as_json=as_json)
        elif confirm or reject:
            _decide(library, confirm, reject, paths)
        elif rename is not None:
            _rename(library, rename, paths)
        elif write:
            _write(library, paths, suggested=suggested, dry_run=dry_run or not yes, as_json=as_json)
        elif undo:
            _undo(library, as_json=as_json)
        elif history:
            _print_history(library.history(), as_json=as_json)
        else:
            _print_tags(library.auto_tags(paths), library.root, as_json=as_json)


def _tag(
    library: Library,
    labels: str,
    template: Sequence[str] | None,
    threshold: float | None,
    paths: Sequence[Path] | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    with stopped_by_ctrl_c() as cancel, tag_progress(cancel) as on_progress:
        report = library.tag(
            labels,
            template=template or None,
            threshold=threshold,
            paths=paths,
            dry_run=dry_run,
            on_progress=on_progress,
            cancel=cancel,
        )
    if report.cancelled:
        note("Stopped. No tag was changed.", style="yellow")
        raise typer.Exit(INTERRUPTED)
    if as_json:
        print_json(asdict(report) | {"counts": dict(report.counts)})
        return
    if dry_run:
        _print_tags(report.tagged, library.root, as_json=False)
    else:
        table = plain_table("label", "files")
        table.columns[1].justify = "right"
        for label, count in sorted(report.counts, key=lambda each: -each[1]):
            if count:
                table.add_row(printable(label), f"{count:,}")
        results().print(table)
    _print_summary(report)


def _print_summary(report: TagReport) -> None:
    would = "would be tagged" if report.dry_run else "tagged"
    note(f"{len(report.tagged):,} of {report.files:,} files {would}; {report.unlabelled:,} have none of the labels.")
    for group in report.alike:
        note(f"The model can't tell apart here: {printable(', '.join(group))}", style="dim")
    if report.tagged and not report.dry_run:
        note("`tag --list` shows them, --confirm and --reject decide, --undo takes them back.", style="dim")


def _decide(
    library: Library, confirm: Sequence[str] | None, reject: Sequence[str] | None, paths: Sequence[Path] | None
) -> None:
    where = [library.root] if paths is None else paths
    where = [*where, *(library.folders[1:] if paths is None else ())]
    for labels, decide, word in (
        (confirm, library.confirm_tags, "confirmed"),
        (reject, library.reject_tags, "rejected"),
    ):
        if labels:
            count = decide(where, None if _EVERY in labels else labels)
            note(f"{count:,} tags {word}.")


def _rename(library: Library, rename: str, paths: Sequence[Path] | None) -> None:
    old, separator, new = rename.partition("=")
    if not (separator and old.strip() and new.strip()):
        raise typer.BadParameter("write --rename OLD=NEW")
    note(f"{library.rename_tag(old, new, paths):,} tags renamed.")


def _write(library: Library, paths: Sequence[Path] | None, *, suggested: bool, dry_run: bool, as_json: bool) -> None:
    with stopped_by_ctrl_c() as cancel, tag_progress(cancel) as on_progress:
        report = library.write_tags(paths, suggested=suggested, dry_run=dry_run, on_progress=on_progress, cancel=cancel)
    if as_json:
        print_json(asdict(report))
    else:
        table = plain_table("file", "keywords")
        for file in report.written:
            table.add_row(_shown(file.path, library.root), printable(", ".join(file.keywords)))
        if report.written:
            results().print(table)
    would = "would be written" if dry_run else "written"
    note(f"{len(report.written):,} files {would}; {report.unchanged:,} have their tags already.")
    for failure in report.failures:
        note(f"  {printable(failure.path)}: {printable(failure.reason)}")
    if dry_run and report.written:
        note("Nothing was written. With --yes it is; `tag --undo` then gives the originals back.")
    if report.cancelled:
        note("Stopped. `tag --undo` takes back what was written.", style="yellow")
        raise typer.Exit(INTERRUPTED)
    if report.failures and not dry_run:
        raise typer.Exit(1)


def _print_tags(tagged: Sequence[TaggedFile], root: Path, *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(file) for file in tagged])
        return
    table = plain_table("file", "tags")
    for file in tagged:
        table.add_row(_shown(file.path, root), printable(", ".join(_tag_text(each) for each in file.tags)))
    results().print(table)


def _undo(library: Library, *, as_json: bool) -> None:
    report = library.undo()
    _print_undone(report, as_json=as_json)
    if report.failures:
        raise typer.Exit(1)


def _print_undone(report: UndoReport, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    operation = report.operation
    note(f"Undone: {operation.action} {printable(operation.description)}; {report.restored:,} changes taken back.")
    if report.skipped:
        note(f"{report.skipped:,} were left as they are: changed again since, or gone.", style="yellow")
    for failure in report.failures:
        note(f"  {printable(failure.path)}: {printable(failure.reason)}")
    if report.failures:
        note(f"{len(report.failures):,} files could not be restored; `tag --undo` tries them again.", style="yellow")


def _print_history(operations: Sequence[Operation], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(operation) for operation in operations])
        return
    table: Table = plain_table("when", "what", "", "changes")
    table.columns[3].justify = "right"
    for operation in operations:
        when = _time(operation.time_ns)
        table.add_row(when, operation.action.value, printable(operation.description), f"{operation.changes:,}")
    results().print(table)


def _time(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _tag_text(tag: AutoTag) -> str:
    return f"{tag.label} {tag.probability:.0%}{_SIGNS[tag.state]}"


def _shown(path: Path, root: Path) -> str:
    return printable((path.relative_to(root) if path.is_relative_to(root) else path).as_posix())
