"""A finished fine-tuning, measured again: every model on the fold it was not trained on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from audioclip_search.model.weights import load_model, read_card
from trainer import configure, runs
from trainer.datasets.examples import Dataset, targets
from trainer.errors import DataError, SettingsError
from trainer.evaluate.embed import choose_device, embed, embed_texts
from trainer.evaluate.measures import classification
from trainer.evaluate.report import FineTuned, FoldModel, Spread, headline
from trainer.evaluate.settings import EvaluateSettings
from trainer.training import input_form


def measure_run(
    run: Path, dataset: Dataset, settings: EvaluateSettings, *, on_progress: Callable[[str, int, int], None]
) -> FineTuned:
    """Measure the models in `run/seed-*/fold-*` by the bare class names; with `settings.folds` those of these folds.

    Raises:
        SettingsError: There is no such run, none of its folds is finished, or it is of another data set.
        DataError: There are no examples of a fold that was tested.
    """
    trained = configure.resolve({}, {}, config=run / runs.SETTINGS, sets=(), options={})
    if trained.dataset != settings.dataset:
        raise SettingsError(f"the run is of {trained.dataset}, not of {settings.dataset}", path=run)
    finished = {result: _seed_and_fold(result) for result in sorted(run.glob("seed-*/fold-*/result.json"))}
    results = {at: found for at, found in finished.items() if not settings.folds or found[1] in settings.folds}
    if not results:
        which = f", of {', '.join(map(str, settings.folds))}," if settings.folds else ""
        raise SettingsError(f"no finished fold{which} in this run", path=run, remedy="Finish it: `finetune --resume`")
    device, parts, models = choose_device(settings.device), [], []
    for result, (seed, fold) in results.items():
        test = dataset.examples.take(np.flatnonzero(dataset.examples.folds == fold))
        if not len(test):
            raise DataError(f"no examples of fold {fold}", path=settings.root, remedy="Give a larger --limit, or 0")
        model = load_model(result.parent / runs.MODEL).to(device)
        form = input_form(trained, model.config)
        label = f"seed {seed}, fold {fold}"
        sounds = embed(
            model, test, form, settings=settings, on_progress=lambda *now, label=label: on_progress(label, *now)
        ).audio
        if sounds is None:
            raise DataError("has no sounds", path=settings.root)
        part = sounds @ embed_texts(model, dataset.classes).T, targets(test, dataset.classes)
        value = headline(classification(*part))[1]
        models.append(FoldModel(seed, fold, read_card(result.parent / runs.MODEL).weights_hash, value))
        parts.append(part)
    by_fold = {fold: [model.value for model in models if model.fold == fold] for fold in dataset.folds}
    scores, truth = (np.concatenate(part) for part in zip(*parts, strict=True))
    detail = classification(scores, truth)
    spread = Spread.of({fold: float(np.mean(values)) for fold, values in by_fold.items() if values})
    return FineTuned(headline(detail)[0], spread, form, tuple(models), detail)


def _seed_and_fold(result: Path) -> tuple[int, int]:
    try:
        content = json.loads(result.read_text(encoding="utf-8"))
        return int(content["seed"]), int(content["test_fold"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SettingsError(
            f"not the result of a fold: {error!r}", path=result, remedy="Train that fold again"
        ) from error
