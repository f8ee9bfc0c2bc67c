"""`audioclip-search models …`: which models there are, and how they get here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.text import Text

from audioclip_search.cli.output import megabytes, note, notes, plain_table, results
from audioclip_search.cli.progress import stopped_by_ctrl_c
from audioclip_search.results.wording import printable

if TYPE_CHECKING:
    from audioclip_search.model.download import DownloadProgress, OnDownloadProgress
    from audioclip_search.model.registry import ModelStatus

# `audioclip_search.model` loads torch: each command imports it when it runs, so that `--help` need not wait for it.

app = typer.Typer(no_args_is_help=True, help="List, download, import and check models.")

_Name = Annotated[str, typer.Argument(metavar="NAME", help="A model's name; see `models list`.")]


@app.command("list")
def list_models() -> None:
    """List the models that have a name. Any path to a model's folder or weights file works too."""
    from audioclip_search.model import registry

    table = plain_table("", "name", "size", "what it is")
    table.columns[2].justify = "right"
    for status in registry.known_models():
        table.add_row(_mark(status), status.name, megabytes(status.size_bytes), _about(status))
    results().print(table)


@app.command()
def download(name: _Name) -> None:
    """Download a released model: resumed after a break, checked, and in place only when whole."""
    from audioclip_search.model import registry

    with stopped_by_ctrl_c() as cancel, _download_progress(name) as on_progress:
        folder = registry.download_model(name, on_progress=on_progress, cancel=cancel)
    note(f"New indexes use it; for an old one: audioclip-search index ROOT --model {name} --reembed")
    sys.stdout.write(f"{folder}\n")


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A released .pt file, or .safetensors."),
    ],
    name: Annotated[str | None, typer.Option(help="What to call it; by default, what the file is called.")] = None,
) -> None:
    """Make a model of a weights file that was fetched some other way. The file stays."""
    from audioclip_search.model import registry

    folder = registry.import_model(file, name)
    note(f"Imported as {folder.name}.")
    sys.stdout.write(f"{folder}\n")


@app.command()
def path(name: _Name) -> None:
    """Print where a model is."""
    from audioclip_search.model import registry

    sys.stdout.write(f"{registry.resolve(name)}\n")


@app.command()
def verify(name: _Name) -> None:
    """Check that a model's weights are those its card describes."""
    from audioclip_search.model import registry

    card = registry.verify(name)
    results().print(Text.assemble(("✓ ", "green"), f"{card.name}: the weights are whole (SHA-256 {card.weights_hash})"))


def _mark(status: ModelStatus) -> Text:
    if status.problem:
        return Text("✗", style="red")
    return Text("✓", style="green") if status.installed else Text("·", style="dim")


def _about(status: ModelStatus) -> str:
    if status.problem:
        return f"can't be used: {printable(status.problem)}"
    description = printable(status.description)
    if status.installed:
        return description
    how = f"`audioclip-search models download {status.name}`" if status.url else "missing: install this package again"
    return f"{description} ({how})" if description else how


@contextmanager
def _download_progress(name: str) -> Iterator[OnDownloadProgress]:
    console = notes()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(f"Downloading {name}", total=None)

    def show(progress: DownloadProgress) -> None:
        whole = progress.done_bytes == progress.total_bytes
        description = "Checking and converting" if whole else f"Downloading {name}"
        bar.update(task, completed=progress.done_bytes, total=progress.total_bytes, description=description)

    with bar:
        yield show
