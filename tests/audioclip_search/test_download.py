"""Downloads from a real server on this machine that behaves as badly as it is told to."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioclip_search.errors import CancelledError, DownloadError
from audioclip_search.model.download import DownloadProgress, download, exclusive
from audioclip_search.types import CancelToken

BODY = np.random.default_rng(1).integers(0, 256, 700_000, dtype=np.uint8).tobytes()
SHA256 = hashlib.sha256(BODY).hexdigest()
HALF = len(BODY) // 2
ETAG = '"v1"'

Answer = Callable[["Handler", bytes], None]


class Site(ThreadingHTTPServer):
    """Serves `BODY`, with ranges, at every address; `answers` are taken for the first requests instead."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: deque[Answer] = deque()
        self.requests: list[tuple[str, Message]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pt"

    @property
    def ranges(self) -> list[str | None]:
        return [headers["Range"] for _, headers in self.requests]


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers))
        answer = self.server.answers.popleft() if self.server.answers else ranged()
        with suppress(ConnectionError):  # the client may have had enough
            answer(self, BODY)

    def send(self, status: int, body: bytes, headers: dict[str, str], *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        pass


def ranged(*, break_after: int | None = None, etag: str = ETAG) -> Answer:
    """Honours `Range`, and closes the connection `break_after` bytes later."""

    def answer(handler: Handler, body: bytes) -> None:
        asked = handler.headers["Range"]
        if asked is None or handler.headers["If-Range"] not in (None, etag):
            handler.send(200, body[:break_after], {"ETag": etag}, length=len(body))
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        headers = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", "ETag": etag}
        handler.send(206, body[start:][:break_after], headers, length=len(body) - start)

    return answer


def rangeless(*, break_after: int | None = None) -> Answer:
    """Ignores `Range`."""
    return lambda handler, body: handler.send(200, body[:break_after], {}, length=len(body))


def status(code: int, **headers: str) -> Answer:
    return lambda handler, body: handler.send(code, b"sorry", headers)


def other(changed: bytes) -> Answer:
    return lambda handler, body: handler.send(200, changed, {})


def wrong_range(handler: Handler, body: bytes) -> None:
    handler.send(206, body, {"Content-Range": f"bytes 0-{len(body) - 1}/{len(body)}"})


def without_length(body: bytes) -> Answer:
    def answer(handler: Handler, _: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "AUDIOCLIP_SEARCH_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    site = Site()
    thread = threading.Thread(target=site.serve_forever, args=(0.01,))
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "weights.pt"


def part(target: Path) -> Path:
    return target.with_name("weights.pt.part")


def fetch(url: str, target: Path, **options: Any) -> Path:
    return download(url, target, **{"size_bytes": len(BODY), "sha256": SHA256, "backoff_s": 0.01, **options})


def test_brings_the_file_and_reports_how_far_it_is(site: Site, target: Path) -> None:
    seen: list[DownloadProgress] = []
    assert fetch(site.url, target, on_progress=seen.append) == target
    assert target.read_bytes() == BODY
    assert not part(target).exists()
    assert seen[0] == DownloadProgress(0, len(BODY))
    assert seen[-1] == DownloadProgress(len(BODY), len(BODY))
    assert [step.done_bytes for step in seen] == sorted(step.done_bytes for step in seen)


def test_a_file_that_is_there_is_not_fetched_again_even_offline(site: Site, target: Path) -> None:
    fetch(site.url, target)
    fetch(site.url, target, offline=True)
    assert len(site.requests) == 1


def test_a_damaged_file_that_is_there_is_replaced(site: Site, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(bytes(len(BODY)))
    assert fetch(site.url, target).read_bytes() == BODY


def test_resumes_where_each_connection_broke_off(site: Site, target: Path) -> None:
    site.answers.extend([ranged(break_after=1), ranged(break_after=300_000), ranged(break_after=0)])
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges == [None, "bytes=1-", "bytes=300001-", "bytes=300001-"]
    assert [headers["If-Range"] for _, headers in site.requests] == [None, ETAG, ETAG, ETAG]


def test_begins_anew_if_the_server_s_file_changed_between_two_tries(site: Site, target: Path) -> None:
    site.answers.extend([ranged(break_after=HALF, etag='"v0"')])
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges == [None, f"bytes={HALF}-"]


def test_weak_tags_do_not_guard_ranges(site: Site, target: Path) -> None:
    site.answers.append(ranged(break_after=HALF, etag='W/"v1"'))
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.requests[1][1]["If-Range"] is None


def test_a_later_call_resumes_too(site: Site, target: Path) -> None:
    site.answers.append(ranged(break_after=HALF))
    with pytest.raises(DownloadError, match="resumes where it stopped"):
        fetch(site.url, target, retries=0)
    assert part(target).read_bytes() == BODY[:HALF]
    assert not target.exists()
    seen: list[DownloadProgress] = []
    assert fetch(site.url, target, on_progress=seen.append).read_bytes() == BODY
    assert site.ranges[-1] == f"bytes={HALF}-"
    assert seen[0].done_bytes == HALF


def test_a_server_that_refuses_ranges_is_read_from_the_start(site: Site, target: Path) -> None:
    site.answers.extend([rangeless(break_after=HALF), rangeless()])
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges == [None, f"bytes={HALF}-"]


def test_a_range_that_can_not_be_had_is_read_from_the_start(site: Site, target: Path) -> None:
    site.answers.extend([ranged(break_after=HALF), status(416)])
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges == [None, f"bytes={HALF}-", None]


def test_a_range_that_was_not_asked_for_is_not_appended(site: Site, target: Path) -> None:
    site.answers.extend([ranged(break_after=HALF), wrong_range])
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges[-1] is None


def test_gives_up_when_tries_bring_nothing_new(site: Site, target: Path) -> None:
    site.answers.extend([rangeless(break_after=1000)] * 10)
    with pytest.raises(DownloadError, match="closed after 1000 of 700000 bytes"):
        fetch(site.url, target, retries=2)
    assert len(site.requests) == 3


def test_a_part_file_that_is_too_long_is_dropped(site: Site, target: Path) -> None:
    target.parent.mkdir()
    part(target).write_bytes(BODY + b"more")
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges == [None]


def test_a_part_file_that_is_whole_needs_no_request(site: Site, target: Path) -> None:
    target.parent.mkdir()
    part(target).write_bytes(BODY)
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.requests == []


@pytest.mark.parametrize(
    "answer",
    [other(BODY[:-1] + b"\0"), without_length(BODY + b"more"), without_length(BODY[::-1])],
    ids=["one byte", "more than announced", "all bytes"],
)
def test_wrong_bytes_are_deleted_and_never_put_in_place(site: Site, target: Path, answer: Answer) -> None:
    site.answers.append(answer)
    with pytest.raises(DownloadError, match="wrong bytes"):
        fetch(site.url, target)
    assert not target.exists()
    assert not part(target).exists()
    assert fetch(site.url, target).read_bytes() == BODY


def test_a_login_page_does_not_replace_half_a_download(site: Site, target: Path) -> None:
    site.answers.extend([ranged(break_after=HALF), other(b"<html>Welcome to our hotel</html>")])
    with pytest.raises(DownloadError, match="offers 33 bytes, the file has 700000"):
        fetch(site.url, target)
    assert part(target).read_bytes() == BODY[:HALF]


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_final_and_names_the_way_out(site: Site, target: Path, code: int) -> None:
    site.answers.extend([status(code)] * 2)
    with pytest.raises(DownloadError, match=f"answered {code}.*models import FILE"):
        fetch(site.url, target)
    assert len(site.requests) == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(site: Site, target: Path, code: int) -> None:
    site.answers.extend([status(code), ranged(break_after=HALF), status(code)])
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges[-1] == f"bytes={HALF}-"


def test_follows_redirects_and_keeps_the_range(site: Site, target: Path) -> None:
    target.parent.mkdir()
    part(target).write_bytes(BODY[:HALF])
    site.answers.append(status(302, Location="/storage/signed"))
    assert fetch(site.url, target).read_bytes() == BODY
    assert [path for path, _ in site.requests] == ["/weights.pt", "/storage/signed"]
    assert site.ranges[-1] == f"bytes={HALF}-"


def test_goes_through_the_environment_s_proxy(site: Site, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{site.server_port}")
    assert fetch("http://releases.invalid/weights.pt", target).read_bytes() == BODY
    assert [path for path, _ in site.requests] == ["http://releases.invalid/weights.pt"]


def test_an_unreachable_server_is_an_error_with_a_reason(target: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound but not listening: refuses connections
        url = f"http://127.0.0.1:{free.getsockname()[1]}/weights.pt"
        with pytest.raises(DownloadError, match="3 tries brought nothing new"):
            fetch(url, target, retries=2)


def test_only_web_addresses_are_fetched(target: Path, tmp_path: Path) -> None:
    (tmp_path / "local").write_bytes(BODY)
    with pytest.raises(DownloadError, match="not a web address"):
        fetch((tmp_path / "local").as_uri(), target)


def test_offline_asks_nobody_and_names_the_switch(site: Site, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DownloadError, match=r"AUDIOCLIP_SEARCH_OFFLINE.*models import FILE"):
        fetch(site.url, target, offline=True)
    monkeypatch.setenv("AUDIOCLIP_SEARCH_OFFLINE", "1")
    with pytest.raises(DownloadError, match="offline"):
        fetch(site.url, target)
    assert site.requests == []
    assert fetch(site.url, target, offline=False).read_bytes() == BODY


def test_cancelling_keeps_what_has_arrived(site: Site, target: Path) -> None:
    cancel = CancelToken()

    def cancelled_at_half(handler: Handler, body: bytes) -> None:
        handler.send(200, body[:HALF], {}, length=len(body))
        while not part(target).exists() or part(target).stat().st_size < HALF:
            time.sleep(0.01)
        cancel.cancel()
        handler.wfile.write(body[HALF:-1])

    site.answers.append(cancelled_at_half)
    with pytest.raises(CancelledError):
        fetch(site.url, target, cancel=cancel)
    kept = part(target).read_bytes()
    assert HALF <= len(kept) < len(BODY)
    assert BODY.startswith(kept)
    assert fetch(site.url, target).read_bytes() == BODY
    assert site.ranges == [None, f"bytes={len(kept)}-"]


def test_cancelling_ends_the_wait_between_two_tries(site: Site, target: Path) -> None:
    cancel = CancelToken()
    site.answers.append(status(503))
    later = threading.Timer(0.2, cancel.cancel)
    later.start()
    with pytest.raises(CancelledError):
        fetch(site.url, target, cancel=cancel, backoff_s=300.0)
    later.join()
    assert len(site.requests) == 1


def test_a_cancelled_token_asks_nobody(site: Site, target: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        fetch(site.url, target, cancel=cancel)
    assert site.requests == []


def test_what_a_callback_raises_is_not_taken_for_a_broken_connection(site: Site, target: Path) -> None:
    def gone(progress: DownloadProgress) -> None:
        raise BrokenPipeError("the terminal went away")

    with pytest.raises(BrokenPipeError, match="terminal"):
        fetch(site.url, target, on_progress=gone)


def test_two_downloads_of_one_file_exclude_each_other(site: Site, target: Path) -> None:
    with exclusive(target), pytest.raises(DownloadError, match="another process is downloading"):
        fetch(site.url, target)
    assert site.requests == []
    assert fetch(site.url, target).read_bytes() == BODY


def test_a_disk_without_room_is_noticed_before_the_download(site: Site, target: Path) -> None:
    with pytest.raises(DownloadError, match=r"too full.*AUDIOCLIP_SEARCH_MODELS"):
        fetch(site.url, target, size_bytes=10**18)
    assert site.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_a_disk_that_fills_up_is_not_asked_again(site: Site, target: Path) -> None:
    target.parent.mkdir()
    part(target).symlink_to("/dev/full")
    with pytest.raises(DownloadError, match=r"No space left.*Make room"):
        fetch(site.url, target)
    assert len(site.requests) == 1


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(DownloadError, match="can't be written") as caught:
        fetch("http://127.0.0.1:9/weights.pt", tmp_path / "models" / "weights.pt")
    assert caught.value.path == tmp_path / "models" / "weights.pt"
