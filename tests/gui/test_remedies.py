from __future__ import annotations

import re
from pathlib import Path

import pytest

import audioclip_search
from gui.backend.remedies import in_the_window


@pytest.mark.parametrize(
    ("shell", "window"),
    [
        ("Run `audioclip-search index` first", "Rescan the library (F5)"),
        ("Run `audioclip-search models download audioclip`", "Download it in Preferences, Model"),
        ("Delete that folder and run `audioclip-search index` again", "Delete that folder and rescan the library (F5)"),
        ("Make room", "Make room"),
        ("", ""),
    ],
)
def test_remedies_are_said_for_people_who_have_a_window(shell: str, window: str) -> None:
    assert in_the_window(shell) == window


def test_no_remedy_of_the_librarys_is_left_that_needs_a_shell() -> None:
    package = Path(audioclip_search.__file__).parent
    texts = [file.read_text("utf-8") for file in package.rglob("*.py") if "cli" not in file.parts]
    joined = [re.sub(r'"\n\s*f?"', "", text) for text in texts]
    said = [line for text in joined for line in re.findall(r'"([^"\n]*`audioclip-search [^"\n]*`[^"\n]*)"', text)]
    assert len(said) > 5
    elsewhere = re.compile("audioclip-search (export|query)")  # what the app does not do
    left = [line for line in said if "`audioclip-search" in in_the_window(line) and not elsewhere.search(line)]
    assert not left
