"""The commands that work on a library, `index` and `info`, and what the others share."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from audioclip_search.cli.output import (
    INTERRUPTED,
    megabytes,
    note,
    pairs_table,
    plain_table,
    print_json,
    results,
)
from audioclip_search.cli.progress import stopped_by_ctrl_c, sync_progress
from audioclip_search.errors import ModelError, StorageError
from audioclip_search.results.wording import printable
from audioclip_search.types import Failure, IndexInfo, ModelIdentity, RayEngine, SyncReport

if TYPE_CHECKING:
    from audioclip_search.library import Library

_FAILURES_SHOWN = 10
_COVERED_SHOWN = 8


class EngineName(StrEnum):
    """What `--engine` takes."""

    RAY = "ray"


Root = Annotated[Path, typer.Argument(metavar="ROOT", file_okay=False, help="Folder of sounds and pictures.")]
ModelOption = Annotated[
    str, typer.Option("--model", help="A model's name or path; auto: the one that wrote the index, or the best here.")
]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps …")]
IndexOption = Annotated[
    str | None, typer.Option("--index", metavar="PLACE", help="Where the index is, if not in ROOT: a folder or s3://…")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def index(
    root: Root,
    *,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
    reembed: Annotated[bool, typer.Option("--reembed", help="Embed every file again, with another model say.")] = False,
    engine: Annotated[EngineName | None, typer.Option("--engine", help="Let a cluster do the work.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="HOST:PORT", help="The cluster's; without, one of this machine.")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="How many, one model each.")] = None,
) -> None:
    """Bring the index of a folder up to date: add what is new, forget what is gone.

    Files that can't be read are listed and skipped; Ctrl-C keeps what is done.
    """
    if engine is None and (address is not None or workers is not None):
        raise typer.BadParameter("--address and --workers go with --engine ray")
    cluster = None if engine is None else RayEngine(address, workers)
    with open_library(root, model=model, device=device, index=index) as library:
        name_model(library, model)
        report = _sync(library, reembed=reembed, engine=cluster)
    results().print(pairs_table(_report_rows(report)))
    print_failures(report.failures, root, index)
    _exit_if_stopped(report, go_on="index --reembed" if reembed else "index")


def info(
    root: Root,
    *,
    failures: Annotated[bool, typer.Option("--failures", help="List every file that could not be indexed.")] = False,
    as_json: Json = False,
    index: IndexOption = None,
) -> None:
    """Tell what the index of a folder holds."""
    with open_library(root, index=index) as library:
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


def open_library(root: Path, *, model: str = "auto", device: str = "auto", index: str | None = None) -> Library:
    """A library as it was asked for."""
    from audioclip_search.library import Library

    return Library(root, model=model, device=device, index=index)


def _sync(library: Library, *, reembed: bool = False, engine: RayEngine | None = None) -> SyncReport:
    with stopped_by_ctrl_c() as cancel, sync_progress(cancel) as on_progress:
        return library.sync(on_progress=on_progress, cancel=cancel, reembed=reembed, engine=engine)


def sync_first(library: Library, index: str | None) -> None:
    """Index a folder that never was, as the library would do itself, but with a progress bar."""
    if library.indexed:
        return
    note("This folder was never indexed: doing that first.")
    report = _sync(library)
    print_failures(report.failures, library.root, index)
    _exit_if_stopped(report)


def _exit_if_stopped(report: SyncReport, *, go_on: str = "index") -> None:
    if report.cancelled:
        note(f"Stopped. What was done is kept; `audioclip-search {go_on}` goes on from there.", style="yellow")
        raise typer.Exit(INTERRUPTED)


def name_model(library: Library, asked: str) -> None:
    """Say on one line whose judgement the answers are, and what that model knows."""
    from audioclip_search.model.registry import STARTER, best_installed, resolve
    from audioclip_search.model.weights import read_card

    # If the model can't be found, the library says so, and better, as soon as it needs it.
    with contextlib.suppress(ModelError):
        written_by = _written_by(library) if asked == "auto" else None
        name = written_by.name if written_by else best_installed() if asked == "auto" else asked
        card = read_card(resolve(name))
        covers = [label.replace("_", " ") for label in card.covers]
        knows = f"knows {_listed(covers)}" if covers else "any words"
        more = "; the full one: `audioclip-search models download audioclip`" if name == STARTER else ""
        note(f"Model {printable(card.name)}: {printable(knows)}{more}", style="dim")


def _written_by(library: Library) -> ModelIdentity | None:
    try:
        return library.info().model
    except StorageError:  # there is no index, or it can't be used, which the library says as soon as it needs it
        return None


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _COVERED_SHOWN
    return ", ".join(names[:_COVERED_SHOWN]) + (f" and {rest} more kinds" if rest > 0 else "")


def _report_rows(report: SyncReport) -> list[tuple[str, str]]:
    embedded = report.added + report.updated
    rate = f", {embedded / report.duration_s:.1f} files/s" if embedded and report.duration_s else ""
    seldom = [(name, getattr(report, name)) for name in ("moved", "copied", "touched", "offline")]
    return [
        ("added", f"{report.added:,}"),
        ("updated", f"{report.updated:,}"),
        *((name, f"{count:,}") for name, count in seldom if count),
        ("removed", f"{report.removed:,}"),
        ("unchanged", f"{report.unchanged:,}"),
        ("failed", f"{len(report.failures):,}"),
        ("vectors", f"{report.windows:,}"),
        ("time", f"{report.duration_s:.1f} s{rate}"),
    ]


def print_failures(failures: Sequence[Failure], root: Path, index: str | None) -> None:
    """The first files that could not be indexed, and how to see the others."""
    if not failures:
        return
    note(f"{len(failures):,} files could not be indexed:", style="yellow")
    for failure in failures[:_FAILURES_SHOWN]:
        note(f"  {printable(failure.path)}: {printable(failure.reason)}")
    if len(failures) > _FAILURES_SHOWN:
        note(f"  … and {len(failures) - _FAILURES_SHOWN:,} more")
    where = [str(root), *(["--index", index] if index else [])]
    note(f"All of them: audioclip-search info {shlex.join(where)} --failures", style="dim")


def _failure_table(failures: Sequence[Failure]) -> Table:
    table = plain_table("file", "why")
    for failure in failures:
        table.add_row(printable(failure.path), printable(failure.reason))
    return table


def _info_rows(info: IndexInfo) -> list[tuple[str, str]]:
    model = f"{info.model.name} (weights {info.model.weights_hash[:12]})" if info.model else "none yet"
    indexed = f", {info.indexed:,} in an index of vectors" if info.indexed else ""
    return [
        ("index", info.location),
        *(("folder", printable(str(folder))) for folder in info.folders),
        ("model", printable(model)),
        ("sounds", f"{info.audio:,}"),
        ("pictures", f"{info.image:,}"),
        ("texts", f"{info.text:,}"),
        ("failed", f"{info.failed:,}"),
        *([("offline", f"{info.offline:,} files in folders that can't be reached")] if info.offline else []),
        ("vectors", f"{info.windows:,} of {info.dim:,} numbers ({info.vectors}){indexed}"),
        ("on disk", megabytes(info.bytes)),
        ("schema", str(info.schema_version)),
    ]
