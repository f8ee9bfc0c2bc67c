"""One file from a web server onto the disk: resumed after a break, checked, and in place only when whole."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import logging
import math
import os
import shutil
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, NoReturn

from audioclip_search import config
from audioclip_search.errors import CancelledError, DownloadError
from audioclip_search.types import CancelToken

_log = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 18
_TIMEOUT_S = 30.0
_POLL_S = 0.05
_REPORT_EVERY_S = 0.05
_MAKE_ROOM = f"Make room, or set {config.MODELS_VARIABLE} to a folder elsewhere"
# Answers of a server that is busy or restarting; any other error status is final.
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is: bytes on disk (those of an earlier, broken-off try included) and bytes in all."""

    done_bytes: int
    total_bytes: int


OnDownloadProgress = Callable[[DownloadProgress], None]


class _BrokenOffError(Exception):
    """The connection failed in a way that another try may mend."""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal.

    Raises:
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_bytes(file: Path, *, size_bytes: int, sha256: str) -> bool:
    """Whether `file` is there and has this size and SHA-256 (hexadecimal).

    Raises:
        DownloadError: It can't be read.
    """
    with _disk_errors(file):
        return file.is_file() and file.stat().st_size == size_bytes and file_sha256(file) == sha256


def download(
    url: str,
    target: Path,
    *,
    size_bytes: int,
    sha256: str,
    on_progress: OnDownloadProgress | None = None,
    cancel: CancelToken | None = None,
    offline: bool | None = None,
    retries: int = 4,
    backoff_s: float = 1.0,
) -> Path:
    """Fetch `url` into `target`, which appears only when whole and right; does nothing if it is already there.

    What has arrived is kept in `target` + `.part`, so that the next try, in this call or a later one, resumes there.
    Proxies come from the environment (`http_proxy`, `https_proxy`, `no_proxy`) or the system's settings.

    Args:
        url: An `http` or `https` address; redirects are followed.
        target: The file to write; its folder is created.
        size_bytes: The size the file must have.
        sha256: The SHA-256 it must have, hexadecimal.
        on_progress: Called in this thread, once before the first byte and at most 20 times a second after that.
        cancel: Stops the download; what has arrived is kept.
        offline: Refuse to use the network; None asks `config.offline()`.
        retries: How many tries in a row may bring nothing new before it fails.
        backoff_s: Seconds before the first retry; doubled before each further one.

    Returns:
        `target`.

    Raises:
        DownloadError: Offline, refused by the server, broken off too often, wrong bytes, disk full, or another process
            is downloading the same file.
        CancelledError: `cancel` was called.
    """
    with exclusive(target):
        if has_bytes(target, size_bytes=size_bytes, sha256=sha256):
            return target
        if config.offline() if offline is None else offline:
            raise DownloadError(
                f"{url} was not downloaded: working offline",
                remedy=f"Unset {config.OFFLINE_VARIABLE}, or fetch the file on another machine and run "
                "`audioclip-search models import FILE`",
            )
        if not url.startswith(("http://", "https://")):
            raise DownloadError(f"{url!r} is not a web address")
        fetch = _Fetch(url, target.with_name(target.name + ".part"), size_bytes, on_progress, cancel)
        fetch.run(retries=retries, backoff_s=backoff_s)
        with _disk_errors(target):
            if not has_bytes(fetch.part, size_bytes=size_bytes, sha256=sha256):
                fetch.part.unlink()
                raise DownloadError(
                    f"{url}: the server sent the wrong bytes (size or SHA-256 differs); they were deleted",
                    remedy="Try again; if it stays so, something between here and the server changes the file",
                )
            fetch.part.replace(target)
    return target


@contextlib.contextmanager
def exclusive(target: Path) -> Iterator[None]:
    """Hold `target` against other processes and threads that would write it, by a lock file beside it.

    The folder is created. The lock file stays behind, empty: removing it would let two holders in. The system frees the
    lock if its holder dies.

    Raises:
        DownloadError: Someone else holds it, or the folder can't be written.
    """
    with _disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.with_name(target.name + ".lock").open("ab")
    with file:
        with _disk_errors(target):
            _lock(file, target)
        yield


def _lock(file: BinaryIO, target: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        raise DownloadError(
            "another process is downloading this", path=target, remedy="Wait until it is done"
        ) from error


class _Fetch:
    """One download: its part file and what is known of the server's copy."""

    def __init__(
        self,
        url: str,
        part: Path,
        size_bytes: int,
        on_progress: OnDownloadProgress | None,
        cancel: CancelToken | None,
    ) -> None:
        self.url = url
        self.part = part
        self.size_bytes = size_bytes
        self._on_progress = on_progress
        self._cancel = cancel
        self._etag = ""
        self._reported_s = -math.inf
        # The environment's proxies are read here, at each download; `urlopen` would remember the first ones for ever.
        self._opener = urllib.request.build_opener()

    def run(self, *, retries: int, backoff_s: float) -> None:
        """Fill the part file up to `size_bytes` (or beyond, if the server sends more), trying again after breaks."""
        if self._done_bytes() > self.size_bytes:
            self.part.unlink()
        self._check_space()
        best, failures = self._done_bytes(), 0
        while self._done_bytes() < self.size_bytes:
            try:
                self._attempt()
            except _BrokenOffError as broken:
                # Only a new high-water mark counts as progress: a server without ranges that always breaks off would
                # otherwise be asked for ever.
                failures = 1 if self._done_bytes() > best else failures + 1
                best = max(best, self._done_bytes())
                if failures > retries:
                    raise DownloadError(
                        f"{self.url}: {broken} ({failures} tries brought nothing new)",
                        remedy="Try again later: it resumes where it stopped",
                    ) from broken
                delay_s = backoff_s * 2 ** (failures - 1)
                _log.warning("%s: %s; trying again in %.1f s", self.url, broken, delay_s)
                self._wait(delay_s)

    def _attempt(self) -> None:
        """One request that appends to the part file until it is whole, or raises."""
        start = self._done_bytes()
        self._report(start, last=False)
        with self._open(start) as response:
            resumed = self._accept(response, start)
            done = start if resumed else 0
            with _disk_errors(self.part):
                file = self.part.open("ab" if resumed else "wb", buffering=0)
            with file:
                while done <= self.size_bytes and (chunk := self._read(response)):
                    self._write(file, chunk)
                    done += len(chunk)
                    self._report(done, last=done == self.size_bytes)
                with _disk_errors(self.part):
                    os.fsync(file.fileno())
        if done < self.size_bytes:
            raise _BrokenOffError(f"the connection closed after {done} of {self.size_bytes} bytes")

    def _open(self, start: int) -> http.client.HTTPResponse:
        request = urllib.request.Request(self.url, headers={"User-Agent": "audioclip-search"})
        if start:
            request.add_header("Range", f"bytes={start}-")
            if self._etag:
                request.add_header("If-Range", self._etag)
        with _network_errors(self.url):
            try:
                response: http.client.HTTPResponse = self._opener.open(request, timeout=_TIMEOUT_S)
            except urllib.error.HTTPError as error:
                with error:
                    self._refused(error)
        return response

    def _refused(self, error: urllib.error.HTTPError) -> NoReturn:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.unlink(missing_ok=True)
            raise _BrokenOffError("the server can't resume there") from error
        answer = f"the server answered {error.code} {error.reason}"
        if error.code in _PASSING_STATUSES:
            raise _BrokenOffError(answer) from error
        raise DownloadError(
            f"{self.url}: {answer}",
            remedy="Fetch the file another way and run `audioclip-search models import FILE`",
        ) from error

    def _accept(self, response: http.client.HTTPResponse, start: int) -> bool:
        """Whether the answer continues at `start` (else it begins anew); refuses one of the wrong length, so that a
        hotel's login page never replaces half a download."""
        etag = response.headers.get("ETag", "")
        self._etag = "" if etag.startswith("W/") else etag  # RFC 9110, 13.1.5: If-Range takes strong tags only
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            self.part.unlink(missing_ok=True)
            raise _BrokenOffError("the server sent another range than asked for")
        if response.length is None:
            return resumed
        offered = response.length + (start if resumed else 0)
        if offered != self.size_bytes:
            raise DownloadError(
                f"{self.url}: the server offers {offered} bytes, the file has {self.size_bytes}",
                remedy="Is there a login page or a filter between here and the network?",
            )
        return resumed

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        with _network_errors(self.url):
            return response.read1(_CHUNK_BYTES)  # what has arrived: a slow line can still be cancelled at once

    def _write(self, file: FileIO, chunk: bytes) -> None:
        left = memoryview(chunk)
        with _disk_errors(self.part):
            while left:
                left = left[file.write(left) :]

    def _done_bytes(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _check_space(self) -> None:
        needed_bytes = self.size_bytes - self._done_bytes()
        free_bytes = shutil.disk_usage(self.part.parent).free
        if free_bytes < needed_bytes:
            raise DownloadError(
                f"the disk is too full: {needed_bytes / 1e6:.0f} MB to download, {free_bytes / 1e6:.0f} MB free",
                path=self.part.parent,
                remedy=_MAKE_ROOM,
            )

    def _report(self, done_bytes: int, *, last: bool) -> None:
        self._stop_if_cancelled()
        now_s = time.monotonic()
        if self._on_progress is not None and (last or now_s - self._reported_s >= _REPORT_EVERY_S):
            self._reported_s = now_s
            self._on_progress(DownloadProgress(done_bytes, self.size_bytes))

    def _wait(self, duration_s: float) -> None:
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0:
            self._stop_if_cancelled()
            time.sleep(min(_POLL_S, left_s))

    def _stop_if_cancelled(self) -> None:
        if self._cancel is not None and self._cancel.cancelled:
            raise CancelledError("the download was cancelled; it resumes where it stopped", path=self.part)


@contextlib.contextmanager
def _network_errors(url: str) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise DownloadError(
                f"{url}: the server's certificate is not trusted ({reason.verify_message})",
                remedy="Behind a company's proxy, point SSL_CERT_FILE to its certificates",
            ) from error
        raise _BrokenOffError(str(reason) or type(reason).__name__) from error


@contextlib.contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DownloadError(f"can't be written: {error.strerror or error}", path=path, remedy=_MAKE_ROOM) from error
