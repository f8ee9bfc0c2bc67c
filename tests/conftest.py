"""What many tests need: a tiny real model, and media files made on the spot."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch import nn

from audioclip_search import config
from audioclip_search.encoder import Encoder, open_encoder
from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.weights import save_model


def _qt_trouble() -> str:
    """Why Qt can't be loaded here: on a server, the system's libraries that it needs may be missing."""
    try:
        importlib.import_module("PySide6.QtGui")
    except ImportError as error:
        return str(error)
    return ""


_QT_TROUBLE = _qt_trouble()
pytest_plugins = ["object_store", *([] if _QT_TROUBLE else ["pytestqt.plugin"])]
collect_ignore = ["gui"] if _QT_TROUBLE else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _QT_TROUBLE:
        terminalreporter.line(f"The app's tests were left out, Qt can't be loaded: {_QT_TROUBLE}. See `make setup`.")


# Windows of two seconds at 8 kHz, so that there are several padded lengths and nothing takes long.
TINY = AudioCLIPConfig(
    embed_dim=32,
    image_size=32,
    vision_layers=(1, 1, 1, 1),
    vision_width=8,
    vision_head_width=32,
    context_length=16,
    text_width=32,
    text_heads=2,
    text_layers=1,
    rate_hz=8_000,
    window_s=2.0,
    n_fft=256,
    win_length=200,
    hop_length=80,
    n_filters=129,
    audio_layers=(1, 1, 1, 1),
    audio_width=8,
    audio_groups=4,
    audio_width_per_group=16,
)

MakeFile = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    new = set(threading.enumerate()) - before
    assert not [thread.name for thread in new if thread.name.startswith("audioclip-search")]


@pytest.fixture(autouse=True)
def own_models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of installed models, so that no test depends on, or touches, this machine's."""
    folder = tmp_path / "installed-models"
    monkeypatch.setenv(config.MODELS_VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a saved model, `tiny`, of random weights that tell different inputs apart."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    with torch.random.fork_rng():
        torch.manual_seed(20261122)
        model = AudioCLIP(TINY)
        _enliven(model)
        save_model(folder, model, name="tiny")
    return folder


def _enliven(model: AudioCLIP) -> None:
    """Give a new model's norms weights and statistics. As they are initialised, residual branches are shut and every
    picture has nearly the same vector."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # average over all batches
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    model.train()
    with torch.no_grad():
        for _ in range(3):
            levels = torch.logspace(-3, 0, 8)[:, None, None]
            model.encode_audio(levels * (2 * torch.rand(8, 2, 16_000) - 1))
            model.encode_image(torch.randn(16, 3, 4, 4).repeat_interleave(8, 2).repeat_interleave(8, 3))
    model.eval()


@pytest.fixture(scope="session")
def tiny_encoder(tiny_model: Path) -> Encoder:
    return open_encoder(tiny_model, device="cpu")


@pytest.fixture(scope="session")
def make_sound() -> MakeFile:
    """Writes a sound: three partials of a random chord and a little noise, another one for each seed."""

    def make(path: Path, *, seed: int, duration_s: float = 1.0, rate_hz: int = 8_000, channels: int = 1) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(seed)
        time_s = np.arange(round(duration_s * rate_hz)) / rate_hz  # (n,)
        chord = np.sin(2 * np.pi * np.outer(random.uniform(100, 3_000, 3), time_s))  # (3, n)
        samples = random.uniform(0.02, 0.25, (channels, 3)) @ chord  # (channels, n)
        soundfile.write(path, (samples + 0.01 * random.standard_normal(samples.shape)).T, rate_hz)
        return path

    return make


@pytest.fixture(scope="session")
def make_picture() -> MakeFile:
    """Writes a picture: random coloured blocks, others for each seed."""

    def make(path: Path, *, seed: int, width: int = 48, height: int = 40) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        blocks = np.random.default_rng(seed).integers(0, 256, (4, 4, 3)).astype(np.uint8)
        Image.fromarray(blocks).resize((width, height), Image.Resampling.NEAREST).save(path)
        return path

    return make


@pytest.fixture(scope="session")
def make_small_library(make_sound: MakeFile, make_picture: MakeFile) -> Callable[[Path], Path]:
    """Fills a folder with eleven sounds, pictures and texts, most in subfolders, one of the sounds longer than a
    window, and with three files that are none of these."""

    def make(root: Path) -> Path:
        for seed in range(4):
            make_sound(root / "drums" / f"hit {seed}.wav", seed=seed, duration_s=0.2 + 0.4 * seed)
        make_sound(root / "pads" / "long.flac", seed=10, duration_s=6.5, channels=2)
        make_sound(root / "pads" / "other rate.ogg", seed=11, duration_s=1.7, rate_hz=22_050)
        make_picture(root / "covers" / "front.png", seed=20)
        make_picture(root / "covers" / "back.jpg", seed=21, width=30, height=90)
        make_picture(root / "logo.gif", seed=22)
        (root / "notes.txt").write_text("A hammer hits a thin sheet of metal", encoding="utf-8")
        (root / "läs mig.md").write_text("# Rain on a tent", encoding="utf-8")
        (root / "session.als").write_bytes(b"no medium")
        (root / ".hidden.wav").write_bytes(b"hidden")
        (root / "covers" / "Thumbs.db").write_bytes(b"no medium")
        return root

    return make


@pytest.fixture
def small_library(tmp_path: Path, make_small_library: Callable[[Path], Path]) -> Path:
    """See `make_small_library`."""
    return make_small_library(tmp_path / "library")
