"""Sounds of which a test knows how they are related."""

from __future__ import annotations

import io

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 16_000


def knocks(seed: int, *, duration_s: float = 1.5, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """Float32 `(n,)`: a few dull and bright knocks in some noise; another take for each seed."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    sound = 0.003 * random.standard_normal(len(time_s))
    for start_s in np.sort(random.uniform(0, 0.8 * duration_s, 5)):
        since_s = time_s - start_s
        body = np.sin(2 * np.pi * random.uniform(150, 900) * since_s) + 0.7 * random.standard_normal(len(time_s))
        sound += np.where(since_s >= 0, random.uniform(0.1, 0.3) * body * np.exp(-random.uniform(15, 60) * since_s), 0)
    return np.clip(sound, -1, 1).astype(np.float32)


def tone(frequency_hz: float, *, duration_s: float = 1.0, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """Float32 `(n,)`: nothing but a sine."""
    return (0.3 * np.sin(2 * np.pi * frequency_hz * np.arange(round(duration_s * rate_hz)) / rate_hz)).astype(
        np.float32
    )


def rounded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """To 16 bits, so that every lossless format of 16 bits or more holds it."""
    return (np.rint(samples * 32_768).clip(-32_768, 32_767) / 32_768).astype(np.float32)


def written(
    samples: NDArray[np.float32], form: str = "WAV", subtype: str = "PCM_16", *, rate_hz: int = RATE_HZ
) -> bytes:
    """A file of `(n,)` or `(channels, n)`. Integers are scaled here: libsndfile does it otherwise for each format."""
    file = io.BytesIO()
    whole = {"PCM_16": 15, "PCM_24": 31, "ALAC_16": 15}.get(subtype)  # libsndfile takes 24 bits as the upper ones of 32
    values = (
        samples.T if whole is None else np.rint(samples.T * 2.0**whole).astype(np.int16 if whole == 15 else np.int32)
    )
    soundfile.write(file, values, rate_hz, format=form, subtype=subtype)
    return file.getvalue()


def mp3(samples: NDArray[np.float32], kilobits: int, *, rate_hz: int = RATE_HZ) -> bytes:
    """Mono `(n,)` as an MP3."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate_hz, layout="mono")
        stream.bit_rate = kilobits * 1000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="fltp", layout="mono")
        frame.sample_rate = rate_hz
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
