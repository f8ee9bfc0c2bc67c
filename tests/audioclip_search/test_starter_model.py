"""The model that ships inside the package: whole, small, and good for what it claims to cover."""

from __future__ import annotations

import numpy as np
import pytest

from audioclip_search.encoder import open_encoder
from audioclip_search.model.registry import STARTER, best_installed, resolve, verify
from trainer.starter.captions import HELD_OUT_QUERIES, LABELS
from trainer.starter.sounds import SOUND_NAMES, render

_DRAWS = 3


def test_the_starter_is_there_whole_and_within_its_size() -> None:
    assert best_installed() == STARTER
    card = verify(STARTER)
    assert card.covers == tuple(label.replace("_", " ") for label in LABELS)
    assert sum(file.stat().st_size for file in resolve(STARTER).iterdir()) <= 25_000_000


@pytest.mark.slow
def test_the_starter_finds_fresh_sounds_by_their_names_and_in_other_words() -> None:
    encoder = open_encoder(STARTER, device="cpu")
    rng = np.random.default_rng(777)
    truth = np.repeat(SOUND_NAMES, _DRAWS)
    sounds = encoder.encode_audio([render(name, rng, duration_s=3.0)[None] for name in truth])
    names = encoder.encode_texts([name.replace("_", " ") for name in SOUND_NAMES])
    guesses = np.array(SOUND_NAMES)[np.argmax(sounds @ names.T, axis=1)]
    assert np.mean(guesses == truth) >= 0.9
    queries, asked = zip(*[(query, label) for query, label in HELD_OUT_QUERIES if label in SOUND_NAMES], strict=True)
    nearest = np.argsort(-(encoder.encode_texts(queries) @ sounds.T), axis=1)[:, :_DRAWS]
    assert np.mean(truth[nearest] == np.array(asked)[:, None]) >= 0.7
