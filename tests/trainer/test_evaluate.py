"""Evaluations of a tiny model on made-up data, checked against the same numbers computed otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch.nn.functional import normalize
from trees import make_audioset, make_esc50, make_folder, make_tone, make_us8k, write_csv

from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.weights import load_model, read_card, save_model
from trainer import configure
from trainer.clips import InputForm
from trainer.datasets import open_dataset
from trainer.errors import DataError, SettingsError
from trainer.evaluate.embed import batch_statistics, embed, embed_texts
from trainer.evaluate.evaluation import run
from trainer.evaluate.plots import plot_classes, plot_confusion
from trainer.evaluate.probe import cross_validate, random_folds
from trainer.evaluate.report import Report
from trainer.evaluate.settings import DEFAULT_PROMPTS, EvaluateSettings
from trainer.settings import TrainSettings

CLASSES = ("dog", "rain", "pig")


@pytest.fixture(scope="module")
def esc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # As long as the window, so that nothing is padded.
    return make_esc50(tmp_path_factory.mktemp("esc"), classes=CLASSES, folds=(1, 2, 3), per_class=4, duration_s=5.0)


@pytest.fixture
def settings(esc: Path, tiny_model: Path, tmp_path: Path) -> EvaluateSettings:
    return EvaluateSettings(
        model=str(tiny_model), dataset="esc50", root=esc, out=tmp_path / "out", batch_size=8, workers=0, device="cpu"
    )


def _run(settings: EvaluateSettings) -> Report:
    return run(settings, on_progress=lambda *_: None)


def _json(report: Report) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((report.settings.out / "evaluation.json").read_text(encoding="utf-8"))
    return content


def _brute_force(model: AudioCLIP, root: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, class numbers and folds of an ESC tree, one file at a time, in the table's order."""
    lines = (root / "meta" / "esc50.csv").read_text().split()[1:]
    vectors, numbers, folds = [], [], []
    for line in lines:
        filename, fold, _, category, *_ = line.split(",")
        samples, _ = soundfile.read(root / "audio" / filename, dtype="float32")
        with torch.no_grad():
            vectors.append(normalize(model.encode_audio(torch.from_numpy(samples)[None, None]), dim=-1).numpy()[0])
        numbers.append(CLASSES.index(category))
        folds.append(int(fold))
    return np.stack(vectors), np.array(numbers), np.array(folds)


def test_a_report_has_everything_and_its_numbers_are_right(settings: EvaluateSettings, tiny_model: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    report = run(settings, on_progress=lambda *now: seen.append(now))
    assert {what for what, _, _ in seen} == {"embedding", "probing", "retrieving"}
    assert all(done <= total for _, done, total in seen)
    assert settings.root is not None
    model = load_model(tiny_model)
    vectors, numbers, folds = _brute_force(model, settings.root)
    dataset = open_dataset("esc50", settings.root)
    assert report.classes == dataset.classes

    with torch.no_grad():
        names = normalize(model.encode_text(dataset.classes), dim=-1).numpy()
    predicted = np.argmax(vectors @ names.T, axis=1)
    true = np.array([dataset.classes.index(CLASSES[number]) for number in numbers])
    by_fold = [float(np.mean((predicted == true)[folds == fold])) for fold in (1, 2, 3)]
    found = report.zero_shot
    assert found is not None
    assert list(found.score.folds.values()) == pytest.approx(by_fold)
    assert found.score.mean == pytest.approx(np.mean(by_fold))
    assert found.score.sd == pytest.approx(np.std(by_fold, ddof=1))
    assert [other.prompt for other in found.sweep] == [*DEFAULT_PROMPTS, "ensemble of all"]
    assert found.best_of_sweep == max(found.sweep, key=lambda other: other.score.mean).prompt

    assert report.probe is not None
    assert report.probe.official_folds
    assert report.probe.score.mean > 0.8  # pitches differ by class: a random network tells them apart
    assert sorted(report.retrieval) == ["audio-text", "text-audio"]
    nearest = np.argmax(names[np.unique(true)] @ vectors.T, axis=1)
    assert report.retrieval["text-audio"].precision_1 == pytest.approx(np.mean(true[nearest] == np.unique(true)))
    assert report.retrieval["text-audio"].unanswerable == len(dataset.classes) - len(CLASSES)
    assert report.retrieval["audio-text"].precision_1 == pytest.approx(np.mean(by_fold))

    content = _json(report)
    assert content["model"]["weights_hash"] == read_card(tiny_model).weights_hash
    assert content["zero_shot"]["detail"]["accuracy"] == pytest.approx(np.mean(predicted == true))
    assert content["settings"]["batch_size"] == 8
    assert content["paper"]["zero-shot"] == 0.6940
    assert len(content["zero_shot"]["detail"]["class_average_precision"]) == len(dataset.classes)
    for name in ("confusion.png", "classes.png"):
        with Image.open(settings.out / name) as picture:
            assert min(picture.size) > 300
    assert report.table()[0][0] == "zero-shot accuracy, “{}”"
    assert "(paper: 69.40 %)" in report.table()[0][1]


def test_batch_statistics_leave_the_model_as_it_was(settings: EvaluateSettings, tiny_model: Path) -> None:
    model = load_model(tiny_model)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    sounds = torch.randn(4, 1, 16_000, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        running = model.encode_audio(sounds)
        with batch_statistics(model):
            batch = model.encode_audio(sounds)
            first_two = model.encode_audio(sounds[:2])
    assert not torch.allclose(running, batch, atol=1e-3)
    assert not torch.allclose(batch[:2], first_two, atol=1e-3)  # they depend on the batch
    assert not any(module.training for module in model.modules())
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)

    dataset = open_dataset("esc50", settings.root or Path())
    form = InputForm(8_000, 1, 5.0, False)
    vectors = [
        embed(model, dataset.examples, form, settings=changed, on_progress=lambda *_: None).audio
        for changed in (settings, replace(settings, statistics="batch"), replace(settings, statistics="batch", seed=1))
    ]
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)
    assert not np.allclose(vectors[1], vectors[2], atol=1e-3)
    whole = replace(settings, statistics="batch", batch_size=64)  # one batch: the order is no longer of any effect
    one = embed(model, dataset.examples, form, settings=whole, on_progress=lambda *_: None).audio
    other = embed(model, dataset.examples, form, settings=replace(whole, seed=1), on_progress=lambda *_: None).audio
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_input_scale_changes_the_vectors(settings: EvaluateSettings, tiny_model: Path) -> None:
    model, dataset = load_model(tiny_model), open_dataset("esc50", settings.root or Path())
    form = InputForm(8_000, 1, 2.0, False)
    plain, louder = (
        embed(model, dataset.examples, form, settings=changed, on_progress=lambda *_: None).audio
        for changed in (settings, replace(settings, input_scale=100.0))
    )
    assert plain is not None
    assert louder is not None
    assert np.abs(plain - louder).max() > 0.01
    np.testing.assert_allclose(np.linalg.norm(louder, axis=1), 1, rtol=1e-5)


def test_a_finished_run_is_measured_fold_by_fold(settings: EvaluateSettings, tiny_model: Path, tmp_path: Path) -> None:
    assert settings.root is not None
    finished = tmp_path / "run"
    model = load_model(tiny_model)
    for seed, fold in ((1, 2), (1, 3), (2, 2), (2, 3)):
        folder = finished / f"seed-{seed}" / f"fold-{fold}"
        with torch.no_grad():
            model.audio.fc.weight += 0.05 * torch.randn(model.audio.fc.weight.shape)
        save_model(folder / "model", model, name=f"{seed}-{fold}")
        (folder / "result.json").write_text(json.dumps({"seed": seed, "test_fold": fold, "accuracy": 0.5}))
    configure.save(TrainSettings(dataset="esc50", root=settings.root), finished / "settings.yaml")
    report = _run(replace(settings, run=finished, model=""))
    assert (report.zero_shot, report.model) == (None, None)
    found = report.fine_tuned
    assert found is not None
    expected = {}
    for measured in found.models:
        saved = load_model(finished / f"seed-{measured.seed}" / f"fold-{measured.fold}" / "model")
        vectors, numbers, folds = _brute_force(saved, settings.root)
        predicted = np.argmax(vectors @ embed_texts(saved, report.classes).T, axis=1)
        right = predicted == [report.classes.index(CLASSES[number]) for number in numbers]
        expected[measured.seed, measured.fold] = float(np.mean(right[folds == measured.fold]))
        assert measured.value == pytest.approx(expected[measured.seed, measured.fold])
    assert sorted(expected) == [(1, 2), (1, 3), (2, 2), (2, 3)]
    by_fold = [(expected[1, fold] + expected[2, fold]) / 2 for fold in (2, 3)]
    assert found.score.mean == pytest.approx(np.mean(by_fold))
    assert found.score.sd == pytest.approx(np.std(by_fold, ddof=1))
    assert (settings.out / "confusion.png").is_file()
    assert "(paper: 97.15 %)" in dict(report.table())["fine-tuned accuracy"]

    third = _run(replace(settings, run=finished, model="", folds=(3,))).fine_tuned
    assert third is not None
    assert {measured.fold for measured in third.models} == {3}
    assert third.score.folds == {3: found.score.folds[3]}
    with pytest.raises(SettingsError, match="no finished fold, of 1, in this run"):
        _run(replace(settings, run=finished, model="", folds=(1,)))
    with pytest.raises(SettingsError, match="the run is of esc50, not of esc10"):
        _run(replace(settings, run=finished, dataset="esc10"))
    (finished / "seed-1" / "fold-2" / "result.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"result\.json: not the result of a fold"):
        _run(replace(settings, run=finished))
    with pytest.raises(SettingsError, match=r"settings\.yaml"):
        _run(replace(settings, run=tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("name", "make", "form"),
    [
        ("us8k", lambda root: make_us8k(root, folds=(1, 2)), InputForm(8_000, 2, 4.0, True)),
        ("folder", make_folder, InputForm(8_000, 1, 5.0, False)),
    ],
)
def test_forms_and_folds_of_other_data(
    settings: EvaluateSettings, tmp_path: Path, name: str, make: Callable[[Path], Path], form: InputForm
) -> None:
    report = _run(replace(settings, dataset=name, root=make(tmp_path / "data"), prompts=("{}",)))
    assert report.form == form
    assert report.probe is not None
    assert report.probe.official_folds == (name == "us8k")
    assert report.zero_shot is not None
    assert len(report.zero_shot.sweep) == 1


def test_audioset_is_measured_on_its_evaluation_split(settings: EvaluateSettings, tmp_path: Path) -> None:
    root = make_audioset(tmp_path / "data", balanced=10, evaluation=5, video=True)
    report = _run(replace(settings, dataset="audioset", root=root))
    assert report.examples == 5
    assert report.zero_shot is not None
    assert report.zero_shot.measure == "mean average precision"
    assert report.probe is not None
    assert report.probe.detail.accuracy is None
    assert len(report.retrieval) == 6
    assert not (settings.out / "confusion.png").exists()
    assert (settings.out / "classes.png").is_file()


def test_free_texts_allow_retrieval_only(
    settings: EvaluateSettings, tmp_path: Path, make_sound: Callable[..., Path]
) -> None:
    rows = [(make_sound(tmp_path / f"{n}.wav", seed=n).name, f"sound number {n // 2}") for n in range(4)]
    table = write_csv(tmp_path / "table.csv", ("audio", "text"), rows)
    report = _run(replace(settings, dataset="table", root=table))
    assert report.left_out == dict.fromkeys(("zero-shot", "probe"), "the texts are free, there are no classes")
    assert report.retrieval["text-audio"].queries == 2
    assert ("probe", "left out: the texts are free, there are no classes") in report.table()


def test_a_limit_draws_examples(settings: EvaluateSettings) -> None:
    report = _run(replace(settings, limit=20, tasks=("retrieval",)))
    assert (report.examples, report.zero_shot) == (20, None)
    assert report.retrieval["text-audio"].items == 20


def test_only_some_folds_are_measured(settings: EvaluateSettings, tiny_model: Path) -> None:
    assert settings.root is not None
    everything = _run(replace(settings, prompts=("{}",)))
    one = _run(replace(settings, prompts=("{}",), folds=(2,)))
    assert (one.examples, one.retrieval["text-audio"].items) == (12, 12)
    assert one.zero_shot is not None
    assert everything.zero_shot is not None
    assert one.zero_shot.score.folds == {2: everything.zero_shot.score.folds[2]}
    assert one.probe is not None
    assert everything.probe is not None
    assert one.probe.official_folds
    assert one.probe.score.folds == {2: everything.probe.score.folds[2]}  # learned from the others, as in turns
    assert one.probe.strengths == {2: everything.probe.strengths[2]}
    assert _json(one)["settings"]["folds"] == [2]

    two = _run(replace(settings, prompts=("{}",), folds=(3, 1)))
    assert two.probe is not None
    assert sorted(two.probe.score.folds) == [1, 3]
    dataset = open_dataset("esc50", settings.root)
    vectors, numbers, folds = _brute_force(load_model(tiny_model), settings.root)
    scores, _ = cross_validate(
        vectors,
        np.eye(3, dtype=np.float32)[[dataset.classes.index(CLASSES[number]) for number in numbers]],
        groups=np.unique(dataset.examples.groups, return_inverse=True)[1],
        folds=np.where(folds == 2, 0, 1),
        tested=(1,),
        seed=settings.seed,
        on_progress=lambda *_: None,
    )
    right = scores.argmax(axis=1) == [dataset.classes.index(CLASSES[number]) for number in numbers]
    assert two.probe.score.mean == pytest.approx(np.mean([np.mean(right[folds == fold]) for fold in (1, 3)]))

    few = _run(replace(settings, folds=(2,), limit=5, tasks=("retrieval",)))
    assert few.examples == 5
    every = _run(replace(settings, folds=(1, 2, 3), tasks=("probe",)))
    assert every.left_out == {"probe": "there are no examples to learn from besides those measured"}
    with pytest.raises(DataError, match=r"esc50 has no fold 4\. The folds present are 1, 2, 3"):
        _run(replace(settings, folds=(2, 4)))


def test_folds_of_data_without_are_refused(settings: EvaluateSettings, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"folder has no fold 1\. It has no folds"):
        _run(replace(settings, dataset="folder", root=make_folder(tmp_path / "data"), folds=(1,)))


def test_folds_of_one_data_set_share_a_measure(settings: EvaluateSettings, tmp_path: Path) -> None:
    """A fold whose rows happen to have one label each is still of multi-label data."""
    names = "abc"
    rows = []
    for number in range(12):
        make_tone(tmp_path / f"{number}.wav", number=number % 3, seed=number)
        more = "" if number < 6 else f";{names[(number + 1) % 3]}"
        rows.append((f"{number}.wav", names[number % 3] + more, 1 if number < 6 else 2))
    table = write_csv(tmp_path / "t.csv", ("audio", "labels", "fold"), rows)
    found = _run(replace(settings, dataset="table", root=table, tasks=("zero-shot",))).zero_shot
    alone = _run(replace(settings, dataset="table", root=table, tasks=("zero-shot",), folds=(1,))).zero_shot
    assert found is not None
    assert alone is not None
    assert found.measure == "mean average precision"
    assert found.score.folds[1] == alone.detail.mean_average_precision


def test_what_the_probe_lacks_does_not_lose_the_rest(settings: EvaluateSettings, tmp_path: Path) -> None:
    evaluation_only = make_audioset(tmp_path / "audioset", balanced=0, evaluation=5)
    report = _run(replace(settings, dataset="audioset", root=evaluation_only))
    assert report.zero_shot is not None
    assert report.left_out == {"probe": "there are no examples to learn from besides those measured"}
    report = _run(
        replace(settings, dataset="folder", root=make_folder(tmp_path / "folder", classes=("a", "b"), per_class=1))
    )
    assert report.zero_shot is not None
    assert report.left_out == {"probe": "a probe needs training examples of two classes and two sources"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tasks": ("zero-shot", "probing")}, "there is no 'probing'"),
        ({"prompts": ("a sound",)}, "needs {} once"),
        ({"statistics": "running"}, "'running'"),
        ({"statistics": "batch", "batch_size": 1}, "batch_size: 1 is less than 2"),
        ({"input_scale": 0.0}, "not a positive number"),
        ({"limit": -1}, "limit: -1"),
        ({"tasks": ()}, "nothing to measure"),
    ],
)
def test_settings_that_mean_nothing_are_refused(
    settings: EvaluateSettings, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        replace(settings, **changes)


def test_what_is_missing_is_named(settings: EvaluateSettings, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="where is the data set esc50"):
        _run(replace(settings, root=None))
    with pytest.raises(SettingsError, match="device nonsense"):
        _run(replace(settings, device="nonsense"))
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="can't be made"):
        _run(replace(settings, out=tmp_path / "file" / "out"))


def test_a_probe_learns_what_can_be_separated_and_never_sees_its_test() -> None:
    rng = np.random.default_rng(0)
    numbers = np.arange(120) % 3
    targets = np.eye(4, dtype=np.float32)[numbers]  # nothing is of the fourth class
    vectors = (np.eye(3)[numbers] @ rng.standard_normal((3, 10)) * 3 + rng.standard_normal((120, 10))).astype(
        np.float32
    )
    groups = np.arange(120) // 6
    folds = random_folds(groups, seed=0)
    assert sorted(set(folds)) == [1, 2, 3, 4, 5]
    assert all(len(set(folds[groups == group])) == 1 for group in groups)
    arguments: dict[str, Any] = {"groups": groups, "folds": folds, "seed": 0, "on_progress": lambda *_: None}
    scores, strengths = cross_validate(vectors, targets, tested=(1, 2, 3, 4, 5), **arguments)
    assert np.mean(scores.argmax(axis=1) == numbers) > 0.95
    assert (scores[:, 3] == 0).all()
    assert sorted(strengths) == [1, 2, 3, 4, 5]
    alone, _ = cross_validate(vectors, targets, tested=(2,), **arguments)
    np.testing.assert_array_equal(alone[folds == 2], scores[folds == 2])
    assert np.isnan(alone[folds != 2]).all()
    changed = targets.copy()
    changed[folds == 2] = np.roll(changed[folds == 2], 1, axis=1)
    unmoved, _ = cross_validate(vectors, changed, tested=(2,), **arguments)
    np.testing.assert_array_equal(unmoved[folds == 2], alone[folds == 2])
    with pytest.raises(DataError, match="two classes"):
        cross_validate(vectors, np.eye(4, dtype=np.float32)[np.zeros(120, int)], tested=(1,), **arguments)


def test_plots_of_many_classes_stay_of_a_size_that_can_be_seen(tmp_path: Path) -> None:
    names = [f"class $ {number}" for number in range(130)]
    plot_classes(tmp_path / "classes.png", np.linspace(0, 1, 130), names, title="t", measure="accuracy")
    plot_confusion(tmp_path / "confusion.png", np.eye(50, dtype=np.int64), names[:50], title="t")
    with Image.open(tmp_path / "classes.png") as bars, Image.open(tmp_path / "confusion.png") as matrix:
        assert bars.height < 4_500
        assert 1_500 < matrix.width < 3_500
    with pytest.raises(SettingsError, match="can't be written"):
        plot_confusion(tmp_path / "missing" / "x.png", np.eye(2, dtype=np.int64), ["a", "b"], title="t")


def test_a_model_of_one_channel_is_given_one(settings: EvaluateSettings, tmp_path: Path, tiny_model: Path) -> None:
    config: AudioCLIPConfig = replace(read_card(tiny_model).network, channels=1)
    model = AudioCLIP(config)
    model.load_state_dict(load_model(tiny_model).state_dict())
    save_model(tmp_path / "mono", model, name="mono")
    root = make_us8k(tmp_path / "data", folds=(1, 2))
    report = _run(replace(settings, model=str(tmp_path / "mono"), dataset="us8k", root=root, tasks=("zero-shot",)))
    assert report.form == InputForm(8_000, 1, 4.0, True)
