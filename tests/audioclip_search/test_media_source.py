"""Opening: paths, bytes and files, and how the file system's refusals are told; the content hash, which only reads."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import xxhash

from audioclip_search.errors import MediaError
from audioclip_search.media import content_hash, open_source


class FailingDisk(io.BytesIO):
    """A file on a disk that fails after `good` bytes."""

    def __init__(self, data: bytes, *, good: int) -> None:
        super().__init__(data)
        self._good = good

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self._good:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_path_bytes_and_file_read_alike(tmp_path: Path) -> None:
    data = os.urandom((1 << 20) + 17)
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    expected = xxhash.xxh3_128_hexdigest(data)
    with path.open("rb") as file:
        file.read(100)
        assert content_hash(file) == expected
        assert not file.closed
    assert content_hash(path) == content_hash(str(path)) == content_hash(data) == expected


def test_hash_is_xxh3_of_128_bits() -> None:
    assert content_hash(b"") == "99aa06d3014798d86001c324468d497f"


def test_refusals_name_path_and_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    table = {"missing": "No such file or directory", ".": "is a folder", "pipe": "is not a regular file"}
    table |= dict.fromkeys(("a\0b", "half \udd00"), "no file can be called so")
    for name, reason in table.items():
        with pytest.raises(MediaError, match=reason) as caught:
            content_hash(tmp_path / name)
        assert caught.value.path == tmp_path / name


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_forbidden_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(MediaError, match="Permission denied"):
        content_hash(path)


def test_a_failing_disk_is_told() -> None:
    with pytest.raises(MediaError, match="Input/output error"):
        content_hash(FailingDisk(bytes(3 << 20), good=1 << 20))


def test_error_without_path_gets_the_source_s(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    with pytest.raises(MediaError) as caught, open_source(path):
        raise MediaError("inside")
    assert str(caught.value) == f"{path}: inside"
