"""What fine-tuning on a folder did to the sounds held out of it: figures before and after, as table, text and JSON."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.table import Table

from audioclip_search.model import AudioCLIP
from audioclip_search.types import FloatArray
from trainer import runs
from trainer.adapter import embed_features
from trainer.evaluate.measures import classification, retrieval

REPORT = "report.md"
_CONFUSIONS = 10
_TEXTS = 256  # in one pass
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How a model sees the held-out sounds: unit-norm float32 `(…, dim)` embeddings of them, of the folder's labels,
    and of what the model covered before (none if its vocabulary is open)."""

    sounds: FloatArray
    labels: FloatArray
    covered: FloatArray

    @property
    def scores(self) -> FloatArray:
        """`(sounds, labels)` cosines."""
        return self.sounds @ self.labels.T


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The truth about the held-out sounds.

    Attributes:
        labels: Names of all labels; first come the classes, of which a sound has one.
        classes: How many classes there are.
        targets: float32 `(n, labels)` of 0 and 1.
    """

    labels: tuple[str, ...]
    classes: int
    targets: NDArray[np.float32]

    def named(self, scores: NDArray[np.float32]) -> list[str]:
        """Each sound's class with the highest of the scores `(n, labels)`."""
        return [self.labels[column] for column in scores[:, : self.classes].argmax(axis=1)]

    @property
    def truth(self) -> list[str]:
        """Each sound's class."""
        return self.named(self.targets)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in [0, 1].

    Attributes:
        accuracy: Sounds whose nearest class name is their own (zero-shot, section 4.1).
        mean_average_precision: Of the labels as text queries for the held-out sounds (section 4.2).
        precision_1: Labels whose nearest held-out sound has them.
    """

    accuracy: float
    mean_average_precision: float
    precision_1: float


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """A label's average precision as a query, before and after, and how many held-out sounds have it."""

    label: str
    held_out: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many held-out sounds of the class `true` were nearest to `nearest`, before and after."""

    true: str
    nearest: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What became of what the model knew.

    Attributes:
        cosine: Mean over the held-out sounds, between the old embedding and the new.
        covered: Names that the model's card listed before.
        agreement: Share of the held-out sounds whose nearest one of those names is still the same; None without names.
    """

    cosine: float
    covered: int
    agreement: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderResults:
    """What the training did.

    Attributes:
        start: Name of the model it began with.
        learnt_from: Sounds it learnt from.
        held_out: Sounds it was measured on.
        before: Figures of the start.
        after: Figures of the result.
        labels: Figures of every label that is held out.
        confusions: Those that changed most.
        forgetting: See there.
        model: Folder of the saved result.
        notes: What a reader should know of the figures.
        name: The name it is installed under; empty if it is not.
    """

    start: str
    learnt_from: int
    held_out: int
    before: Figures
    after: Figures
    labels: tuple[LabelFigures, ...]
    confusions: tuple[Confusion, ...]
    forgetting: Forgetting
    model: Path
    notes: tuple[str, ...] = ()
    name: str = ""

    @property
    def worse(self) -> str:
        """What got worse, with figures; empty if nothing did. Worse is a lower mean average precision, or one held-out
        sound fewer that is nearest to its own class."""
        before, after = self.before, self.after
        fallen = []
        if after.accuracy < before.accuracy - _NOTHING:
            fallen.append(f"accuracy from {before.accuracy:.1%} to {after.accuracy:.1%}")
        if after.mean_average_precision < before.mean_average_precision - _NOTHING:
            fallen.append(f"mAP from {before.mean_average_precision:.3f} to {after.mean_average_precision:.3f}")
        return " and ".join(fallen)

    def installed(self, name: str) -> FolderResults:
        """The same, installed under `name`."""
        return dataclasses.replace(self, name=name)

    def table(self) -> Table:
        """Figures before and after, for people; the last line of its caption says what to do next."""
        table = Table(
            f"{self.held_out} held-out sounds",
            "before",
            "after",
            title=f"{self.start}, adapted to {self.learnt_from} sounds",
            caption="\n".join((*self.notes, f"Written to {self.model.parent}", self.next_step)),
            caption_justify="left",
        )
        for row in self._rows():
            table.add_row(*row)
        return table

    @property
    def next_step(self) -> str:
        """How to use the result."""
        if self.worse:
            return f"It got worse ({self.worse}): better keep {self.start}."
        model = self.name or str(self.model)
        return f"Indexes of another model need: audioclip-search index ROOT --model {model} --reembed"

    def markdown(self) -> str:
        """All of it as a text."""
        forgetting, number = self.forgetting, "{:.3f}".format
        names = f" (of the {forgetting.covered} names it covered)" if forgetting.covered else ""
        lines = [
            f"# {self.start}, adapted to {self.learnt_from} sounds, measured on {self.held_out} others",
            "",
            *_markdown_table(("", "before", "after"), self._rows()),
            "",
            *(f"{note}\n" for note in self.notes),
            self.next_step,
            "",
            "## What it knew before",
            "",
            f"Mean cosine between old and new embeddings of the held-out sounds: {forgetting.cosine:.3f}.",
            *([] if forgetting.agreement is None else [f"Nearest name{names} unchanged: {forgetting.agreement:.1%}."]),
            "",
            "## Labels as queries, average precision",
            "",
            *_markdown_table(
                ("label", "held out", "before", "after"),
                [(row.label, str(row.held_out), number(row.before), number(row.after)) for row in self.labels],
            ),
            "",
            "## Confusions that changed most, in sounds",
            "",
            *_markdown_table(
                ("class", "nearest", "before", "after"),
                [(row.true, row.nearest, str(row.before), str(row.after)) for row in self.confusions],
            ),
        ]
        return "\n".join(lines) + "\n"

    def _rows(self) -> list[tuple[str, str, str]]:
        before, after = self.before, self.after
        return [
            ("nearest class is their own", f"{before.accuracy:.1%}", f"{after.accuracy:.1%}"),
            (
                "labels as queries, mAP",
                f"{before.mean_average_precision:.3f}",
                f"{after.mean_average_precision:.3f}",
            ),
            ("labels as queries, P@1", f"{before.precision_1:.1%}", f"{after.precision_1:.1%}"),
            ("cosine to the old embedding", "", f"{self.forgetting.cosine:.3f}"),
        ]


@torch.inference_mode()
def view(model: AudioCLIP, features: FloatArray, labels: Sequence[str], covered: Sequence[str]) -> View:
    """Embed the held-out sounds (pooled features `(n, 1, features)`) and names with a model as it is now."""

    def embed(texts: Sequence[str]) -> FloatArray:
        parts = [
            model.encode_text(list(texts[start : start + _TEXTS]), normalize=True).cpu().numpy()
            for start in range(0, len(texts), _TEXTS)
        ]
        return np.concatenate([np.empty((0, model.config.embed_dim), np.float32), *parts])

    return View(embed_features(model, features[:, 0]), embed(labels), embed(covered))


def compare(
    before: View,
    after: View,
    held: Held,
    *,
    start: str,
    learnt_from: int,
    model: Path,
    notes: tuple[str, ...] = (),
) -> FolderResults:
    """Measure two views of the same held-out sounds; see `FolderResults` for the rest."""
    precision_before = classification(before.scores, held.targets).class_average_precision
    precision_after = classification(after.scores, held.targets).class_average_precision
    counts = held.targets.sum(axis=0).astype(int)  # (labels,)
    return FolderResults(
        start=start,
        learnt_from=learnt_from,
        held_out=len(held.targets),
        before=_figures(before, held),
        after=_figures(after, held),
        labels=tuple(
            LabelFigures(label, int(counts[row]), float(precision_before[row]), float(precision_after[row]))
            for row, label in enumerate(held.labels)
            if counts[row]
        ),
        confusions=_confusions(before, after, held),
        forgetting=_forgetting(before, after),
        model=model,
        notes=notes,
    )


def write(results: FolderResults, out: Path) -> None:
    """Write `results.json` and `report.md`."""
    content = {**dataclasses.asdict(results), "model": str(results.model), "worse": results.worse}
    runs.write_json(out / runs.RESULTS, content)
    (out / REPORT).write_text(results.markdown(), encoding="utf-8")


def _figures(seen: View, held: Held) -> Figures:
    queries = retrieval(seen.labels, seen.sounds, held.targets.T > 0)
    right = np.equal(held.named(seen.scores), held.truth)
    return Figures(float(np.mean(right)), queries.mean_average_precision, queries.precision_1)


def _confusions(before: View, after: View, held: Held) -> tuple[Confusion, ...]:
    old = Counter(zip(held.truth, held.named(before.scores), strict=True))
    new = Counter(zip(held.truth, held.named(after.scores), strict=True))
    pairs = [pair for pair in old | new if pair[0] != pair[1] and old[pair] != new[pair]]
    pairs.sort(key=lambda pair: (-abs(new[pair] - old[pair]), pair))
    return tuple(Confusion(*pair, old[pair], new[pair]) for pair in pairs[:_CONFUSIONS])


def _forgetting(before: View, after: View) -> Forgetting:
    cosine = float(np.mean(np.sum(before.sounds * after.sounds, axis=1)))
    if not len(before.covered):
        return Forgetting(cosine, 0, None)
    same = (before.sounds @ before.covered.T).argmax(axis=1) == (after.sounds @ after.covered.T).argmax(axis=1)
    return Forgetting(cosine, len(before.covered), float(np.mean(same)))


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in [list(head), ["---"] * len(head), *cells]]
