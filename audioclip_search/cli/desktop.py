"""The command that opens the desktop app."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from audioclip_search.cli.output import note

_APP = "gui"


def gui(
    root: Annotated[
        Path | None, typer.Argument(metavar="[ROOT]", help="The library to open; without it, the one last open.")
    ] = None,
) -> None:
    """Open the desktop app."""
    missing = [name for name in (_APP, "PySide6", "pyqtgraph") if importlib.util.find_spec(name) is None]
    if missing:
        note(f'The desktop app is not installed ({", ".join(missing)}). Run `pip install "audioclip-search[gui]"`.')
        raise typer.Exit(1)
    arguments = [] if root is None else [str(root.expanduser().absolute())]
    raise typer.Exit(subprocess.call([sys.executable, "-m", _APP, *arguments]))
