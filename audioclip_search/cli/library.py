"""The commands that work on a library: `index`, `query`, `similar`, `info`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audioclip_search.cli.output import (
    HitFormat,
    megabytes,
    note,
    pairs_table,
    plain_table,
    print_hits,
    print_json,
    printable,
    results,
)
from audioclip_search.cli.progress import stopped_by_ctrl_c, sync_progress
from audioclip_search.types import Failure, IndexInfo, Modality, SyncReport

if TYPE_CHECKING:
    from audioclip_search.library import Library

INTERRUPTED = 130
_FAILURES_SHOWN = 10
_COVERED_SHOWN = 8

Root = Annotated[
    Path, typer.Argument(metavar="ROOT", exists=True, file_okay=False, help="Folder of sounds and pictures.")
]
ModelOption = Annotated[
    str, typer.Option("--model", help="A model's name or path; auto: the one that wrote the index, or the best here.")
]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps …")]
IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="FOLDER", help="Where the index is, if not in ROOT.")
]
Count = Annotated[int, typer.Option("-k", "--count", min=1, help="The most hits to print.")]
ModalityOption = Annotated[Modality | None, typer.Option("--modality", help="Only files of this kind.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Paths = Annotated[bool, typer.Option("--paths", help="Print paths only, one a line.")]
Null = Annotated[bool, typer.Option("-0", "--null", help="Print paths only, each ended by NUL, for `xargs -0`.")]


def index(
    root: Root,
    *,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
    reembed: Annotated[bool, typer.Option("--reembed", help="Embed every file again, with another model say.")] = False,
) -> None:
    """Bring the index of a folder up to date: add what is new, forget what is gone.

    Files that can't be read are listed and skipped; Ctrl-C keeps what is done.
    """
    with _open(root, model=model, device=device, index=index) as library:
        _name_model(library)
        report = _sync(library, reembed=reembed)
        results().print(pairs_table(_report_rows(report)))
        _print_failures(report.failures, root)
    if report.cancelled:
        note("Stopped. What was done is kept; run it again to go on.", style="yellow")
        raise typer.Exit(INTERRUPTED)


def query(
    root: Root,
    text: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="Words, quoted or not.")] = None,
    *,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="FILE", exists=True, dir_okay=False, help="Search by a picture.")
    ] = None,
    audio: Annotated[
        Path | None, typer.Option("--audio", metavar="FILE", exists=True, dir_okay=False, help="Search by a sound.")
    ] = None,
    k: Count = 20,
    modality: ModalityOption = None,
    as_json: Json = False,
    paths: Paths = False,
    null: Null = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Find the files nearest to words, a picture or a sound, best first.

    A folder that was never indexed is indexed first; later changes in it count after `index ROOT`.
    """
    form = _form(as_json=as_json, paths=paths, null=null)
    words = " ".join(text or ())
    if sum((bool(words.strip()), image is not None, audio is not None)) != 1:
        raise typer.BadParameter("give one thing to search by: words, --image FILE or --audio FILE")
    with _open(root, model=model, device=device, index=index) as library:
        _name_model(library)
        _sync_first(library, root)
        hits = library.query(text=words or None, image=image, audio=audio, k=k, modality=modality)
    print_hits(hits, root=root, form=form)
    if not hits:
        note("Nothing found: the index has no such files.")


def similar(
    root: Root,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file in the index; its path, or that below ROOT.")],
    *,
    k: Count = 20,
    modality: ModalityOption = None,
    as_json: Json = False,
    paths: Paths = False,
    null: Null = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Find the files most like one of the library's own."""
    form = _form(as_json=as_json, paths=paths, null=null)
    with _open(root, model=model, device=device, index=index) as library:
        _name_model(library)
        _sync_first(library, root)
        hits = library.similar(file, k=k, modality=modality)
    print_hits(hits, root=root, form=form)


def info(
    root: Root,
    *,
    failures: Annotated[bool, typer.Option("--failures", help="List every file that could not be indexed.")] = False,
    as_json: Json = False,
    index: IndexOption = None,
) -> None:
    """Tell what the index of a folder holds."""
    with _open(root, model="auto", device="auto", index=index) as library:
        found = library.failures() if failures else library.info()
    if isinstance(found, IndexInfo):
        if as_json:
            print_json(asdict(found))
        else:
            results().print(pairs_table(_info_rows(found)))
    elif as_json:
        print_json([asdict(failure) for failure in found])
    else:
        results().print(_failure_table(found))
