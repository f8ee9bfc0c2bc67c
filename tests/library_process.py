"""A process that uses a library, for tests that kill it or have several at once.

The process is a child's, `LibraryProcess` is what the test has of it. The child takes commands as lines of JSON, and
tells what happens as lines of JSON in a file: the stages of a sync, where a commit begins and ends, what came of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SOON_S = 240.0  # a slow machine's soon
Event = dict[str, Any]


class LibraryProcess:
    """A child process. A context manager: leaving it kills the child.

    Args:
        events: The file for what the child tells; made new.
        root: Of the library.
        settings: `index`; `model`, `log`, `delay_s` and `gate` of its encoder; `small_commits`; `old_versions`, False
            if none are to be kept.
    """

    def __init__(self, events: Path, root: Path, **settings: Any) -> None:
        settings = {"root": str(root), **{name: _plain(value) for name, value in settings.items()}}
        self._path = events
        self._seen = 0
        self._path.write_text("")
        with events.open("w") as out, events.with_suffix(".errors").open("w") as errors:
            command = [sys.executable, "-W", "error", __file__, json.dumps(settings)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=errors, text=True)

    def send(self, do: str, **details: Any) -> None:
        """Have it `sync` (certain `paths`), `reembed` or `query`; `until` a file is there, again and again, and once
        after that."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **{key: _plain(value) for key, value in details.items()}}))
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def events(self, kind: str = "") -> list[Event]:
        """What has been told so far."""
        text = self._path.read_text()
        whole = text[: text.rfind("\n") + 1]
        events = [json.loads(line) for line in whole.splitlines()]
        return [event for event in events if kind in ("", event["event"])]

    def wait_for(self, wanted: Callable[[Event], bool]) -> Event:
        """The next event of that kind, when it has come; or the one that says that a command has ended."""
        deadline_s = time.monotonic() + SOON_S
        while True:
            ended = self._process.poll() is not None
            for event in self.events()[self._seen :]:
                self._seen += 1
                if wanted(event) or event["event"] in ("report", "error"):
                    return event
            assert not ended, self.errors
            assert time.monotonic() < deadline_s, self.events()[-3:]
            time.sleep(0.001)

    @property
    def errors(self) -> str:
        """Its standard error."""
        return self._path.with_suffix(".errors").read_text()

    def finish(self) -> list[Event]:
        """Let it end by itself when it has done what it was told; it must not have failed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert (self._process.wait(SOON_S), self.errors) == (0, "")
        assert self.events("error") == []
        return self.events()

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it had not read all
            self._process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def tell(event: str, **details: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **details}) + "\n")
    sys.stdout.flush()


def commit_often() -> None:
    """Commits of three files, and after every few of them a compaction."""
    from audioclip_search.indexer import writing
    from audioclip_search.storage import store

    writing._FILES = 3
    store._COMMITS_BETWEEN_COMPACTIONS = 5


def delete_old_versions_at_once() -> None:
    """Where nobody reads meanwhile."""
    from audioclip_search.storage import maintenance

    maintenance.VERSIONS_KEPT_FOR = timedelta(milliseconds=1)


def tell_of_commits() -> None:
    from audioclip_search.storage import IndexStore

    write = IndexStore.write

    def told(store: IndexStore, changes: Any) -> None:
        tell("commit", files=len(changes))
        write(store, changes)
        tell("committed", files=len(changes))

    IndexStore.write = told  # type: ignore[method-assign]


def main(settings: dict[str, Any]) -> None:
    from plain_encoder import PlainEncoder

    from audioclip_search import AudioCLIPSearchError, Library

    if settings.get("small_commits"):
        commit_often()
    if settings.get("old_versions") is False:
        delete_old_versions_at_once()
    tell_of_commits()
    paths = {name: Path(settings[name]) for name in ("log", "gate") if settings.get(name)}
    encoder = PlainEncoder(settings.get("model", "plain"), delay_s=settings.get("delay_s", 0.0), **paths)
    with Library(settings["root"], model=encoder, index=settings.get("index")) as library:

        def run(do: str, paths: list[str] | None = None) -> None:
            try:
                if do == "query":
                    hits = library.query(text="rain", k=10_000, min_score=0)
                    tell("hits", paths=[str(hit.path) for hit in hits])
                else:
                    report = library.sync(
                        reembed=do == "reembed",
                        paths=paths,
                        on_progress=lambda p: tell("progress", stage=p.stage.value, done=p.done, total=p.total),
                    )
                    tell("report", **asdict(report))
            except AudioCLIPSearchError as error:
                tell("error", kind=type(error).__name__, text=str(error))

        tell("ready")
        for line in sys.stdin:
            command = json.loads(line)
            until = Path(command.pop("until", "/"))
            while not until.exists():
                run(**command)
            run(**command)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
