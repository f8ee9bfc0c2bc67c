"""Where things live, and that asking for it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from audioclip_search import config


def test_models_live_in_the_users_data_folder_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AUDIOCLIP_SEARCH_MODELS", raising=False)
    assert config.models_dir().is_absolute()
    assert config.models_dir().parts[-2:] == ("audioclip-search", "models")
    monkeypatch.setenv("AUDIOCLIP_SEARCH_MODELS", str(tmp_path))
    assert config.models_dir() == tmp_path
    monkeypatch.setenv("AUDIOCLIP_SEARCH_MODELS", "~/weights")
    assert config.models_dir() == Path.home() / "weights"


@pytest.mark.parametrize(
    ("value", "offline"),
    [(None, False), ("", False), ("0", False), ("No", False), ("false", False), ("1", True), ("true", True)],
)
def test_offline_is_a_switch_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str | None, offline: bool
) -> None:
    monkeypatch.delenv("AUDIOCLIP_SEARCH_OFFLINE", raising=False)
    if value is not None:
        monkeypatch.setenv("AUDIOCLIP_SEARCH_OFFLINE", value)
    assert config.offline() is offline


def test_importing_it_loads_no_heavy_library() -> None:
    code = "import audioclip_search.config, sys; print([n for n in ('torch', 'lancedb', 'numpy') if n in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
