"""`python -m trainer`: train AudioCLIP models."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from audioclip_search.errors import AudioCLIPSearchError

app = typer.Typer(help="Train AudioCLIP models.", no_args_is_help=True, add_completion=False)


class RecipeName(StrEnum):
    """Known recipes."""

    STARTER = "starter"


@app.callback()
def main() -> None:
    """Train AudioCLIP models."""


@app.command()
def pretrain(
    recipe: Annotated[RecipeName, typer.Option(help="What to train.")] = RecipeName.STARTER,
    *,
    esc10: Annotated[Path, typer.Option(help="Folder of ESC-10 or ESC-50 (meta/esc50.csv, audio/).")],
    out: Annotated[Path, typer.Option(help="Folder for the model, its scores and logs.")],
    cache: Annotated[Path | None, typer.Option(help="Folder for rendered examples. [default: OUT/bank]")] = None,
    steps: Annotated[int | None, typer.Option(help="Optimiser steps. [default: the recipe's]", min=1)] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the run. [default: the recipe's]", min=0, max=2**32 - 1)
    ] = None,
) -> None:
    """Train all three towers from scratch (AudioCLIP, section 3)."""
    from trainer import starter

    sizes = starter.Recipe()
    sizes = dataclasses.replace(sizes, steps=steps or sizes.steps, seed=sizes.seed if seed is None else seed)
    console = Console()
    columns = (TextColumn("examples"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("", total=None)

            def on_progress(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            material = starter.prepare(sizes, esc10=esc10, cache=cache or out / "bank", on_progress=on_progress)
        scores = starter.train(sizes, material, out=out)
    except AudioCLIPSearchError as error:
        console.print(f"error: {error}", style="red")
        raise typer.Exit(1) from error
    table = Table("measure", "share", title=f"{recipe} in {out / 'model'}")
    for name, share in dataclasses.asdict(scores).items():
        table.add_row(name.replace("_", " "), f"{share:.1%}")
    console.print(table)


if __name__ == "__main__":
    app()
