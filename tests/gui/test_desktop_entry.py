"""The app in the desktop's menu."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

PACKAGING = Path(__file__).parents[2] / "packaging"
needs_validator = pytest.mark.skipif(
    shutil.which("desktop-file-validate") is None, reason="desktop-file-validate is not installed"
)


def validate(file: Path) -> None:
    done = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@needs_validator
def test_the_entry_is_valid() -> None:
    validate(PACKAGING / "audioclip-search.desktop")


@needs_validator
def test_it_is_installed_with_its_icon_and_the_programs_own_path(tmp_path: Path, qapp: QApplication) -> None:
    program = tmp_path / "my programs & more" / "audioclip-search"
    program.parent.mkdir()
    program.touch()
    share = tmp_path / "share"
    subprocess.run([PACKAGING / "install-desktop", program, share], check=True)
    entry = share / "applications" / "audioclip-search.desktop"
    validate(entry)
    content = configparser.ConfigParser(interpolation=None)
    content.optionxform = str  # type: ignore[assignment,method-assign]
    content.read(entry, "utf-8")
    assert content["Desktop Entry"]["Exec"] == f'"{program}" gui %f'
    assert content["Desktop Entry"]["TryExec"] == str(program)
    icon = QIcon(str(share / "icons" / "hicolor" / "scalable" / "apps" / "audioclip-search.svg"))
    assert not icon.pixmap(48, 48).isNull()
