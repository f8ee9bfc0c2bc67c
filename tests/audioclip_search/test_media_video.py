"""Frames of videos: which one, which way up, and what is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image
from trees import make_video

from audioclip_search.errors import MediaError
from audioclip_search.media import load_frame

RED, GREEN, BLUE = (220, 20, 20), (20, 220, 20), (20, 20, 220)


def colour(image: Image.Image) -> tuple[int, int, int]:
    """The nearest of the three, of the picture's middle."""
    assert image.mode == "RGB"
    middle = np.array(image.getpixel((image.width // 2, image.height // 2)))
    return min((RED, GREEN, BLUE), key=lambda other: float(np.abs(middle - other).sum()))


@pytest.fixture(scope="module", params=[".mp4", ".mkv", ".avi"])
def video(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    path = tmp_path_factory.mktemp("video") / f"rgb{request.param}"
    return make_video(path, colours=(RED, GREEN, BLUE), duration_s=6.0, sound=request.param != ".avi")


def test_a_share_of_the_length(video: Path) -> None:
    found = [colour(load_frame(video, share=share)) for share in (0.0, 0.3, 0.35, 0.5, 0.63, 0.7, 1.0)]
    assert found == [RED, RED, GREEN, GREEN, GREEN, BLUE, BLUE]


def test_a_time(video: Path) -> None:
    found = [colour(load_frame(video, at_s=at_s)) for at_s in (0.0, 1.85, 2.05, 3.9, 4.1, 99.0)]
    assert found == [RED, RED, GREEN, GREEN, BLUE, BLUE]


def test_bytes_and_size(video: Path) -> None:
    assert load_frame(video.read_bytes(), share=0.5).size == (64, 48)


def test_upright(tmp_path: Path) -> None:
    """Phones film lying and write down how to turn it: a quarter clockwise, here."""
    path = tmp_path / "lying.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = np.full((48, 64, 3), RED, np.uint8)
        picture[:, 32:] = BLUE
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    image = load_frame(bytes(content), share=0.0)
    assert image.size == (48, 64)
    assert colour(image.crop((0, 0, 48, 20))) == RED
    assert colour(image.crop((0, 44, 48, 64))) == BLUE


def test_a_truncated_video_gives_what_is_left(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv", colours=(RED, GREEN, BLUE), duration_s=6.0)
    content = path.read_bytes()
    assert colour(load_frame(content[: len(content) // 2], at_s=0.5)) == RED
    assert load_frame(content[: len(content) // 2], share=1.0).size == (64, 48)


def test_refused(tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    soundfile.write(sound, np.zeros(8_000), 8_000)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    with pytest.raises(MediaError, match=r"sound\.wav: has no pictures"):
        load_frame(sound, share=0.5)
    with pytest.raises(MediaError, match=r"broken\.mp4: not a video"):
        load_frame(broken, share=0.5)
    with pytest.raises(MediaError, match=r"none\.mp4"):
        load_frame(tmp_path / "none.mp4", share=0.5)


def test_either_time_or_share(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="either"):
        load_frame(tmp_path / "any.mp4")
    with pytest.raises(ValueError, match="either"):
        load_frame(tmp_path / "any.mp4", at_s=1.0, share=0.5)
