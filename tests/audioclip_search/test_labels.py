"""Label sets: built in, from files, and what is asked for a label."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioclip_search.errors import MediaError, QueryError
from audioclip_search.labels import Label, LabelSet, prompts_for, read_labels


@pytest.mark.parametrize(("name", "count"), [("esc50", 50), ("us8k", 10), ("audioset", 527), ("ESC-50", 50)])
def test_sets_are_built_in(name: str, count: int) -> None:
    labels = read_labels(name)
    assert len(labels) == count
    assert len({label.name.casefold() for label in labels}) == count
    for label in labels:
        assert label.prompts
        assert all(prompt == prompt.strip() and "(" not in prompt and "_" not in prompt for prompt in label.prompts)


def test_audioset_says_whose_it_is() -> None:
    from importlib import resources

    text = (resources.files("audioclip_search.labels") / f"{LabelSet.AUDIOSET}.txt").read_text(encoding="utf-8")
    assert "Google" in text
    assert "CC BY-SA 4.0" in text


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("dog_bark", ("dog bark",)),
        ("GlassBreak", ("glass break",)),
        ("Vehicle horn, car horn, honking", ("vehicle horn", "car horn", "honking")),
        ("Whimper (dog)", ("dog whimper",)),
        ("Dishes, pots, and pans", ("dishes", "pots", "pans")),
        ("Bee, wasp, etc.", ("bee", "wasp")),
        ("TV", ("TV",)),
        ("!", ("!",)),
    ],
)
def test_names_are_asked_as_people_say_them(name: str, prompts: tuple[str, ...]) -> None:
    assert prompts_for(name) == prompts


def test_labels_of_ones_own(tmp_path: Path) -> None:
    own = (Label("glass", ("glass",)), Label("thud", ("dull impact", "heavy blow")))
    lines = ["glass", "", "# a remark", "thud = dull impact | heavy blow", "GLASS = again"]
    assert read_labels(lines) == own
    file = tmp_path / "labels.txt"
    file.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    assert read_labels(file) == read_labels(str(file)) == own
    assert [label.name for label in read_labels("glass, wood,metal,")] == ["glass", "wood", "metal"]
    assert [label.name for label in read_labels("glass")] == ["glass"]


@pytest.mark.parametrize("labels", ["", [], ["# nothing"], ["= prompt"], ["a" * 300], ["a\x07b"], "no/such.txt"])
def test_what_is_no_labels_is_refused(labels: str | list[str]) -> None:
    with pytest.raises(QueryError):
        read_labels(labels)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(b"\xff\xfe\x00\xff")
    with pytest.raises(MediaError):
        read_labels(file)


def test_a_text_that_can_be_no_name_of_a_file_is_a_label() -> None:
    assert read_labels("~nobody has this name")[0].name == "~nobody has this name"
    with pytest.raises(QueryError):
        read_labels("x" * 300)
