"""A model that is downloaded through a real engine, from a real server that behaves badly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import small_release
import torch
from networks import TINY
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from audioclip_search import config
from audioclip_search.model import AudioCLIP
from gui.controllers.library import LibraryController
from gui.controllers.models import FULL, Download, ModelController, Step
from gui.engine import Engine
from gui.records import Trouble
from gui.settings import Settings
from gui.views.model_card import ModelCard

PATIENCE_MS = 60_000


class Site(ThreadingHTTPServer):
    """Serves a file with ranges: its first bytes at once, and the rest slowly until the gate is open."""

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = body
        self.status = 200
        self.gate = threading.Event()
        self.first_bytes = len(body)
        self.ranges: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.ranges.append(asked)
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        body = self.server.body[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body)))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(self.server.body) - 1}/{len(self.server.body)}")
        self.end_headers()
        try:
            self.wfile.write(body[: self.server.first_bytes])
            sent = self.server.first_bytes
            while not self.server.gate.wait(0.05):
                self.wfile.write(body[sent : sent + 64])
                sent += 64
            self.wfile.write(body[sent:])
        except ConnectionError:
            pass  # the client has had enough

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    file = tmp_path / "released.pt"
    torch.save(AudioCLIP(TINY).state_dict(), file)
    site = Site(file.read_bytes())
    thread = threading.Thread(target=site.serve_forever, args=(0.01,))
    thread.start()
    yield site
    site.gate.set()
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def models(
    qapp: QApplication, qtbot: QtBot, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModelController]:
    monkeypatch.setenv(config.MIRROR_VARIABLE, f"http://127.0.0.1:{site.server_port}")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", config.OFFLINE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    engine = Engine("models")
    told: list[object] = []
    digest = hashlib.sha256(site.body).hexdigest()
    engine.call(small_release.announce, len(site.body), digest).then(told.append, told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    assert told == [None]
    controller = ModelController(engine, Settings(tmp_path / "settings.ini"))
    yield controller
    controller.cancel()
    engine.close()


def step(qtbot: QtBot, models: ModelController, wanted: Step) -> Download:
    qtbot.waitUntil(lambda: models.state.step is wanted, timeout=PATIENCE_MS)
    return models.state


def test_a_download_is_paused_resumed_and_installed(
    qtbot: QtBot, models: ModelController, site: Site, tmp_path: Path
) -> None:
    library = LibraryController(models._engine, Settings(tmp_path / "settings.ini"))
    card = ModelCard(library, models)
    qtbot.addWidget(card)
    with qtbot.waitSignal(models.models_changed, timeout=PATIENCE_MS):
        models.refresh()
    assert "The starter model is in use" in card.text
    assert models.best is not None
    assert models.best.name == "starter"
    site.first_bytes = len(site.body) // 3
    card.download_button.click()
    assert models.state.step is Step.RUNNING
    qtbot.waitUntil(lambda: bool(models.state.arrived and models.state.arrived.done_bytes), timeout=PATIENCE_MS)
    assert " of " in card.text
    card.pause_button.click()
    state = step(qtbot, models, Step.PAUSED)
    assert "is here already" in card.text
    assert state.arrived is not None
    assert 0 < state.arrived.done_bytes < len(site.body)
    qtbot.waitUntil(lambda: models._request is None, timeout=PATIENCE_MS)

    site.gate.set()
    with qtbot.waitSignal(models.installed, timeout=PATIENCE_MS) as told:
        models.download(FULL)
    assert told.args == [FULL]
    first, second = site.ranges
    assert first is None
    assert int(str(second).removeprefix("bytes=").removesuffix("-")) >= state.arrived.done_bytes
    assert models.state.step is Step.DONE
    model = models.model(FULL)
    assert model is not None
    assert model.installed
    assert models.best is model
    assert "The full AudioCLIP is in use" in card.text
    assert card.download_button.isHidden()


def test_a_download_that_is_resumed_before_it_has_stopped_goes_on(
    qtbot: QtBot, models: ModelController, site: Site
) -> None:
    site.first_bytes = 1_000
    models.download(FULL)
    qtbot.waitUntil(lambda: bool(models.state.arrived and models.state.arrived.done_bytes), timeout=PATIENCE_MS)
    models.cancel()
    assert models.state.step is Step.PAUSED
    models.download(FULL)
    assert models.state.step is Step.RUNNING
    site.gate.set()
    with qtbot.waitSignal(models.installed, timeout=PATIENCE_MS):
        pass
    assert len(site.ranges) == 2


def test_what_a_server_refuses_is_a_sentence_without_an_address(
    qtbot: QtBot, models: ModelController, site: Site, tmp_path: Path
) -> None:
    site.status = 404
    site.gate.set()
    models.download(FULL)
    state = step(qtbot, models, Step.FAILED)
    assert isinstance(state.trouble, Trouble)
    assert str(state.trouble).startswith("The download stopped: the server answered 404")
    assert "http" not in str(state.trouble)
    assert state.trouble.remedy
    library = LibraryController(models._engine, Settings(tmp_path / "settings.ini"))
    card = ModelCard(library, models)
    qtbot.addWidget(card)
    with qtbot.waitSignal(models.models_changed, timeout=PATIENCE_MS):
        models.refresh()
    assert card.download_button.text() == "Go on"
    assert "404" in card.text
    site.status = 200  # and once the server has thought better of it
    with qtbot.waitSignal(models.installed, timeout=PATIENCE_MS):
        card.download_button.click()
