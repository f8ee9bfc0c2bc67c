"""The program `audioclip-search`: its commands, and how errors end it."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated, Any

import typer
from rich.logging import RichHandler
from typer.core import TyperGroup

from audioclip_search import __version__
from audioclip_search.cli import care, desktop, doctor, duplicates, library, models, search, tagging
from audioclip_search.cli.output import INTERRUPTED, note, notes, print_error
from audioclip_search.errors import AudioCLIPSearchError, CancelledError, QueryError

_PROGRAM = "audioclip-search"


class _Program(TyperGroup):
    """Turns this package's errors into a line and an exit code; all others are bugs and leave with a traceback."""

    def invoke(self, ctx: Any) -> Any:  # a context; its type is typer's own in some versions, click's in others
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # here a closed pipe is still an error that can be handled
        except AudioCLIPSearchError as error:
            if ctx.params["debug"]:
                raise
            print_error(error)
            raise typer.Exit(_exit_code(error)) from error
        except KeyboardInterrupt as error:
            note("Interrupted.", style="yellow")
            raise typer.Exit(INTERRUPTED) from error
        return result


app = typer.Typer(
    cls=_Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(library.index)
app.command(cls=search.QueryCommand)(search.query)
app.command()(search.similar)
app.command()(library.info)
app.command()(duplicates.duplicates)
app.command()(care.watch)
app.command()(care.folders)
app.command()(care.rules)
app.command()(care.annotate)
app.command()(tagging.tag)
app.command()(care.forget)
app.command()(care.relocate)
app.command()(care.optimize)
app.command()(care.export)
app.command("import")(care.import_)
app.add_typer(models.app, name="models")
app.command()(doctor.doctor)
app.command()(desktop.gui)


def main() -> None:
    """Run the program; does not return."""
    # Before torch is loaded: its idle threads then sleep. Spinning ones, as is its default, keep the cores from the
    # threads that decode, and on a busy machine make indexing ten times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    app(prog_name=_PROGRAM)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"{_PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback()
def program(
    debug: Annotated[
        bool, typer.Option("--debug", envvar="AUDIOCLIP_SEARCH_DEBUG", help="Log everything; show errors in full.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find sounds and pictures in your own folders by words, by a picture or by another sound. Offline."""
    handler = RichHandler(console=notes(), show_time=debug, show_path=debug)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    if debug:
        logging.getLogger("audioclip_search").setLevel(logging.DEBUG)


def _exit_code(error: AudioCLIPSearchError) -> int:
    match error:
        case QueryError():
            return 2
        case CancelledError():
            return INTERRUPTED
        case _:
            return 1
