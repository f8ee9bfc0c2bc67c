"""Answers that come late are not shown, and of searches that come up while one is under way only the newest is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import finding_calls
import pytest
from pytestqt.qtbot import QtBot

from gui.backend.calls import finding
from gui.controllers.search import SearchController
from gui.engine import Engine, Request
from gui.searching import Found
from gui.settings import Settings


def test_late_answers_are_not_shown(
    qtbot: QtBot, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    shown: list[str] = []
    found: list[Found] = []
    call = engine.call

    def noted(function: Any, *args: Any) -> Request[Any]:
        if function is finding_calls.find_late:
            asked.append(args[0].text)
        return call(function, *args)

    monkeypatch.setattr(engine, "call", noted)
    monkeypatch.setattr(finding, "find", finding_calls.find_late)
    search = SearchController(engine, Settings(tmp_path / "settings.ini"))
    search.rows_reset.connect(lambda rows: shown.extend(row.name for row in rows))
    search.found.connect(found.append)
    search.load("slow")
    for text in ("first", "second", "third"):
        search.load(text)
    qtbot.waitUntil(lambda: bool(found), timeout=30_000)
    assert asked == ["slow", "third"]
    assert shown == ["third.wav"]
    assert [one.ask.text for one in found] == ["third"]

    search.load("slow")
    search.set_text("typed meanwhile")  # not searched for yet: the answer to what is there no more is not shown
    search._request.cancel()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: len(found) == 2, timeout=30_000)
    assert shown == ["third.wav", "typed meanwhile.wav"]


def test_a_changing_index_is_not_asked_again_without_rest(
    qtbot: QtBot, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "find", finding_calls.find_late)
    search = SearchController(engine, Settings(tmp_path / "settings.ini"))
    found: list[Found] = []
    search.found.connect(found.append)
    search.load("a")
    qtbot.waitUntil(lambda: len(found) == 1, timeout=30_000)
    search._rested += 0.3  # as if it had taken long
    for _ in range(5):
        search.refresh()
    assert not found[1:]
    qtbot.waitUntil(lambda: len(found) == 2, timeout=30_000)
    qtbot.wait(50)
    assert len(found) == 2
