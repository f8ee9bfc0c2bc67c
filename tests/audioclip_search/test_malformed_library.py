"""A folder of hundreds of malformed files: each ends as vectors or as a recorded reason, and the process that indexes
them neither dies nor hangs nor fills the memory."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from malformed import Made, malformed_files, write_files

from audioclip_search.storage import IndexStore

logger = logging.getLogger(__name__)

# The largest pictures that are decoded take a gigabyte, one at a time: four bytes for each of 178 million pixels, or
# the coefficients of a progressive JPEG, and copies of a smaller version. All else together takes far less.
MOST_MEMORY_BYTES = 1_500_000_000

CHILD = """
import json, logging, os, sys
from pathlib import Path
from audioclip_search import Library

def peak_bytes():  # not `resource.getrusage`, which begins with what the parent had
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else ()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

root, model, scratch = map(Path, sys.argv[1:])
logging.basicConfig(
    filename=scratch / "log", encoding="utf-8", errors="backslashreplace", format="[%(name)s] %(message)s"
)
# What the model and the libraries take, once each kind of file has been read.
with Library(root / "whole", model=model, index=scratch / "whole", device="cpu") as library:
    library.sync()
before = peak_bytes()

opened = []

def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(str(root)):
        opened.append(arguments[0])

sys.addaudithook(note)
with Library(root, model=model, index=scratch / "index", device="cpu") as library:
    first = library.sync()
    read = len(set(opened))
    opened.clear()
    second = library.sync()
    failures = [(failure.path, failure.reason) for failure in library.failures()]
(scratch / "result").write_text(json.dumps({
    "memory": peak_bytes() - before, "read": read, "again": len(opened), "failures": failures,
    "first": [first.added + first.copied, first.updated, first.removed, first.unchanged, len(first.failures)],
    "second": [second.added, second.updated, second.removed, second.unchanged, len(second.failures)],
}), encoding="utf-8")
"""


def sync_in_a_child(root: Path, model: Path, scratch: Path) -> dict[str, Any]:
    command = [sys.executable, "-W", "error", "-c", CHILD, str(root), str(model), str(scratch)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_500, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # libsndfile has a `printf` left in its ALAC decoder.
    assert [line for line in done.stdout.splitlines() if not line.startswith("alac_")] == []
    result: dict[str, Any] = json.loads((scratch / "result").read_text(encoding="utf-8"))
    return result


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_every_malformed_file_ends_as_vectors_or_as_a_reason(tmp_path: Path, tiny_model: Path) -> None:
    root, scratch = tmp_path / "library", tmp_path / "scratch"
    scratch.mkdir()
    made = write_files(root, malformed_files())
    unicode = {file.path.decode(): file for file in made if file.kind != "names not Unicode"}
    result = sync_in_a_child(root, tiny_model, scratch)

    failures: dict[str, str] = dict(result["failures"])
    for path, reason in failures.items():
        assert reason, path
        assert len(reason.splitlines()) == 1, (path, reason)
        assert not reason.startswith("internal error"), (path, reason)
    embedded = embedded_paths(scratch / "index")
    assert embedded.isdisjoint(failures)
    assert embedded | set(failures) == set(unicode)
    for path, file in unicode.items():
        if file.kind in {"whole", "silence", "odd samples", "20 hours", "odd names"}:
            assert path in embedded, failures[path]
    report(list(unicode.values()), failures)

    total = len(unicode)
    assert sum(file.kind != "whole" for file in unicode.values()) >= 300
    assert result["first"] == [len(embedded), 0, 0, 0, len(failures)]
    assert (result["second"], result["read"], result["again"]) == ([0, 0, 0, total, 0], total, 0)
    assert_left_out([file for file in made if file.kind == "names not Unicode"], scratch / "log")
    assert result["memory"] < MOST_MEMORY_BYTES
    logger.info("%d MB above what whole files take", result["memory"] // 1_000_000)


def embedded_paths(index: Path) -> set[str]:
    """The files that have vectors, each of which is seen to be one."""
    with IndexStore.open(index) as store:
        paths = {path for path, file in store.stored().items() if not file.failure}
        for path in paths:
            vectors = np.stack([window.vector for window in store.vectors(path)])  # (windows, dim)
            assert np.isfinite(vectors).all(), path
            assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5), path
    return paths


def report(files: list[Made], failures: dict[str, str]) -> None:
    """Log what became of each kind of damage."""
    counts = Counter((file.kind, file.path.decode() in failures) for file in files)
    for kind in sorted({kind for kind, _ in counts}):
        logger.info("%-20s %3d embedded, %3d failed", kind, counts[kind, False], counts[kind, True])
    logger.info("%d files, %d embedded, %d failed, 0 lost", len(files), len(files) - len(failures), len(failures))


def assert_left_out(files: list[Made], log: Path) -> None:
    """What the log says of names that can't be stored, and that it has nothing from anyone else."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    for file in files:
        name = file.path.split(b"/")[0].decode(errors="replace")
        assert any(f"{name} is left out: its name is not valid Unicode" in line for line in lines), name
    senders = {line.split("]")[0].lstrip("[").split(".")[0] for line in lines}
    assert senders <= {"audioclip_search", "PIL"}
