"""What people read: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.style import Style
from rich.table import Table
from rich.text import Text

from audioclip_search.errors import AudioCLIPSearchError
from audioclip_search.results import Explanation, Hit, Hits
from audioclip_search.results.objects import as_json, hit_object, hits_json
from audioclip_search.results.wording import clock, percent, printable
from audioclip_search.types import Modality, TagState

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C stopped."""

# A pipe or a file has no width: rows stay whole there.
_UNBOUNDED_WIDTH = 100_000
_SHORTEST_PATH = 20
_LEAST_TOLD = 0.005


class HitFormat(StrEnum):
    """How hits are printed."""

    TABLE = "table"
    JSON = "json"
    PATHS = "paths"
    NULL = "null"


def results() -> Console:
    """The console on stdout; lines are cut or wrapped on a terminal only."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNBOUNDED_WIDTH
    return console


def notes() -> Console:
    """The console on stderr."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def note(message: str, *, style: str = "") -> None:
    """One line on stderr."""
    notes().print(message, style=style)


def print_error(error: AudioCLIPSearchError) -> None:
    """`error: …` on one line of stderr and, if there is one, the remedy on the next."""
    where = f"{printable(error.where)}: " if error.where else ""
    notes().print(Text.assemble(("error: ", "bold red"), f"{where}{printable(error.reason)}"))
    if error.remedy:
        note(f"       {error.remedy}")


def print_json(value: object) -> None:
    """JSON on stdout, two blanks of indentation, Unicode as it is; paths as text."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=os.fspath) + "\n")


def print_hits(hits: Hits, *, root: Path, form: HitFormat) -> None:
    """Hits, best first, on stdout; paths are absolute except in the table, where they are relative to `root`. If
    nothing matches, stderr says so, with the nearest files."""
    if hits.nothing and not hits.closest:
        note("There is no such file in this library.", style="yellow")
    elif hits.nothing:
        note("Nothing in this library matches. The nearest files (--min-score 0 prints all of them):", style="yellow")
        notes().print(_hit_table(hits.closest, root), style="dim")
    match form:
        case HitFormat.TABLE:
            if hits:
                results().print(_hit_table(hits, root))
            if hits.more:
                note("There are more: -k and --offset ask for them.", style="dim")
        case HitFormat.JSON:
            sys.stdout.write(hits_json(hits) + "\n")
        case HitFormat.PATHS:
            sys.stdout.writelines(f"{hit.path}\n" for hit in hits)
        case HitFormat.NULL:
            sys.stdout.writelines(f"{hit.path}\0" for hit in hits)


def print_answers(answers: Sequence[Hits]) -> None:
    """Several queries with their hits, as JSON on stdout."""
    content = [
        {"query": hits.query, "nothing": hits.nothing, "hits": [hit_object(hit) for hit in hits]} for hits in answers
    ]
    sys.stdout.write(as_json(content) + "\n")


def plain_table(*columns: str) -> Table:
    """A table without lines, as all of this program's are."""
    return Table(*columns, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))


def pairs_table(rows: Sequence[tuple[str, str]]) -> Table:
    """Names and values, side by side."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def shortened(path: str, width: int) -> str:
    """`path` in at most `width` columns: folders go first, from the left, then the middle of the name.

    The end of the name stays: it tells the numbered takes of a sound apart.
    """
    if len(path) <= width:
        return path
    parts = path.split("/")
    for first in range(1, len(parts)):
        rest = "/".join(["…", *parts[first:]])
        if len(rest) <= width:
            return rest
    name = parts[-1]
    tail = (width - 1) // 2
    return f"{name[: max(width - 1 - tail, 0)]}…{name[len(name) - tail :]}"


def megabytes(size_bytes: int) -> str:
    """A size for people."""
    return f"{size_bytes / 1e6:,.1f} MB"


@dataclass(frozen=True, slots=True)
class _PathCell:
    """A path that takes what room there is; a link to the file on terminals that know links."""

    shown: str
    path: Path

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = shortened(self.shown, options.max_width)
        yield Text(shown, style=Style(link=self.path.as_uri()), no_wrap=True, overflow="ellipsis", end="")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        length = Text(self.shown).cell_len
        return Measurement(min(length, _SHORTEST_PATH), length)


def _hit_table(hits: Sequence[Hit], root: Path) -> Table:
    table = plain_table()
    table.add_column("#", justify="right", style="dim")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True, style="cyan")
    table.add_column("file")
    noted = any(map(_notes_on, hits))
    if noted:
        table.add_column("", style="dim")
    for rank, hit in enumerate(hits, 1):
        path = _PathCell(_relative(hit.path, root), hit.path)
        notes_on_hit = [_notes_on(hit)] if noted else []
        table.add_row(str(rank), percent(hit.score), _span(hit), path, *notes_on_hit)
        for moment in hit.moments[1:]:
            table.add_row("", percent(moment.score), f"{clock(moment.start_s)}–{clock(moment.end_s)}", "")
    return table


def _notes_on(hit: Hit) -> str:
    """What else there is to say of a hit: why it was found, its rating, its tags, those of a model with a question mark
    until somebody has confirmed them, and that it can't be opened now."""
    parts = [
        _why(hit.why) if hit.why else "",
        "★" * hit.rating,
        *(printable(tag) for tag in hit.tags),
        *(printable(tag.label) + ("" if tag.state is TagState.CONFIRMED else "?") for tag in hit.auto_tags),
        "(offline)" if hit.offline else "",
    ]
    return "  ".join(part for part in parts if part)


def _why(why: Explanation) -> str:
    """What a score is made of, those parts that there are."""
    shares = {"like it": why.semantic, "name": why.name, "folder": why.folder, "metadata": why.metadata}
    parts = [f"{name} {percent(share)}" for name, share in shares.items() if share >= _LEAST_TOLD]
    if why.excluded >= _LEAST_TOLD:
        parts.append(f"excluded -{percent(why.excluded)}")
    if len(why.terms) > 1:
        parts += [f"{printable(term.term)} {term.cosine:.2f}" for term in why.terms]
    return f"[{', '.join(parts) or 'nothing'}]"


def _span(hit: Hit) -> str:
    match hit.modality:
        case Modality.AUDIO:
            best = hit.moments[0] if hit.moments else hit
            return f"{clock(best.start_s)}–{clock(best.end_s)}"
        case Modality.IMAGE:
            return "picture"
        case Modality.TEXT:
            return "text"


def _relative(path: Path, root: Path) -> str:
    return printable((path.relative_to(root) if path.is_relative_to(root) else path).as_posix())
