"""Pictures out of videos."""

from __future__ import annotations

from collections.abc import Iterator

import av
from PIL import Image

from audioclip_search.errors import MediaError
from audioclip_search.media.guarded import open_container
from audioclip_search.media.images import MAX_PIXELS, convert_image
from audioclip_search.media.source import Source, open_source


def load_frame(source: Source, *, at_s: float | None = None, share: float | None = None) -> Image.Image:
    """Decode one frame of a video: RGB, 8 bits, upright as the file says it is shown.

    Args:
        source: The video.
        at_s: Which frame: the one shown so many seconds after the start, beyond the end the last one.
        share: The same as a share of the length, in [0, 1]; of a video that does not say its length, the first frame.
            Give one of the two.

    Raises:
        MediaError: It can't be read, is no video, or nothing can be decoded there.
        ValueError: Both or neither of `at_s` and `share` are given.
    """
    if (at_s is None) == (share is None):
        raise ValueError("give either at_s or share")
    with open_source(source) as file:
        try:
            with open_container(file) as container:
                if at_s is None:
                    at_s = _duration_s(container) * min(max(share or 0.0, 0.0), 1.0)
                frame = _frame_at(container, max(at_s, 0.0))
                if frame.width * frame.height > MAX_PIXELS:
                    raise MediaError(f"larger than {MAX_PIXELS // 1_000_000} megapixels")
                picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
                return convert_image(picture.rotate(frame.rotation, expand=True))
        except av.FFmpegError as error:
            raise MediaError(f"not a video, or in a format that can't be read ({error.strerror})") from error


def _stream(container: av.container.InputContainer) -> av.VideoStream:
    if not container.streams.video:
        raise MediaError("has no pictures" if container.streams.audio else "is no video")
    return container.streams.video[0]


def _duration_s(container: av.container.InputContainer) -> float:
    stream = _stream(container)
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _frame_at(container: av.container.InputContainer, at_s: float) -> av.VideoFrame:
    stream = _stream(container)
    time_base = float(stream.time_base or 0)
    start_s = (stream.start_time or 0) * time_base
    if time_base and at_s:
        try:
            container.seek(round((start_s + at_s) / time_base), stream=stream)
        except av.FFmpegError:
            container.seek(0)  # it can't be sought in: from the start, then
    last = None
    for frame in _frames(container, stream):
        if last is not None and frame.time is not None and frame.time > start_s + at_s:
            break
        last = frame
    if last is None:
        raise MediaError("none of its pictures can be decoded")
    return last


def _frames(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Every frame that can be decoded from here on; damaged packets are left out, as players do."""
    try:
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            yield from (frame for frame in frames if isinstance(frame, av.VideoFrame))
    except av.FFmpegError:
        return  # truncated: what came before counts
