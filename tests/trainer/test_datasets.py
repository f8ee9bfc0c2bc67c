"""The readers, on generated trees of the official layouts: what they read, and what they refuse."""

from __future__ import annotations

import io
import json
import logging
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import mutagen
import numpy as np
import pytest
from trees import US8K_CLASSES, make_audioset, make_esc50, make_folder, make_tone, make_us8k, write_csv

from audioclip_search.errors import MediaError
from audioclip_search.media import load_audio, load_frame, load_image, probe_audio
from audioclip_search.types import AudioFormat
from trainer.datasets import (
    NAMES,
    Dataset,
    Example,
    Examples,
    Place,
    check,
    layout,
    open_dataset,
    random_split,
    split_folds,
    targets,
)
from trainer.errors import DataError

MakeFile = Callable[..., Path]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(name: str, root: Path) -> str:
    """The one line that `open_dataset` refuses a data set with; `check` finds it too."""
    with pytest.raises(DataError) as caught:
        open_dataset(name, root)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.remedy
    assert caught.value.path is not None
    assert check(name, root)
    return message


# Examples


def example(number: int, **changes: object) -> Example:
    values: dict[str, object] = {
        "audio": Place(f"{number}.wav"),
        "image": None,
        "labels": ("a", f"b{number % 3}"),
        "text": f"a, b{number % 3}",
        "group": f"g{number // 2}",
    }
    return Example(**{**values, **changes})  # type: ignore[arg-type]


ROWS = [
    example(0),
    example(1, image=Place("x.tar", 512, 7), fold=3, start_s=1.5, duration_s=2.0),
    example(2, audio=None, image=Place("a.MP4"), text="something else"),
    example(3, labels=(), text=""),
]


def test_examples_keep_what_they_are_given() -> None:
    examples = Examples.of(iter(ROWS))
    assert list(examples) == [examples[row] for row in range(4)] == ROWS
    assert examples[-1] == ROWS[-1]
    assert list(examples[1:3]) == ROWS[1:3]
    assert list(examples.take(np.array([2, 0, 2]))) == [ROWS[2], ROWS[0], ROWS[2]]
    assert examples.folds.tolist() == [-1, 3, -1, -1]
    assert examples.groups == ["g0", "g0", "g1", "g1"]
    assert (examples.has_audio, examples.has_image) == (False, False)
    assert examples[:2].has_audio
    with pytest.raises(IndexError):
        examples[4]
    assert len(Examples.of([])) == 0


def test_examples_travel_to_workers_small() -> None:
    examples = Examples.of(example(number) for number in range(70_000))
    content = pickle.dumps(examples)
    assert len(content) < 120 * len(examples)
    assert pickle.loads(content) == examples
    assert len(pickle.dumps(examples[:10])) < 10_000
    assert examples[69_999] == example(69_999)


def test_a_place_is_a_file_or_a_part_of_one(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(b"0123456789")
    assert Place(str(path)).source() == str(path)
    assert Place(str(path), 2, 3).source() == b"234"
    assert Place("a.MKV").is_video
    assert not Place("a.mkv", 0, 5).is_video
    with pytest.raises(MediaError, match="shorter"):
        Place(str(path), 8, 3).source()
    with pytest.raises(MediaError, match=r"gone\.tar"):
        Place(str(tmp_path / "gone.tar"), 0, 3).source()


def test_targets() -> None:
    hot = targets(Examples.of(ROWS[:3]), ("b1", "b0", "b2", "a"))
    assert hot.dtype == np.float32
    assert hot.tolist() == [[0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 1, 1]]
    with pytest.raises(DataError, match=r"1\.wav: its labels \(a, b1\) are none of the 2 classes"):
        targets(Examples.of(ROWS[:2]), ("b0", "c"))


# ESC and UrbanSound8K


def test_esc50(tmp_path: Path) -> None:
    dataset = open_dataset("esc50", make_esc50(tmp_path, classes=("sea_waves", "pig", "dog")))
    assert dataset.classes == ("dog", "pig", "sea waves")
    assert dataset.folds == (1, 2, 3, 4, 5)
    assert not dataset.multi_label
    assert dataset.evaluation is None
    assert len(dataset.examples) == 30
    first = dataset.examples[0]
    assert (first.labels, first.text, first.fold, first.group) == (("sea waves",), "sea waves", 1, "101110")
    assert first.audio is not None
    assert probe_audio(first.audio.source()).duration_s == pytest.approx(0.5)
    assert dataset.examples.has_audio
    assert not dataset.examples.has_image
    assert check("esc50", tmp_path) == []


def test_esc10_of_four_folds(tmp_path: Path) -> None:
    dataset = open_dataset("esc10", make_esc50(tmp_path, folds=(1, 2, 3, 4)))
    assert dataset.classes == ("dog", "rain")
    assert dataset.folds == (1, 2, 3, 4)
    train, test = split_folds(dataset, test_fold=4)
    assert set(train.folds.tolist()) == {1, 2, 3}
    assert set(test.folds.tolist()) == {4}
    assert not set(train.groups) & set(test.groups)
    train, test = split_folds(dataset, test_fold=1, train_folds=(3,))
    assert (set(train.folds.tolist()), set(test.folds.tolist())) == ({3}, {1})
    for test_fold, train_folds, reason in (
        (5, (), "fold 5 of esc10 is empty. The folds present are 1, 2, 3, 4"),
        (4, (1, 5), "fold 5 of esc10 is empty"),
        (4, (3, 4), "fold 4 of esc10 is both trained and tested on"),
    ):
        with pytest.raises(DataError, match=reason):
            split_folds(dataset, test_fold=test_fold, train_folds=train_folds)


def test_one_fold_alone_is_no_split(tmp_path: Path) -> None:
    dataset = open_dataset("esc50", make_esc50(tmp_path, classes=("dog",), folds=(2,)))
    with pytest.raises(DataError, match="none to train on"):
        split_folds(dataset, test_fold=2)


def test_us8k(tmp_path: Path) -> None:
    dataset = open_dataset("us8k", make_us8k(tmp_path, classes=US8K_CLASSES[::-1], per_class=1, duration_s=0.1))
    assert dataset.classes == tuple(name.replace("_", " ") for name in US8K_CLASSES)
    assert dataset.folds == tuple(range(1, 11))
    last = dataset.examples[len(dataset.examples) - 1]
    assert (last.labels, last.fold, last.group, last.start_s) == (("air conditioner",), 10, "51000", 0.0)
    assert last.audio is not None
    assert Path(last.audio.path) == tmp_path / "audio" / "fold10" / "51000-0-0-0.wav"
    assert probe_audio(last.audio.source()).channels == 2
    assert check("us8k", tmp_path) == []


@pytest.mark.parametrize(("name", "make"), [("esc50", make_esc50), ("us8k", make_us8k)])
def test_official_folds_only(tmp_path: Path, name: str, make: Callable[..., Path]) -> None:
    dataset = open_dataset(name, make(tmp_path, classes=("dog",) if name == "esc50" else ("siren",)))
    with pytest.raises(DataError, match=r"clips of one source recording would be on both sides.*official folds: 1, 2"):
        random_split(dataset, share=0.2, seed=1)


def test_esc_refusals(tmp_path: Path) -> None:
    assert "esc50.csv: can't be read: No such file" in refusal("esc50", tmp_path)
    table = make_esc50(tmp_path, classes=("dog", "pig"), folds=(1, 2)) / "meta" / "esc50.csv"
    content = table.read_text(encoding="utf-8")
    for old, new, reason in (
        (
            "src_file",
            "source",
            "has no column 'src_file'; it has filename, fold, target, category, esc10, source, take",
        ),
        (",1,0,dog", ",7,0,dog", "line 2: fold '7' is no whole number from 1 to 5"),
        (",1,0,dog", ",1,x,dog", "line 2: target 'x' is no whole number from 0 to 49"),
        (",1,2,pig", ",1,0,pig", "line 4: class 0 'pig' is 0 'dog' in earlier lines"),
        (content, "", "has no column 'filename'; it is empty"),
        (content, content.splitlines()[0], "holds no examples"),
    ):
        table.write_text(content.replace(old, new, 1), encoding="utf-8")
        assert reason in refusal("esc50", tmp_path)
    table.write_bytes(b"filename,fold\n\xff\xfe,1\n")
    assert "not a text in UTF-8" in refusal("esc50", tmp_path)


def test_missing_files(tmp_path: Path) -> None:
    make_esc50(tmp_path, classes=("dog",), folds=(1, 2))
    gone = sorted((tmp_path / "audio").iterdir())[1:3]
    for path in gone:
        path.unlink()
    assert f"{gone[0]}: missing, named in line 3 of esc50.csv, with 1 more" in refusal("esc50", tmp_path)
    edit(tmp_path / "meta" / "esc50.csv", ",1,0,dog", ",9,0,dog")
    problems = check("esc50", tmp_path)
    assert len(problems) == 3
    assert "fold '9'" in problems[0]
    assert [problem.split(":")[0] for problem in problems[1:]] == [str(path) for path in gone]


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    make_us8k(tmp_path, folds=(1, 2))
    for path in (tmp_path / "audio" / "fold2").iterdir():
        path.unlink()
    (tmp_path / "audio" / "fold2").rmdir()
    (problem,) = check("us8k", tmp_path)
    assert problem.startswith(f"{tmp_path / 'audio' / 'fold2'}: no such folder")


# AudioSet


@pytest.mark.parametrize(
    ("naming", "whole"),
    [
        ("{id}", True),
        ("Y{id}", True),
        ("{id}_{start:.0f}", False),
        ("Y{id}_{start:.3f}_{end:.3f}", False),
        ("part/{id}_{start:.0f}000_{end:.0f}000", False),
    ],
)
def test_audioset(tmp_path: Path, naming: str, whole: bool) -> None:
    dataset = open_dataset("audioset", make_audioset(tmp_path, unbalanced=1, naming=naming, duration_s=0.1))
    assert dataset.multi_label
    assert dataset.folds == ()
    assert dataset.classes == ("Speech", "Male speech, man speaking", "Dog", "Music", "Vehicle")
    assert (len(dataset.examples), dataset.evaluation and len(dataset.evaluation)) == (5, 2)
    first, second = dataset.examples[0], dataset.examples[1]
    assert (first.labels, first.text, first.group) == (("Speech", "Dog"), "Speech, Dog", "-ba_0000000")
    assert (second.start_s, second.duration_s) == ((30.0, 10.0) if whole else (0.0, None))
    assert second.audio is not None
    assert Path(second.audio.path).is_file()
    assert targets(dataset.examples[:1], dataset.classes).tolist() == [[1, 0, 1, 0, 0]]
    assert check("audioset", tmp_path) == []
    with pytest.raises(DataError, match="official evaluation split"):
        random_split(dataset, share=0.2, seed=1)


def test_audioset_milliseconds_that_are_no_binary_fractions(tmp_path: Path) -> None:
    root = make_audioset(tmp_path, balanced=1, evaluation=0)
    table = root / "balanced_train_segments.csv"
    table.write_text(table.read_text().replace(" 0.000, 10.000", " 1.001, 10.000"))
    (cut,) = (root / "media").iterdir()
    cut.rename(cut.with_stem(cut.stem.removesuffix("_0") + "_1001"))
    assert len(open_dataset("audioset", root).examples) == 1


def test_audioset_videos_are_pictures_too(tmp_path: Path) -> None:
    dataset = open_dataset("audioset", make_audioset(tmp_path, balanced=2, evaluation=0, video=True))
    assert dataset.evaluation is None
    assert dataset.examples.has_image
    image = dataset.examples[0].image
    assert image == dataset.examples[0].audio
    assert image is not None
    assert image.is_video
    assert load_frame(image.source(), share=0.5).size == (64, 48)


def test_audioset_frames(tmp_path: Path, make_picture: MakeFile) -> None:
    make_audioset(tmp_path, balanced=2, evaluation=0)
    for number in range(2):
        for frame in range(3):
            make_picture(tmp_path / "frames" / f"-ba_{number:07d}_{frame}.jpg", seed=frame)
    dataset = open_dataset("audioset", tmp_path)
    assert [Path(row.image.path).name for row in dataset.examples if row.image] == [
        "-ba_0000000_1.jpg",
        "-ba_0000001_1.jpg",
    ]
    (tmp_path / "frames" / "-ba_0000001_1.jpg").unlink()
    (tmp_path / "frames" / "-ba_0000001_0.jpg").unlink()
    (tmp_path / "frames" / "-ba_0000001_2.jpg").unlink()
    assert "-ba_0000001_30.wav: has no picture, which 1 of 2 examples have" in refusal("audioset", tmp_path)


def test_audioset_missing_media_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_audioset(tmp_path)
    (tmp_path / "media" / "-ba_0000002_60.wav").unlink()
    with caplog.at_level(logging.WARNING):
        assert len(open_dataset("audioset", tmp_path).examples) == 3
    reason = "1 of 4 segments have no medium and are left out, the first is -ba_0000002"
    assert reason in caplog.text
    (problem,) = check("audioset", tmp_path)
    assert reason in problem
    for path in (tmp_path / "media").iterdir():
        path.unlink()
    assert "none of the segments' media are there" in refusal("audioset", tmp_path)
    (tmp_path / "media").rmdir()
    assert "there is no media/, audio/ or video/" in refusal("audioset", tmp_path)


def test_audioset_names_of_the_ontology(tmp_path: Path) -> None:
    make_audioset(tmp_path, balanced=1, evaluation=0)
    (tmp_path / "class_labels_indices.csv").unlink()
    assert "class_labels_indices.csv: can't be read" in refusal("audioset", tmp_path)
    entries = [{"id": "/m/0bt9lr", "name": "Hound"}, {"id": "/m/09x0r", "name": "Talk"}]
    (tmp_path / "ontology.json").write_text(json.dumps(entries), encoding="utf-8")
    dataset = open_dataset("audioset", tmp_path)
    assert dataset.classes == ("Hound", "Talk")
    assert dataset.examples[0].text == "Talk, Hound"
    (tmp_path / "ontology.json").write_text('["?"]', encoding="utf-8")
    assert "not AudioSet's ontology" in refusal("audioset", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("/m/04rlf", "/m/new", "line 5: label '/m/new' has no name"),
        ("30.000", "thirty", "line 5: no segment (could not convert string to float: 'thirty')"),
        ("40.000", "20.000", "line 5: no segment (from 30.000 to 20.000 s is no segment)"),
        ("30.000, ", "", "line 5: no segment"),
    ],
)
def test_audioset_bad_lines(tmp_path: Path, old: str, new: str, reason: str) -> None:
    make_audioset(tmp_path, balanced=2)
    edit(tmp_path / "balanced_train_segments.csv", old, new)
    assert reason in refusal("audioset", tmp_path)


# Folders


def test_folder(tmp_path: Path) -> None:
    make_folder(tmp_path, classes=("glass_break", "wood"), per_class=3, takes=2)
    make_tone(tmp_path / "wood" / "old_doors" / "squeak_01.flac")
    tagged = mutagen.File(tmp_path / "wood" / "old_doors" / "squeak_01.flac")
    tagged["keywords"] = "creak; Wood; glass break"
    tagged.save()
    dataset = open_dataset("folder", tmp_path)
    assert dataset.classes == ("glass break", "wood")
    assert dataset.folds == ()
    assert len(dataset.examples) == 13
    assert [row.labels for row in dataset.examples][-1] == ("wood", "old doors", "creak")
    assert dataset.examples[12].text == "wood, old doors, creak"
    assert len(set(dataset.examples.groups)) == 7
    assert check("folder", tmp_path) == []

    train, test = random_split(dataset, share=0.34, seed=1)
    assert len(train) + len(test) == 13
    assert not set(train.groups) & set(test.groups)
    assert {labels[0] for labels in test.labels} == {labels[0] for labels in train.labels} == set(dataset.classes)
    assert random_split(dataset, share=0.34, seed=1) == (train, test)
    others = [random_split(dataset, share=0.34, seed=seed)[1] for seed in range(2, 8)]
    assert any(other != test for other in others)
    with pytest.raises(DataError, match="folder has no folds"):
        split_folds(dataset, test_fold=1)


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["hit 1", "hit 2", "bang_01", "bang_02"], 2),
        (["hit take1", "hit take2", "hit-A", "hit-B", "hit (3)"], 1),  # marks of a take alone still make one source
        (["dog_000", "dog_001", "dog_002"], 3),  # nothing but numbers tells these apart
        (["001", "002", "4-1"], 3),
    ],
)
def test_takes_are_one_source(tmp_path: Path, names: list[str], groups: int) -> None:
    for name in names:
        make_tone(tmp_path / "class" / f"{name}.wav", duration_s=0.05)
    assert len(set(open_dataset("folder", tmp_path).examples.groups)) == groups


def test_folder_refusals(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert "No such file" in refusal("folder", tmp_path / "none")
    assert "holds no sounds in folders" in refusal("folder", tmp_path)
    make_tone(tmp_path / "loose.wav")
    assert "holds no sounds in folders" in refusal("folder", tmp_path)
    make_folder(tmp_path, classes=("wood",), per_class=1, takes=3)
    with caplog.at_level(logging.WARNING):
        dataset = open_dataset("folder", tmp_path)
    assert "1 sounds are in no folder" in caplog.text
    with pytest.raises(DataError, match="every class has one source only"):
        random_split(dataset, share=0.5, seed=1)


# Tables


@pytest.fixture
def table(tmp_path: Path, make_picture: MakeFile) -> Path:
    for number in range(3):
        make_tone(tmp_path / "sounds" / f"{number}.wav", number=number)
        make_picture(tmp_path / f"{number}.png", seed=number)
    rows = [
        ("sounds/0.wav", "0.png", "a dog, barking", "dog;big_bark", 1, "", ""),
        ("sounds/1.wav", "1.png", "", '["rain"]', 1, "0.1", "0.2"),
        (str(tmp_path / "sounds" / "2.wav"), "2.png", "silence", "", 2, "", ""),
    ]
    return write_csv(tmp_path / "t.csv", ("audio", "image", "text", "labels", "fold", "start_s", "duration_s"), rows)


def test_table(table: Path) -> None:
    dataset = open_dataset("table", table)
    assert (dataset.examples.has_audio, dataset.examples.has_image) == (True, True)
    assert [row.text for row in dataset.examples] == ["a dog, barking", "rain", "silence"]
    assert [row.labels for row in dataset.examples] == [("dog", "big bark"), ("rain",), ()]
    assert (dataset.examples[1].start_s, dataset.examples[1].duration_s) == (0.1, 0.2)
    assert dataset.classes == ()  # a row without labels could be of none
    assert dataset.multi_label
    assert dataset.folds == (1, 2)
    for row in dataset.examples:
        assert row.audio is not None
        assert row.image is not None
        probe_audio(row.audio.source())
        load_image(row.image.source())
    assert check("table", table) == []


def test_a_jsonl_table_is_the_same(table: Path) -> None:
    lines = [
        {"audio": "sounds/0.wav", "image": "0.png", "text": "a dog, barking", "labels": ["dog", "big_bark"], "fold": 1},
        {"audio": "sounds/1.wav", "image": "1.png", "labels": "rain", "fold": 1, "start_s": 0.1, "duration_s": 0.2},
        {"audio": "sounds/2.wav", "image": "2.png", "text": "silence", "labels": None, "fold": "2"},
    ]
    other = table.with_suffix(".jsonl")
    other.write_text("\n\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert list(open_dataset("table", other).examples) == list(open_dataset("table", table).examples)


def test_a_table_of_pictures_and_texts(table: Path) -> None:
    other = write_csv(table.with_name("p.csv"), ("image", "text"), [("0.png", "red"), ("1.png", "blue")])
    dataset = open_dataset("table", other)
    assert not dataset.examples.has_audio
    assert dataset.examples.has_image
    assert (dataset.classes, dataset.multi_label, dataset.folds) == ((), False, ())
    assert len(random_split(dataset, share=0.5, seed=1)[1]) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("audio,label\nsounds/0.wav,dog\n", "has no column 'text'; it has audio, label"),
        ("sound,text\nsounds/0.wav,dog\n", "has no column 'image'; it has sound, text"),
        ("audio,text\nsounds/0.wav,\n", "line 2: needs two of audio, image and text (or labels); it has audio"),
        ("audio,text\nsounds/0.wav,a,b\n", "line 2: more cells than the header has"),
        ("audio,text\nx.wav,a\nsounds/0.wav,b\ny.wav,c\n", "x.wav: missing, named in line 2 of bad.csv, with 1 more"),
        ("audio,text,fold\nsounds/0.wav,a,1.5\n", "line 2: fold 1.5 is no whole number"),
        ("audio,text,start_s\nsounds/0.wav,a,-1\n", "line 2: start_s '-1' is no number from 0 on"),
        ("audio,text,duration_s\nsounds/0.wav,a,nan\n", "line 2: duration_s 'nan' is no number"),
        ("audio,labels\nsounds/0.wav,[1\n", "line 2: labels are no JSON list"),
        ("audio,labels\nsounds/0.wav,[1]\n", "line 2: labels [1] are no list of names"),
        ("audio,image,text\nsounds/0.wav,0.png,a\nsounds/1.wav,,a\n", "1.wav: has no picture, which 1 of 2"),
        ("audio,text\n", "holds no examples"),
        ("", "holds no examples"),
    ],
)
def test_bad_tables(table: Path, content: str, reason: str) -> None:
    bad = table.with_name("bad.csv")
    bad.write_text(content, encoding="utf-8")
    assert reason in refusal("table", bad)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"audio": "sounds/0.wav", "text": "a"}\n{"audio"\n', "line 2: not JSON"),
        ("[1]\n", "line 1: not an object"),
        ('{"audio": 1.5, "text": "a"}\n', "line 1: audio 1.5 is no text"),
        ('{"audio": "sounds/0.wav", "text": "a", "duration_s": [1]}\n', "line 1: duration_s [1] is no number"),
        (
            '{"sound": "sounds/0.wav", "text": "a"}\n',
            "needs two of audio, image and text (or labels); it has sound, te",
        ),
    ],
)
def test_bad_jsonl_tables(table: Path, content: str, reason: str) -> None:
    bad = table.with_name("bad.jsonl")
    bad.write_text(content, encoding="utf-8")
    assert reason in refusal("table", bad)


def test_check_lists_every_bad_line(table: Path) -> None:
    edit(table, ",1,", ",one,")
    edit(table, "0.2", "long")
    edit(table, "2.png", "gone.png")
    problems = check("table", table)
    assert len(problems) == 3
    for problem, reason in zip(problems, ("line 2: fold", "line 3: duration_s", "gone.png: missing"), strict=True):
        assert reason in problem


def test_no_table(table: Path) -> None:
    assert "is no table" in refusal("table", table.parent)
    assert "can't be read" in refusal("table", table.with_name("none.csv"))


def test_classes_of_a_table_take_labels_in_every_line(table: Path, caplog: pytest.LogCaptureFixture) -> None:
    open_dataset("table", table)
    assert "1 of 3 examples have no labels: there are no classes, only texts" in caplog.text
    table.write_text(table.read_text(encoding="utf-8").replace("silence,,", "silence,quiet,"), encoding="utf-8")
    dataset = open_dataset("table", table)
    assert dataset.classes == ("big bark", "dog", "quiet", "rain")
    assert targets(dataset.examples, dataset.classes).shape == (3, 4)


def test_a_table_has_folds_in_every_line_or_in_none(table: Path) -> None:
    table.write_text(table.read_text(encoding="utf-8").replace("silence,,2", "silence,,"), encoding="utf-8")
    with pytest.raises(DataError, match="line 4: no fold, unlike the lines before"):
        open_dataset("table", table)


# Shards


def write_shard(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def members(tmp_path: Path, make_picture: MakeFile, first: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number in (first, first + 1):
        found[f"a/{number:04d}.wav"] = make_tone(tmp_path / "x.wav", seed=number).read_bytes()
        found[f"a/{number:04d}.jpg"] = make_picture(tmp_path / "x.jpg", seed=number).read_bytes()
        found[f"a/{number:04d}.json"] = json.dumps({"labels": [f"class_{number}", "x"]}).encode()
        found[f"a/{number:04d}.txt"] = b"a text\n" if number % 2 else b""
    return found


def test_shards_need_labels_that_are_classes(tmp_path: Path) -> None:
    sound = make_tone(tmp_path / "x.wav").read_bytes()
    shard = write_shard(tmp_path / "s" / "0.tar", {"0.wav": sound, "0.cls": b"dog", "1.wav": sound, "1.txt": b"rain"})
    assert open_dataset("shards", shard).classes == ()
    (tmp_path / "s" / "classes.txt").write_text("rain\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"0: its label 'dog' is not in classes\.txt"):
        open_dataset("shards", shard)


@pytest.fixture
def shards(tmp_path: Path, make_picture: MakeFile) -> Path:
    for number in range(3):
        write_shard(tmp_path / "shards" / f"train-{number:03d}.tar", members(tmp_path, make_picture, 2 * number))
    return tmp_path / "shards"


def test_shards(shards: Path) -> None:
    dataset = open_dataset("shards", shards)
    assert [row.text for row in dataset.examples] == [
        "class 0, x",
        "a text",
        "class 2, x",
        "a text",
        "class 4, x",
        "a text",
    ]
    assert dataset.classes == ("class 0", "class 1", "class 2", "class 3", "class 4", "class 5", "x")
    assert dataset.multi_label
    assert (dataset.examples.has_audio, dataset.examples.has_image) == (True, True)
    mono = AudioFormat(rate_hz=8_000, channels=1)
    for number, row in enumerate(dataset.examples):
        assert row.audio is not None
        assert row.image is not None
        assert row.audio.path == str(shards / f"train-{number // 2:03d}.tar")
        sound = make_tone(shards / "same.wav", seed=number)
        np.testing.assert_array_equal(load_audio(row.audio.source(), mono), load_audio(sound, mono))
        assert load_image(row.image.source()).size == (48, 40)
    pattern = open_dataset("shards", shards / "train-{000..001}.tar")
    assert list(pattern.examples) == list(dataset.examples[:4])
    assert check("shards", shards) == []


def test_shards_with_class_numbers(tmp_path: Path) -> None:
    sound = make_tone(tmp_path / "x.wav").read_bytes()
    shard = write_shard(tmp_path / "s" / "0.tar", {"0.wav": sound, "0.cls": b"1\n", "1.wav": sound, "1.cls": b"0"})
    assert open_dataset("shards", shard).classes == ("0", "1")
    (tmp_path / "s" / "classes.txt").write_text("dog\nsea_waves\n\n", encoding="utf-8-sig")  # as Windows' editor
    dataset = open_dataset("shards", shard)
    assert dataset.classes == ("dog", "sea waves")
    assert [row.text for row in dataset.examples] == ["sea waves", "dog"]
    assert not dataset.multi_label
    write_shard(shard, {"0.wav": sound, "0.cls": b"2"})
    assert "0.tar: 0.cls: class 2 is beyond the 2 of classes.txt" in refusal("shards", shard)


@pytest.mark.parametrize("keep", ["inside a member", "between members", "inside a header", "nothing"])
def test_truncated_shards_are_named(shards: Path, keep: str) -> None:
    path = shards / "train-001.tar"
    with tarfile.open(path) as tar:
        member = tar.getmembers()[4]
    size = {"inside a member": member.offset_data + 9, "between members": member.offset, "nothing": 0}
    path.write_bytes(path.read_bytes()[: size.get(keep, member.offset + 99)])
    assert "train-001.tar: not a whole, uncompressed tar" in refusal("shards", shards)
    assert len(check("shards", shards)) == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("0.json", b"{", "0.json: no JSON object"),
        ("0.json", b"[1]", "0.json: no JSON object"),
        ("0.json", b'{"labels": [1]}', "0.json: text must be a string and labels a list of strings"),
        ("0.txt", b"\xff\xff", "0.txt: no text in UTF-8"),
        ("0.other", b"", "0: needs two of a sound, a picture and a text"),
    ],
)
def test_bad_members(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    sound = make_tone(tmp_path / "x.wav").read_bytes()
    shard = write_shard(tmp_path / "0.tar", {"0.wav": sound, name: content})
    assert f"0.tar: {reason}" in refusal("shards", shard)


def test_shards_that_are_not_there(shards: Path) -> None:
    assert "train-003.tar: missing, with 1 more of 5 shards" in refusal("shards", shards / "train-{000..004}.tar")
    (shards / "empty").mkdir()
    assert "holds no .tar files" in refusal("shards", shards / "empty")


# All


@pytest.mark.parametrize("name", NAMES)
def test_layouts_tell_what_is_needed(name: str) -> None:
    assert layout(name).startswith("ROOT")


def test_unknown_names() -> None:
    for ask in (lambda: layout("esc"), lambda: check("esc", Path()), lambda: open_dataset("esc", Path())):
        with pytest.raises(DataError, match=r"no data set is called 'esc'\. There are esc10, esc50"):
            ask()


def test_a_share_is_a_share() -> None:
    dataset = Dataset("table", Examples.of(ROWS), (), multi_label=False)
    with pytest.raises(ValueError, match="share"):
        random_split(dataset, share=1.0, seed=1)
