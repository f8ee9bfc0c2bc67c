"""The background of a library: measured once, again when the library has changed much, its texts encoded once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chosen_library import CONCEPTS, DIM, ChosenEncoder, file_of, open_chosen, picture_of, write_index

from audioclip_search.backgrounds import Backgrounds
from audioclip_search.calibration import Background, background_texts
from audioclip_search.embedding import Embedder
from audioclip_search.storage import IndexStore, held
from audioclip_search.types import Modality

TEXTS = list(background_texts())


@pytest.fixture
def index(tmp_path: Path) -> Path:
    records = [file_of(f"recorder/{concept} {take}.wav", concept) for concept in CONCEPTS for take in range(4)]
    return write_index(tmp_path / "index", [*records, file_of("a.png", "dog"), file_of("broken.wav")])


def of(backgrounds: Backgrounds, store: IndexStore, encoder: ChosenEncoder, *, by_text: bool = True) -> Background:
    embedder = Embedder(lambda: encoder)
    return store.ask(lambda view: backgrounds.of(view, store, embedder, by_text=by_text))


def test_a_background_is_kept_until_the_library_has_changed_much(index: Path) -> None:
    backgrounds, encoder = Backgrounds(), ChosenEncoder()
    with IndexStore.open(index) as store:
        first = of(backgrounds, store, encoder)
        assert of(backgrounds, store, encoder) is first
        store.annotate(["a.png"], add=["tag"], remove=[], rating=None)
        assert of(backgrounds, store, encoder) is first
        store.write([file_of(f"more/{number}.wav", "dog") for number in range(20)])
        second = of(backgrounds, store, encoder)
        assert second is not first
        assert of(backgrounds, store, encoder) is second
        store.remove([f"more/{number}.wav" for number in range(20)])
        assert of(backgrounds, store, encoder) is not second
    assert encoder.calls == [TEXTS]


def test_the_texts_are_kept_beside_the_index(index: Path) -> None:
    first, again = ChosenEncoder(), ChosenEncoder()
    with IndexStore.open(index) as store:
        measured = of(Backgrounds(), store, first)
    with IndexStore.open(index) as store:
        found = of(Backgrounds(), store, again)
        assert again.calls == []
        vector = first.encode_texts(["glass"])[0]
        for kind in (Modality.AUDIO, Modality.IMAGE):
            assert found.scale(vector, kind) == measured.scale(vector, kind)
    assert first.calls[0] == TEXTS


def test_only_a_query_by_words_needs_the_model(index: Path) -> None:
    backgrounds, encoder = Backgrounds(), ChosenEncoder()
    with IndexStore.open(index) as store:
        without = of(backgrounds, store, encoder, by_text=False)
        assert of(backgrounds, store, encoder, by_text=False) is without
        assert encoder.calls == []
        with_texts = of(backgrounds, store, encoder, by_text=True)
        assert with_texts is not without
        assert of(backgrounds, store, encoder, by_text=False) is with_texts
    assert encoder.calls == [TEXTS]


def test_two_libraries_encode_the_texts_once(index: Path) -> None:
    first, encoder = open_chosen(index)
    with first:
        hits = first.query(text="glass")
        assert TEXTS in encoder.calls
        assert len([call for call in encoder.calls if call == TEXTS]) == 1
        first.query(text="dog")
    second, again = open_chosen(index)
    with second:
        assert second.query(text="glass") == hits
        assert again.calls == [["glass"]]
        assert second.query(image=picture_of("dog"))


def test_an_index_that_cant_be_written_now_is_searched_all_the_same(index: Path) -> None:
    backgrounds, encoder = Backgrounds(), ChosenEncoder()
    with IndexStore.open(index, lock_timeout_s=0.05) as store:
        with held(index, "write", timeout_s=60):
            found = of(backgrounds, store, encoder)
            assert of(backgrounds, store, encoder) is found
        assert encoder.calls == [TEXTS]
        of(Backgrounds(), store, encoder)
        of(Backgrounds(), store, encoder)
        assert encoder.calls == [TEXTS] * 2


def test_another_models_texts_are_not_taken(index: Path) -> None:
    encoder = ChosenEncoder()
    with IndexStore.open(index) as store:
        of(Backgrounds(), store, encoder)
    other = replace(ChosenEncoder.identity, weights_hash="e" * 64)
    with IndexStore.create(index, identity=other, dim=DIM, overwrite=True) as store:
        store.write([file_of("a.wav", "dog")])
        of(Backgrounds(), store, encoder)
        of(Backgrounds(), store, encoder)
    assert encoder.calls == [TEXTS, TEXTS]


def test_an_empty_index_and_one_of_a_single_kind_have_one_too(tmp_path: Path) -> None:
    vector = ChosenEncoder().encode_texts(["glass"])[0]
    for name, records in (("bare", []), ("pictures", [file_of("a.png", "dog")])):
        with IndexStore.open(write_index(tmp_path / name, records)) as store:
            found = of(Backgrounds(), store, ChosenEncoder())
            for kind in Modality:
                scores = found.scale(vector, kind).scores(np.array([-1, 0, 1], np.float32))
                assert 0 <= scores[0] <= scores[1] < scores[2] <= 1
