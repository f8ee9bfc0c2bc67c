"""What the doctor advises can be done."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from audioclip_search.cli import app


def test_a_library_that_is_missing_is_to_be_installed_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)  # what Python itself does with a module that can't be imported
    result = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("✗  sounds "))
    assert "as its README says" in lines[row + 1]
    assert "install audioclip-search" not in result.stdout  # a name on no package index
