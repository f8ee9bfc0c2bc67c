"""`python -m trainer`: arguments, printing, exit codes. Commands load torch when they run, so `--help` is quick."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from audioclip_search.errors import AudioCLIPSearchError, CancelledError
from trainer.configure import resolve
from trainer.errors import SettingsError
from trainer.options import takes_settings
from trainer.processes import is_main_process
from trainer.settings import FINETUNE_PROTOCOLS, PRETRAIN

_INTERRUPTED = 130


class _Program(TyperGroup):
    """Turns the errors that people can mend into a line and an exit code; all others are bugs and leave a traceback."""

    def invoke(self, ctx: Any) -> Any:  # a context; its type is typer's own in some versions, click's in others
        try:
            return super().invoke(ctx)
        except CancelledError as error:  # stopped in order, and it says how to go on
            if is_main_process():
                _notes().print(Text(str(error), style="yellow"))
            raise typer.Exit(_INTERRUPTED) from error
        except AudioCLIPSearchError as error:
            _notes().print(Text(f"error: {' '.join(str(error).splitlines())}", style="red"))
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            goes_on = ctx.invoked_subcommand in ("pretrain", "finetune")
            way = " To go on from the last checkpoint, give the same command with --resume." if goes_on else ""
            _notes().print(Text(f"Interrupted.{way}", style="yellow"))
            raise typer.Exit(_INTERRUPTED) from error


app = typer.Typer(
    cls=_Program,
    help="Train, fine-tune and measure AudioCLIP models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
datasets = typer.Typer(help="What each data set needs on disk, and whether it is there.", no_args_is_help=True)
app.add_typer(datasets, name="datasets")


class RecipeName(StrEnum):
    """Recipes with settings of their own."""

    STARTER = "starter"


class Task(StrEnum):
    """What `evaluate` measures."""

    ZERO_SHOT = "zero-shot"
    PROBE = "probe"
    RETRIEVAL = "retrieval"
    ALL = "all"


class Statistics(StrEnum):
    """What the audio tower's batch norms normalise with."""

    EVAL = "eval"
    BATCH = "batch"


_Config = Annotated[
    Path | None, typer.Option(help="YAML file of settings, such as a run's settings.yaml.", rich_help_panel="Run")
]
_Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="One setting, over those of --config.", rich_help_panel="Run"),
]
_Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the last checkpoint in --out.", rich_help_panel="Run")
]


@app.command()
@takes_settings(PRETRAIN, {}, without=("test_folds", "held_out"))
def pretrain(
    *,
    config: _Config = None,
    sets: _Sets = None,
    resume: _Resume = False,
    recipe: Annotated[
        RecipeName | None,
        typer.Option(
            help="Make this model; of the others, it takes --out, --cache and --resume.", rich_help_panel="Recipe"
        ),
    ] = None,
    esc10: Annotated[
        Path | None, typer.Option(help="ESC-10 or ESC-50 (meta/esc50.csv, audio/).", rich_help_panel="Recipe")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Optimiser steps. \\[default: the recipe's]", min=1, rich_help_panel="Recipe")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the run. \\[default: the recipe's]", min=0, max=2**32 - 1, rich_help_panel="Recipe"),
    ] = None,
    **options: Any,
) -> None:
    """Train all three towers (section 3.3), or make a model by its recipe."""
    if recipe is not None or esc10 is not None:
        _train_starter(esc10, steps=steps, seed=seed, resume=resume, others={"config": config, "set": sets} | options)
        return
    if steps is not None or seed is not None:
        raise SettingsError("--steps and --seed belong to --recipe starter", remedy="Give --epochs and --seeds")
    settings = resolve(PRETRAIN, {}, config=config, sets=sets or (), options=options)
    from trainer import pretrain as training

    with _Bars() as bars:
        results = training.pretrain(settings, resume=resume, on_progress=bars)
    if is_main_process():
        _print_rows(results.table(), title=f"pretrain on {settings.dataset}")


def _train_starter(
    esc10: Path | None, *, steps: int | None, seed: int | None, resume: bool, others: Mapping[str, Any]
) -> None:
    given = {key: value for key, value in others.items() if value is not None}
    for key in given.keys() - {"out", "cache"}:
        raise SettingsError(f"--{key.replace('_', '-')}: the recipe settles this", remedy="Leave it out")
    if esc10 is None or "out" not in given:
        raise SettingsError("--recipe starter needs --esc10 and --out", remedy="Give both folders")
    out = Path(given["out"]).expanduser()
    from trainer import starter

    sizes = starter.Recipe()
    sizes = dataclasses.replace(sizes, steps=steps or sizes.steps, seed=sizes.seed if seed is None else seed)
    cache = Path(given.get("cache", out / "bank")).expanduser()
    with _Bars() as bars:
        material = starter.prepare(sizes, esc10=esc10, cache=cache, on_progress=bars)
        scores = starter.train(sizes, material, out=out, resume=resume, on_progress=bars)
    rows = [(name.replace("_", " "), f"{share:.1%}") for name, share in dataclasses.asdict(scores).items()]
    _print_rows(rows, title=f"starter in {out / 'model'}")


@app.command()
@takes_settings({}, FINETUNE_PROTOCOLS)
def finetune(*, config: _Config = None, sets: _Sets = None, resume: _Resume = False, **options: Any) -> None:
    """Fine-tune on a data set by the paper's protocol (section 3.3), or on a folder of your own."""
    settings = resolve({}, FINETUNE_PROTOCOLS, config=config, sets=sets or (), options=options)

    if settings.dataset == "folder":
        from trainer.folder import finetune_folder

        with _Bars() as bars:
            adapted = finetune_folder(settings, resume=resume, on_progress=bars)
        _results().print(adapted.table())
        return
    from trainer import finetune as training

    with _Bars() as bars:
        results = training.finetune(settings, resume=resume, on_progress=bars)
    if is_main_process():
        _print_rows(results.table(), title=f"finetune on {settings.dataset}")


@app.command()
def evaluate(
    *,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH", help="An installed model, a model folder or a file of weights. \\[default: audioclip]"
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(help="A finished finetune run: each fold's model on its test fold, by default of its data."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME[:PATH]", help="Data set. \\[default: esc50, or the run's]")
    ] = None,
    root: Annotated[Path | None, typer.Option(help="Folder or file of the data set. \\[default: the run's]")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for scores and plots. \\[default: RUN/evaluation or runs/evaluate-DATASET]"),
    ] = None,
    task: Annotated[
        list[Task] | None, typer.Option(help="What to measure (section 3.4); repeatable. \\[default: all]")
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEMPLATE",
            help="Text with {} for the class; the first counts; repeatable. \\[default: {} and sentences]",
        ),
    ] = None,
    input_scale: Annotated[
        float, typer.Option(help="Samples are multiplied by this: which range do the weights expect?")
    ] = 1.0,
    statistics: Annotated[
        Statistics, typer.Option(help="What the audio tower's norms use: running averages, or each batch's own.")
    ] = Statistics.EVAL,
    folds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N,N,…",
            help="Measure clips of these official folds only, such as those a model was not trained on; the probe"
            " learns from the others. \\[default: all]",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Use so many examples; 0 uses all.")] = 0,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples embedded at a time.")] = 64,
    workers: Annotated[int, typer.Option(min=0, help="Processes that decode.")] = 2,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of what is random: the probe, the choice of --limit.")
    ] = 2021,
) -> None:
    """Measure a model on a data set: zero-shot, linear probe, retrieval in six directions (sections 3.4 and 4)."""
    saved = None if run is None else run / "settings.yaml"
    chosen = resolve({}, {}, config=saved, sets=(), options={"dataset": dataset, "root": root})
    from trainer.evaluate.evaluation import run as measure
    from trainer.evaluate.settings import DEFAULT_PROMPTS, TASKS, EvaluateSettings
    from trainer.runs import require_root

    settings = EvaluateSettings(
        model=model or ("audioclip" if run is None else ""),
        run=run,
        dataset=chosen.dataset,
        root=require_root(chosen),
        out=out or (run / "evaluation" if run is not None else Path("runs") / f"evaluate-{chosen.dataset}"),
        tasks=tuple(map(str, task)) if task and Task.ALL not in task else TASKS,
        prompts=tuple(prompt or DEFAULT_PROMPTS),
        input_scale=input_scale,
        statistics=str(statistics),
        folds=_fold_numbers(folds or ()),
        limit=limit,
        batch_size=batch_size,
        workers=workers,
        device=device,
        seed=seed,
    )
    with _Bars() as bars:
        report = measure(settings, on_progress=bars)
    _print_rows(report.table(), title=f"evaluate on {settings.dataset}, in {settings.out}")


def _fold_numbers(texts: Sequence[str]) -> tuple[int, ...]:
    parts = [part.strip() for text in texts for part in text.split(",")]
    for part in parts:
        if not part.isdecimal():
            raise SettingsError(f"--folds {part}: no whole number", remedy="Write, say, --folds 4 or --folds 4,5")
    return tuple(map(int, parts))


@app.command()
def export(
    source: Annotated[Path, typer.Argument(metavar="CHECKPOINT_OR_RUN", help="A .ckpt file, or the folder of a run.")],
    *,
    name: Annotated[str, typer.Option(help="Name of the model.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the model.")] = None,
    half: Annotated[bool, typer.Option("--half", help="Store float16: half the size.")] = False,
    description: Annotated[str, typer.Option(help="A line on what the model is.")] = "",
    install: Annotated[
        bool, typer.Option("--install", help="Install it, so that its name is enough elsewhere.")
    ] = False,
) -> None:
    """Make a model that the library and the app load, out of a checkpoint or a run."""
    if out is None and not install:
        raise SettingsError("nowhere to put the model", remedy="Give --out DIR or --install")
    from trainer.export import export as export_model

    folder = export_model(source, out, name=name, description=description, half=half, install=install)
    _results().print(Text(f"{name} in {folder}"))


@datasets.command("list")
def list_datasets() -> None:
    """What each data set needs on disk, where to get it, and its licence."""
    from trainer.datasets import NAMES, layout

    for name in NAMES:
        _results().print(Text(name, style="bold"))
        _results().print(Text(f"{layout(name)}\n"))


@datasets.command("check")
def check_dataset(
    name: Annotated[str, typer.Argument(help="Name of the data set.")],
    root: Annotated[Path, typer.Option(help="Its folder or file.")],
) -> None:
    """Name everything that is missing or wrong, without decoding; exit code 1 if anything is."""
    from trainer.datasets import check

    problems = check(name, root.expanduser())
    for problem in problems:
        _results().print(Text(problem))
    if problems:
        raise typer.Exit(1)
    _results().print(Text(f"{name} in {root}: complete"))


class _Bars:
    """A bar with the time left for each stage; in a log file a line for each tenth. Call it with stage, done, total."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._console = _notes()
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._tenths: dict[str, int] = {}

    def __enter__(self) -> _Bars:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tasks:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if not self._console.is_terminal:
            self._write_line(stage, done, total)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage)
        self._progress.start()
        self._progress.update(self._tasks[stage], completed=done, total=total or None)
        if done >= total:
            self._progress.remove_task(self._tasks.pop(stage))
            if not self._tasks:
                self._progress.stop()

    def _write_line(self, stage: str, done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if tenth > self._tenths.get(stage, 0):
            self._tenths[stage] = tenth
            self._console.print(Text(f"{time.strftime('%H:%M:%S')} {stage}: {done:,} of {total:,}"))


def _print_rows(rows: Sequence[tuple[str, str]], *, title: str) -> None:
    table = Table("measure", "value", title=Text(title), title_justify="left", box=None, pad_edge=False)
    for measure, value in rows:
        table.add_row(Text(measure), Text(value))
    _results().print(table)


def _results() -> Console:
    width = None if sys.stdout.isatty() else 160  # a file has no edge to wrap a table at
    return Console(highlight=False, soft_wrap=True, width=width)


def _notes() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)
