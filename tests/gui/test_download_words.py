"""What people are told when a download fails."""

from __future__ import annotations

import socket
import urllib.error

import pytest

from audioclip_search import DownloadError
from gui.backend.calls.models import _said_for_people


def failed(cause: BaseException) -> DownloadError:
    """As the download raises it: the cause of the cause is the network's."""
    try:
        try:
            raise RuntimeError("broken off") from cause
        except RuntimeError as error:
            raise DownloadError("https://x/y.pt: gone (5 tries brought nothing new)") from error
    except DownloadError as error:
        return error


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (urllib.error.URLError(socket.gaierror(-2, "Name or service not known")), "no connection to the internet"),
        (urllib.error.URLError(ConnectionRefusedError(111, "refused")), "the server can't be reached"),
        (TimeoutError("timed out"), "the server does not answer"),
        (ConnectionResetError("reset"), "the download stopped: gone (5 tries brought nothing new)"),
    ],
)
def test_a_network_that_fails_has_words_and_a_remedy(cause: BaseException, words: str) -> None:
    said = _said_for_people(failed(cause))
    assert words in said.reason
    assert "goes on where it stopped" in said.remedy


def test_a_full_disk_stays_what_it_is() -> None:
    error = DownloadError("the disk is too full: 537 MB to download", path="/models", remedy="Make room")
    said = _said_for_people(error)
    assert (said.reason, said.where, said.remedy) == (error.reason, "/models", "Make room")
