"""Calls about models: which there are, and how they get here."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclip_search import DownloadError
from gui.backend.desk import Desk, Task
from gui.backend.pace import Pace

if TYPE_CHECKING:
    from audioclip_search import DownloadProgress  # loads torch

_REPORT_EVERY_S = 0.15


@dataclass(frozen=True, slots=True)
class Model:
    """A model by name; see `audioclip_search.ModelStatus`.

    Attributes:
        name: What to ask for.
        description: One line for people.
        installed: Whether it is on this machine.
        downloadable: Whether it can be had.
        size_bytes: On the disk, or of the download.
        problem: Why it can't be used although it is installed; empty if nothing is known.
        location: Its folder.
    """

    name: str
    description: str
    installed: bool
    downloadable: bool
    size_bytes: int
    problem: str
    location: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """How far a download is.

    Attributes:
        done_bytes: Here already, those of an earlier try among them.
        total_bytes: In all.
        rate_per_s: Bytes a second, smoothed; 0 while unknown.
        left_s: Seconds left; None while unknown.
    """

    done_bytes: int
    total_bytes: int
    rate_per_s: float = 0.0
    left_s: float | None = None


def known(desk: Desk, task: Task) -> list[Model]:
    """Every model that has a name, best first."""
    from audioclip_search import known_models

    return [
        Model(
            each.name,
            each.description,
            each.installed,
            bool(each.url),
            each.size_bytes,
            each.problem,
            str(each.location),
        )
        for each in known_models()
    ]


def best(desk: Desk, task: Task) -> str:
    """The model that a new library gets."""
    from audioclip_search import best_installed

    return best_installed()


def download(desk: Desk, task: Task, name: str) -> list[Model]:
    """Download a model, or go on with what is here of it; reports are `Arrived`s.

    Returns:
        The models there are then.

    Raises:
        DownloadError: What stopped it, in words for people; what has arrived is kept.
        CancelledError: It was cancelled; likewise.
    """
    from audioclip_search import download_model

    pace, told_s = Pace(), 0.0

    def tell(progress: DownloadProgress) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        pace.update(progress.done_bytes, now_s)
        if now_s - told_s < _REPORT_EVERY_S and progress.done_bytes < progress.total_bytes:
            return
        told_s = now_s
        left_s = pace.left_s(progress.done_bytes, progress.total_bytes)
        task.report(Arrived(progress.done_bytes, progress.total_bytes, pace.per_s, left_s))

    try:
        download_model(name, on_progress=tell, cancel=task.cancel)
    except DownloadError as error:
        raise _said_for_people(error) from error
    return known(desk, task)


def _said_for_people(error: DownloadError) -> DownloadError:
    """The same error without the address; a network that is not there gets words of its own."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return DownloadError("the download stopped: there is no connection to the internet", remedy=_CONNECT)
        if isinstance(cause, ConnectionRefusedError):
            return DownloadError("the download stopped: the server can't be reached", remedy=_CONNECT)
        if isinstance(cause, TimeoutError):
            return DownloadError("the download stopped: the server does not answer", remedy=_CONNECT)
    reason = error.reason
    if reason.startswith(("http://", "https://")):
        reason = f"the download stopped: {reason.partition(' ')[2]}"
    return DownloadError(reason, path=error.path, remedy=error.remedy or _CONNECT)


_CONNECT = "Check the connection and try again: it goes on where it stopped"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Why an error came about, from the outside in."""
    cause = error.__cause__
    while cause is not None:
        yield cause
        reason = getattr(cause, "reason", None)
        if isinstance(reason, BaseException):
            yield reason
        cause = cause.__cause__
