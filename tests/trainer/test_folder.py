"""Learning a folder of made-up sounds: what gets better, what is held out, and what is refused."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from audioclip_search.encoder import open_encoder
from audioclip_search.errors import ModelError
from audioclip_search.model.registry import known_models, resolve
from audioclip_search.model.weights import load_model, read_card, save_model
from audioclip_search.types import FloatArray
from trainer.adapter import AdapterSettings, Lesson, embed_features, pooled_features, train_adapter
from trainer.datasets import open_dataset, targets
from trainer.errors import DataError, SettingsError
from trainer.folder import finetune_folder, hold_out
from trainer.settings import Objective, Optimizer, Trained, TrainSettings

RATE_HZ = 8_000
WORDS = ("amber", "basil", "cedar", "dune", "ember", "fjord", "grove", "heron", "islet", "jetty")


def tone(rng: np.random.Generator) -> FloatArray:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * rng.uniform(300, 500) * time_s)).astype(np.float32)


def noise(rng: np.random.Generator) -> FloatArray:
    return (rng.uniform(0.05, 0.2) * rng.standard_normal(RATE_HZ)).clip(-1, 1).astype(np.float32)


def clicks(rng: np.random.Generator) -> FloatArray:
    samples = np.zeros(RATE_HZ, np.float32)
    samples[rng.integers(500) :: 1_000] = 0.9
    return samples


SOUNDS: dict[str, Callable[[np.random.Generator], FloatArray]] = {"violet": tone, "copper": noise, "marble": clicks}


def write(path: Path, make: Callable[[np.random.Generator], FloatArray], seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, make(np.random.default_rng(seed)), RATE_HZ)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three kinds of sounds, ten of each, under names that have nothing to do with them."""
    root = tmp_path_factory.mktemp("library")
    for number, (label, make) in enumerate(SOUNDS.items()):
        for seed, word in enumerate(WORDS):
            write(root / label / f"{word}.wav", make, 100 * number + seed)
    return root


@pytest.fixture
def settings(tiny_model: Path, library: Path, tmp_path: Path) -> TrainSettings:
    return TrainSettings(
        dataset="folder",
        root=library,
        out=tmp_path / "run",
        model=str(tiny_model),
        train=Trained.ADAPTER,
        objective=Objective.CLASSES,
        duration_s=2.0,
        accelerator="cpu",
    )


def ignore(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def test_an_adapter_learns_a_folder_and_is_installed(settings: TrainSettings, tiny_model: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    named = dataclasses.replace(settings, name="mine")
    results = finetune_folder(named, resume=False, on_progress=lambda *now: seen.append(now))

    assert results.before.accuracy < 0.7
    assert results.after.accuracy > 0.8
    assert results.after.mean_average_precision > results.before.mean_average_precision + 0.1
    assert (results.held_out, results.learnt_from, results.worse, results.name) == (6, 24, "", "mine")
    assert ("sounds to learn from", 24, 24) in seen
    assert {what for what, _, _ in seen} == {"held-out sounds", "sounds to learn from", "adapter"}

    card = read_card(resolve("mine"))
    assert card.description == "Adapted from tiny (adapter) on 24 sounds of 3 labels"
    assert card.covers == ()  # an open vocabulary stays open
    old, new = load_model(tiny_model).state_dict(), load_model(resolve("mine")).state_dict()
    assert [key for key in old if not torch.equal(old[key], new[key])] == ["audio.fc.weight"]

    assert settings.out is not None
    content = json.loads((settings.out / "results.json").read_text(encoding="utf-8"))
    assert (content["name"], content["after"]["accuracy"]) == ("mine", results.after.accuracy)
    assert {label["label"] for label in content["labels"]} == set(SOUNDS)
    report = (settings.out / "report.md").read_text(encoding="utf-8")
    assert "--model mine --reembed" in report
    assert "Only 6 sounds were held out" in report
    assert "--model mine --reembed" in str(results.table().caption)


def test_what_is_measured_is_what_search_does(settings: TrainSettings, library: Path) -> None:
    """The reported accuracy is that of the encoder on the held-out files."""
    results = finetune_folder(settings, resume=False, on_progress=ignore)
    encoder = open_encoder(results.model, device="cpu")
    examples = open_dataset("folder", library).examples
    truth = targets(examples, tuple(sorted(SOUNDS))) > 0
    held = hold_out(truth, examples.groups, 0.2, least=2, seed=2021).held
    clips = [soundfile.read(examples[int(row)].audio.path, dtype="float32")[0][None] for row in held]  # type: ignore[union-attr]
    nearest = (encoder.encode_audio(clips) @ encoder.encode_texts(sorted(SOUNDS)).T).argmax(axis=1)
    assert np.mean(nearest == truth[held].argmax(axis=1)) == results.after.accuracy
    assert results.forgetting.agreement is None


def test_a_vocabulary_that_is_listed_grows_and_is_checked_for_forgetting(
    settings: TrainSettings, tiny_model: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "listed"
    save_model(listed, load_model(tiny_model), name="listed", covers=("rain", "copper", "dog"))
    results = finetune_folder(dataclasses.replace(settings, model=str(listed)), resume=False, on_progress=ignore)
    assert read_card(results.model).covers == ("rain", "copper", "dog", "marble", "violet")
    assert results.forgetting.covered == 3
    assert results.forgetting.agreement is not None
    assert 0 < results.forgetting.cosine < 1


def test_a_model_that_got_worse_is_not_installed(settings: TrainSettings, library: Path, tmp_path: Path) -> None:
    """The sounds that will be held out say the opposite of those that are learnt from."""
    root = tmp_path / "lies"
    labels = sorted(SOUNDS)
    for label in labels:
        for seed, word in enumerate(WORDS):
            write(root / label / f"{word}.wav", SOUNDS[label], seed)
    taught = finetune_folder(dataclasses.replace(settings, root=root), resume=False, on_progress=ignore)
    assert taught.after.accuracy > 0.8
    examples = open_dataset("folder", root).examples
    for row in hold_out(targets(examples, labels) > 0, examples.groups, 0.2, least=2, seed=2021).rest:
        path = Path(examples[int(row)].audio.path)  # type: ignore[union-attr]
        write(path, SOUNDS[labels[(labels.index(path.parent.name) + 1) % 3]], int(row))

    spoilt = dataclasses.replace(settings, root=root, model=str(taught.model), out=tmp_path / "spoilt", name="spoilt")
    with pytest.raises(ModelError, match=r"not installed as 'spoilt'.* accuracy from .*% to .*% and mAP from") as error:
        finetune_folder(spoilt, resume=False, on_progress=ignore)
    assert "report.md" in error.value.remedy
    assert "spoilt" not in [status.name for status in known_models()]
    assert read_card(tmp_path / "spoilt" / "model").name == "spoilt"  # still there to look at
    assert "better keep" in (tmp_path / "spoilt" / "report.md").read_text(encoding="utf-8")


def test_an_interrupted_run_hears_no_file_twice(settings: TrainSettings) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if (what, done) == ("sounds to learn from", 10):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune_folder(settings, resume=False, on_progress=interrupt)
    with pytest.raises(SettingsError, match="there is a run already"):
        finetune_folder(settings, resume=False, on_progress=ignore)
    assert settings.out is not None
    stores = sorted((settings.out / "cache").glob("features-*.npy"))
    undone = sorted(int(np.isnan(np.load(store)[:, 0, 0]).sum()) for store in stores)
    assert undone == [0, 14]
    resumed = finetune_folder(settings, resume=True, on_progress=ignore)
    whole = dataclasses.replace(settings, out=settings.out.with_name("whole"))
    assert resumed.after == finetune_folder(whole, resume=False, on_progress=ignore).after
    assert sorted((settings.out / "cache").glob("features-*.npy")) == stores


@pytest.mark.filterwarnings("ignore")  # Lightning's advice
def test_the_audio_tower_learns_a_folder_on_request(settings: TrainSettings, tiny_model: Path) -> None:
    tower = dataclasses.replace(
        settings, train=Trained.AUDIO, optimizer=Optimizer.ADAMW, epochs=2, batch_size=8, workers=0
    )
    results = finetune_folder(tower, resume=False, on_progress=ignore)
    old, new = load_model(tiny_model).state_dict(), load_model(results.model).state_dict()
    changed = [key for key in old if not torch.equal(old[key], new[key])]
    assert "audio.conv1.weight" in changed
    assert all(key.startswith(("audio.", "logit_scale")) for key in changed)
    assert read_card(results.model).description.startswith("Adapted from tiny (audio tower) on 24 sounds")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"root": None}, DataError, "where is the data set"),
        ({"model": "scratch"}, SettingsError, "a whole model"),
        ({"model": "audioclip"}, ModelError, r"models download audioclip`, or give --model starter"),
        ({"name": "starter"}, ModelError, "can't be called 'starter'"),
        ({"name": "a/b"}, ModelError, "can't be called 'a/b'"),
    ],
)
def test_what_can_not_work_is_refused_before_anything_is_written(
    settings: TrainSettings, change: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        finetune_folder(dataclasses.replace(settings, **change), resume=False, on_progress=ignore)  # type: ignore[arg-type]
    assert settings.out is not None
    assert not settings.out.exists()


def test_a_folder_with_too_little_is_refused(settings: TrainSettings, tmp_path: Path) -> None:
    root = tmp_path / "little"
    for name in ("violet/amber.wav", "violet/basil.wav", "copper/amber.wav"):
        write(root / name, tone, 1)
    with pytest.raises(DataError, match=r"little: .*here are copper \(1\), violet \(2\)"):
        finetune_folder(dataclasses.replace(settings, root=root), resume=False, on_progress=ignore)


def test_sounds_that_can_not_be_decoded_are_all_named(settings: TrainSettings, tmp_path: Path) -> None:
    root = tmp_path / "broken"
    for word in WORDS[:3]:
        for label, make in SOUNDS.items():
            write(root / label / f"{word}.wav", make, 1)
        (root / "copper" / f"{word}.wav").write_bytes(b"RIFF....WAVEnothing")
    with pytest.raises(DataError, match=r"can't be read.*copper/\w+\.wav"):
        finetune_folder(dataclasses.replace(settings, root=root), resume=False, on_progress=ignore)


def test_notes_say_what_makes_figures_doubtful(settings: TrainSettings, tmp_path: Path) -> None:
    root = tmp_path / "doubtful"
    for number in range(3):
        write(root / "glass break" / f"{WORDS[number]}.wav", noise, number)
        write(root / "glass__break" / f"{WORDS[number]}.wav", clicks, number)
        write(root / "violet" / f"hum_take{number}.wav", tone, number)
    results = finetune_folder(dataclasses.replace(settings, root=root), resume=False, on_progress=ignore)
    notes = " ".join(results.notes)
    assert "All sounds of violet are takes of one recording" in notes
    assert "can't tell them apart: glass  break, glass break." in notes


def test_takes_of_a_recording_stay_together_unless_a_label_has_no_other() -> None:
    labels = np.zeros((9, 3), bool)
    labels[:5, 0] = labels[5:8, 1] = labels[8, 2] = True
    groups = ["a", "a", "a", "b", "c", "d", "d", "d", ""]
    for seed in range(10):
        split = hold_out(labels, groups, 0.3, least=2, seed=seed)
        assert sorted([*split.rest, *split.held]) == list(range(9))
        assert not {groups[row] for row in split.rest} & {groups[row] for row in split.held} - {"d"}
        assert labels[split.held].any(axis=0).tolist() == [True, True, False]  # one sound alone is learnt from
        assert labels[split.rest].any(axis=0).all()
        assert split.torn == (1,)


def test_an_adapter_that_does_not_help_changes_nothing(tiny_model: Path) -> None:
    model = load_model(tiny_model)
    before = model.audio.fc.weight.clone()
    rng = np.random.default_rng(3)
    features = pooled_features(model, torch.from_numpy(np.stack([tone(rng), noise(rng)])[:, None])).numpy()
    vectors = embed_features(model, features)
    lesson = Lesson(features[:, None], np.eye(2, dtype=np.float32)[::-1].copy())
    kept = train_adapter(
        model,
        lesson,
        Lesson(features[:, None], np.eye(2, dtype=np.float32)),
        vectors,  # as if each sound's name had its own embedding, and the lesson taught the other one
        AdapterSettings(passes=5),
        on_progress=lambda done, total: None,
    )
    assert kept == 0
    assert torch.equal(model.audio.fc.weight, before)


def test_no_label_is_held_out_whole_and_each_is_held_out_once() -> None:
    """Even those of which every sound has a rarer label too, which chooses first."""
    labels = np.zeros((9, 7), bool)  # three classes of three; each sound of the first shares a tag with one of another
    labels[np.arange(9), np.arange(9) // 3] = True
    for tag, (sound, other) in enumerate([(0, 3), (1, 4), (2, 5), (6, 8)]):
        labels[[sound, other], 3 + tag] = True
    for seed in range(50):
        split = hold_out(labels, [""] * 9, 0.2, least=2, seed=seed)
        assert labels[split.held].any(axis=0).all()
        assert labels[split.rest].any(axis=0).all()
