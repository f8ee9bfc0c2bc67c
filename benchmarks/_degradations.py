"""Ways a recording comes back as another file, each at ten strengths."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]  # (channels, n) in [-1, 1]

LEVELS_DB = (-1, -3, -6, -10, -15, -20, -25, -30, -35, -40)
TRIMS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8)
BIT_RATES = (320, 256, 192, 160, 128, 112, 96, 64, 48, 32)
OPUS_BIT_RATES = (256, 192, 160, 128, 96, 80, 64, 48, 40, 32)
RATES_HZ = (44_100, 40_000, 36_000, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
SNRS_DB = (60, 50, 40, 35, 30, 25, 20, 17, 14, 10)
PADS_S = (0.001, 0.004, 0.01, 0.03, 0.1, 0.3, 0.7, 1.5, 3.0, 5.0)
BALANCES_DB = (0, 1, 2, 3, 4, 6, 8, 10, 15, 20)


@dataclass(frozen=True, slots=True)
class Sound:
    """float32 `(channels, n)` in [-1, 1] at `rate_hz`."""

    samples: Samples
    rate_hz: int


def wav(sound: Sound, subtype: str = "PCM_16") -> bytes:
    """As a WAV; 16 bits are dithered by what triangular noise does to them."""
    return written(sound, "WAV", subtype)


def written(sound: Sound, file_format: str, subtype: str, **options: object) -> bytes:
    file = io.BytesIO()
    channels = sound.samples.shape[0]
    with soundfile.SoundFile(
        file, "w", sound.rate_hz, channels, subtype, format=file_format, **options
    ) as written_file:
        for start in range(0, sound.samples.shape[1], 4_096):  # libsndfile's Vorbis has no room for more at once
            written_file.write(sound.samples[:, start : start + 4_096].T)
    return file.getvalue()


def encoded(sound: Sound, container_format: str, codec: str, bit_rate: int) -> bytes:
    """Encoded by FFmpeg at kb/s."""
    channels = sound.samples.shape[0]
    layout = "mono" if channels == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=sound.rate_hz, layout=layout)
        stream.bit_rate = bit_rate * 1000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.samples), format="fltp", layout=layout)
        frame.sample_rate = sound.rate_hz
        frame.pts = 0
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=sound.rate_hz)
        for converted in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return file.getvalue()


def level(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    return wav(Sound(sound.samples * np.float32(10 ** (LEVELS_DB[step] / 20)), sound.rate_hz))


def _trimmed(sound: Sound, share: float, random: np.random.Generator) -> Sound:
    n = sound.samples.shape[1]
    kept = max(round(n * (1 - share)), 1)
    start = int(random.integers(n - kept + 1))
    return Sound(sound.samples[:, start : start + kept], sound.rate_hz)


def trim(sound: Sound, step: int, random: np.random.Generator) -> bytes:
    return wav(_trimmed(sound, TRIMS[step], random))


def mp3(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    return encoded(sound, "mp3", "libmp3lame", BIT_RATES[step])


def aac(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    return encoded(sound, "ipod", "aac", BIT_RATES[step])


def opus(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    return encoded(_resampled(sound, 48_000), "ogg", "libopus", OPUS_BIT_RATES[step])


def vorbis(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    return written(sound, "OGG", "VORBIS", compression_level=step / 9)


def _resampled(sound: Sound, rate_hz: int) -> Sound:
    if rate_hz == sound.rate_hz:
        return sound
    common = np.gcd(rate_hz, sound.rate_hz)
    samples = resample_poly(sound.samples, rate_hz // common, sound.rate_hz // common, axis=1)
    return Sound(np.clip(samples, -1, 1).astype(np.float32), rate_hz)


def resample(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    return wav(_resampled(sound, RATES_HZ[step]))


def _noisy(sound: Sound, snr_db: float, random: np.random.Generator) -> Sound:
    power = float(np.mean(sound.samples**2))
    noise = random.standard_normal(sound.samples.shape) * np.sqrt(power * 10 ** (-snr_db / 10))
    return Sound(np.clip(sound.samples + noise, -1, 1).astype(np.float32), sound.rate_hz)


def noise(sound: Sound, step: int, random: np.random.Generator) -> bytes:
    return wav(_noisy(sound, SNRS_DB[step], random))


def pad(sound: Sound, step: int, random: np.random.Generator) -> bytes:
    """Silence before and after, and turned upside down."""
    before = round(PADS_S[step] * sound.rate_hz)
    after = int(random.integers(before + 1))
    return wav(Sound(-np.pad(sound.samples, ((0, 0), (before, after))), sound.rate_hz))


def balance(sound: Sound, step: int, _: np.random.Generator) -> bytes:
    """Mono to stereo off the middle, stereo to mono with the right one so much softer."""
    gain = np.float32(10 ** (-BALANCES_DB[step] / 20))
    if sound.samples.shape[0] == 1:
        return wav(Sound(np.concatenate([sound.samples, gain * sound.samples]), sound.rate_hz))
    return wav(Sound((sound.samples[:1] + gain * sound.samples[1:]) / 2, sound.rate_hz))


def mixed(sound: Sound, step: int, random: np.random.Generator) -> bytes:
    """Softer, cut, resampled and encoded, all more with each step."""
    gain = np.float32(10 ** (LEVELS_DB[step] / 2 / 20))
    changed = _trimmed(Sound(sound.samples * gain, sound.rate_hz), TRIMS[step] * 0.75, random)
    changed = _resampled(
        changed, (48_000, 44_100, 44_100, 44_100, 32_000, 32_000, 24_000, 24_000, 22_050, 16_000)[step]
    )
    return encoded(changed, "mp3", "libmp3lame", BIT_RATES[step])


WAYS: dict[str, Callable[[Sound, int, np.random.Generator], bytes]] = {
    "level": level,
    "trim": trim,
    "mp3": mp3,
    "aac": aac,
    "opus": opus,
    "vorbis": vorbis,
    "resample": resample,
    "noise": noise,
    "pad": pad,
    "balance": balance,
    "mixed": mixed,
}
