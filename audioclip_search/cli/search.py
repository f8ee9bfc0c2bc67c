"""The commands that ask a library: `query`, `similar`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.cells import cell_len
from typer.core import TyperCommand

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
from audioclip_search.cli.output import HitFormat, note, print_answers, print_error, print_hits
from audioclip_search.errors import ExportError, MediaError, QueryError
from audioclip_search.query import Query, Ranking
from audioclip_search.results.wording import printable
from audioclip_search.types import Modality

if TYPE_CHECKING:
    from audioclip_search.results import Hits

# Arguments that are no part of a query with a minus before it.
_OPTION = re.compile(r"[^-]|-$|--|-[0h]$|-k(?:=?[0-9]+)?$|$")

Count = Annotated[int, typer.Option("-k", min=1, help="The most hits to print.")]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Leave out so many of the best: those of earlier pages.")]
ModalityOption = Annotated[Modality | None, typer.Option("--modality", help="Only files of this kind.")]
Paths = Annotated[bool, typer.Option("--paths", help="Print paths only, one a line.")]
Null = Annotated[bool, typer.Option("-0", "--null", help="Print paths only, each ended by NUL, for `xargs -0`.")]
Save = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Write the hits: .json, .csv, .m3u, .m3u8, .parquet or .arrow."),
]
Extract = Annotated[
    Path | None,
    typer.Option("--extract", metavar="FOLDER", file_okay=False, help="Write the part that fits of every sound found."),
]


class QueryCommand(TyperCommand):
    """A command whose arguments may begin with a minus: `-music` excludes, it is not the options -m, -u, -s, …"""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As its base; a blank keeps words from being taken for options."""
        end = args.index("--") if "--" in args else len(args)
        words = [arg if _OPTION.match(arg) else f" {arg}" for arg in args[:end]]
        return super().parse_args(ctx, [*words, *args[end:]])


def query(
    root: Root,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="Words and filters; in quotation marks if it has blanks, `<`, …"),
    ] = None,
    *,
    image: Annotated[
        list[Path] | None,
        typer.Option("--image", metavar="FILE", exists=True, dir_okay=False, help="What belongs to a picture."),
    ] = None,
    audio: Annotated[
        list[Path] | None,
        typer.Option("--audio", metavar="FILE", exists=True, dir_okay=False, help="What is like a sound."),
    ] = None,
    like: Annotated[
        list[Path] | None, typer.Option("--like", metavar="FILE", help="What is like a file of the library.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="TEXT", help="What hits must not be like, or called.")
    ] = None,
    k: Count = 20,
    offset: Offset = 0,
    modality: ModalityOption = None,
    min_score: Annotated[
        float | None,
        typer.Option("--min-score", min=0, max=1, help="The least score of a hit, 0 to 1; 0 prints all."),
    ] = None,
    ranking: Annotated[Ranking, typer.Option("--ranking", help="What the order comes from.")] = Ranking.HYBRID,
    moments: Annotated[bool, typer.Option("--moments", help="Tell the best parts of long sounds.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Tell why each file was found.")] = False,
    batch: Annotated[
        typer.FileText | None,
        typer.Option("--batch", metavar="FILE", help="Ask one query a line (- reads stdin), print JSON."),
    ] = None,
    save: Save = None,
    extract: Extract = None,
    as_json: Json = False,
    paths: Paths = False,
    null: Null = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Find files by words, pictures, sounds, or all of them, best first.

    QUERY is words and filters: 'glass breaking -music dur:<3 ext:wav,flac folder:foley tag:impact rate:>=96k "exact
    phrase" image:window.jpg^0.5'. Fields: kind, dur, ext, folder, name, tag, rating, rate, ch, bits, size.

    A folder that was never indexed is indexed first; later changes in it count after `index ROOT`.
    """
    form = _form(as_json=as_json, paths=paths, null=null)
    words = " ".join(part.strip() for part in text or ())
    options = Query(k=k, offset=offset, min_score=min_score, moments=moments, explain=explain, ranking=ranking)
    if batch is not None:
        if words or image or audio or like:
            raise typer.BadParameter("--batch brings its own queries")
        if save or extract or paths or null:
            raise typer.BadParameter("--batch prints JSON, and nothing else is written")
        queries = [_parsed(line.strip()) for line in batch if line.strip()]
    elif not (words.strip() or image or audio or like):
        raise typer.BadParameter("give something to search by: words, --image FILE, --audio FILE or --like FILE")
    else:
        queries = [_with_files(_parsed(words), root, image=image or (), audio=audio or (), like=like or ())]
    extra = Query.of(exclude=exclude or (), modality=modality) if exclude or modality else Query()
    wanted = [
        replace(
            options,
            terms=one.terms,
            excluded=(*one.excluded, *extra.excluded),
            filters=(*one.filters, *extra.filters),
        )
        for one in queries
    ]
    with open_library(root, model=model, device=device, index=index) as library:
        name_model(library, model)
        sync_first(library, index)
        found = library.query_many(wanted)
        if batch is not None:
            print_answers(found)
            return
        _give(found[0], root=library.root, form=form, save=save, extract=extract)


def similar(
    root: Root,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file in the index; its path, or that below ROOT.")],
    *,
    k: Count = 20,
    modality: ModalityOption = None,
    save: Save = None,
    extract: Extract = None,
    as_json: Json = False,
    paths: Paths = False,
    null: Null = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    index: IndexOption = None,
) -> None:
    """Find the files most like one of the library's own."""
    form = _form(as_json=as_json, paths=paths, null=null)
    with open_library(root, model=model, device=device, index=index) as library:
        sync_first(library, index)
        hits = library.similar(_in_library(file, root), k=k, modality=modality)
        _give(hits, root=library.root, form=form, save=save, extract=extract)


def _parsed(words: str) -> Query:
    """A query in the language; what can't be read is pointed at."""
    try:
        return Query.parse(words) if words.strip() else Query()
    except QueryError as error:
        if error.position is not None:
            before = cell_len(printable(words[: error.position]))
            note(f"  {printable(words)}\n  {' ' * before}^", style="dim")
        raise


def _with_files(
    query: Query,
    root: Path,
    *,
    image: list[Path] | tuple[()],
    audio: list[Path] | tuple[()],
    like: list[Path] | tuple[()],
) -> Query:
    """The query, and what is like these files."""
    if not (image or audio or like):
        return query
    files = Query.of(image=list(image), audio=list(audio), like=[_in_library(path, root) for path in like])
    return replace(query, terms=(*query.terms, *files.terms))


def _in_library(file: Path, root: Path) -> Path:
    """A file of the library, given by its path or by that below the root. One that is neither here nor there may be on
    a drive that isn't connected: then it is taken as below the root."""
    return file.absolute() if file.exists() and not (root / file).exists() else file


def _form(*, as_json: bool, paths: bool, null: bool) -> HitFormat:
    if as_json and (paths or null):
        raise typer.BadParameter("--json goes with neither --paths nor --null")
    if as_json:
        return HitFormat.JSON
    if null:
        return HitFormat.NULL
    return HitFormat.PATHS if paths else HitFormat.TABLE


def _give(hits: Hits, *, root: Path, form: HitFormat, save: Path | None, extract: Path | None) -> None:
    """Print hits, and write what is to be written of them."""
    print_hits(hits, root=root, form=form)
    if save is not None:
        note(f"Written: {hits.save(save)}")
    if extract is not None:
        _extract(hits, extract)


def _extract(hits: Hits, folder: Path) -> None:
    """Write the parts of the sounds that can be read; of the others it is told why they are not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"could not make the folder: {error.strerror}", path=folder) from error
    sounds = [hit for hit in hits if hit.modality is Modality.AUDIO]
    written = 0
    for rank, hit in enumerate(sounds, 1):
        try:
            hit.extract(folder / f"{rank:03d} {hit.path.stem}.wav")
            written += 1
        except (ExportError, MediaError) as error:
            print_error(error)
    note(f"Written: {written} sounds into {printable(str(folder))}")
    if written < len(sounds):
        raise typer.Exit(1)
