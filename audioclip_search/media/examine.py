"""What has to be known of a file to find its duplicates, from a single pass over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import log10

import numpy as np
import xxhash
from numpy.typing import NDArray
from PIL import Image

from audioclip_search.errors import MediaError
from audioclip_search.media.audio import MAX_LOAD_S, load_audio
from audioclip_search.media.decode import Block, decode, encoding_of
from audioclip_search.media.fingerprint import PRINT_RATE_HZ, fingerprint
from audioclip_search.media.images import load_image, picture_encoding
from audioclip_search.media.mix import mix_channels
from audioclip_search.media.resample import resample_stream
from audioclip_search.media.source import Source, open_source
from audioclip_search.types import AudioFormat, FloatArray

_WAVE = AudioFormat(rate_hz=PRINT_RATE_HZ, channels=1)
_SPECTRUM = 4_096
_WINDOW = np.hanning(_SPECTRUM).astype(np.float32)
_SPECTRA_S = 60.0  # of a sound tell its bandwidth
_BANDS = 64
_NOTHING_DB = 60.0  # below its strongest band, a band has nothing of its own
_EDGE_DB = 40.0  # below the peak, what comes before and after a sound is silence
_CLIPPED = 0.9999
_GREYS = 32
_COLOURS = 4


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What is in a file, whatever it is called.

    Attributes:
        samples: A hash of the decoded samples or pixels: equal for equal ones, in whatever container.
        print: Of a sound, its fingerprint, uint32; of a picture, its shape in small, uint8.
        encoding: `pcm`, `flac`, `mp3`, `jpeg`, …
        lossless: Whether the encoding is.
        rate_hz: Of a sound. So are the following but for the size.
        channels: How many.
        wide: Whether they differ.
        bits: How many each sample needs; 0 if the encoding is not lossless.
        duration_s: Seconds.
        sounding_s: Seconds from where there is something to hear to where there no longer is.
        bandwidth_hz: Up to where there is something of its own.
        peak_db: Full scale is 0.
        clipped: The share of samples at full scale.
        width: Of a picture, pixels.
        height: Of a picture, pixels.
        failure: Why nothing else is known; empty if it is.
    """

    samples: str = ""
    print: bytes = b""
    encoding: str = ""
    lossless: bool = False
    rate_hz: int = 0
    channels: int = 0
    wide: bool = False
    bits: int = 0
    duration_s: float = 0.0
    sounding_s: float = 0.0
    bandwidth_hz: float = 0.0
    peak_db: float = 0.0
    clipped: float = 0.0
    width: int = 0
    height: int = 0
    failure: str = ""


def examine_sound(source: Source) -> ContentFacts:
    """Decode a sound once, in memory that grows with its first ten minutes at most; only these are fingerprinted.

    Samples are compared as float32 in [-1, 1]: of 32-bit integers the upper 24 bits, of floats what is not clipped.

    Raises:
        MediaError: It can't be read, or is no sound.
    """
    with open_source(source) as file:
        encoding, lossless = encoding_of(file)
        file.seek(0)
        ear = _Ear()
        pieces = [
            piece
            for rate_hz, run in groupby(decode(file), key=lambda block: block.rate_hz)
            for piece in resample_stream(ear.listen(run), rate_hz, PRINT_RATE_HZ)
        ]
    if not pieces or not ear.length_s:
        raise MediaError("holds no sound")
    wave = np.clip(np.concatenate(pieces, axis=1)[0], -1.0, 1.0)
    return ContentFacts(
        samples=ear.digest.hexdigest(),
        print=fingerprint(wave).tobytes(),
        encoding=encoding,
        lossless=lossless,
        rate_hz=ear.rate_hz,
        channels=ear.channels,
        wide=ear.wide,
        bits=ear.bits if lossless else 0,
        duration_s=ear.length_s,
        sounding_s=_sounding_s(wave) + max(ear.length_s - MAX_LOAD_S, 0.0),
        bandwidth_hz=ear.bandwidth_hz,
        peak_db=20 * log10(max(ear.peak, 1e-6)),
        clipped=ear.clipped / max(ear.count, 1),
    )


def load_wave(source: Source) -> FloatArray:
    """A sound as `coherence` takes it: float32 `(n,)`, mono at `PRINT_RATE_HZ`, its first ten minutes.

    Raises:
        MediaError: It can't be read, or is no sound.
    """
    wave: FloatArray = load_audio(source, _WAVE)[0]
    return wave


def examine_picture(source: Source) -> ContentFacts:
    """Decode a picture.

    Raises:
        MediaError: It can't be read, or is no picture.
    """
    with open_source(source) as file:
        encoding, lossless = picture_encoding(file)
        picture = load_image(file)
    digest = xxhash.xxh3_128(f"{picture.width}x{picture.height}".encode())
    digest.update(picture.tobytes())
    return ContentFacts(
        samples=digest.hexdigest(),
        print=_in_small(picture),
        encoding=encoding,
        lossless=lossless,
        width=picture.width,
        height=picture.height,
    )


def small_picture(print_: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What a picture's print holds: its greys, uint8 `(32, 32)`, and its colours, uint8 `(4, 4, 3)`."""
    values = np.frombuffer(print_, np.uint8)
    return values[: _GREYS**2].reshape(_GREYS, _GREYS), values[_GREYS**2 :].reshape(_COLOURS, _COLOURS, 3)


def _in_small(picture: Image.Image) -> bytes:
    greys = picture.convert("L").resize((_GREYS, _GREYS), Image.Resampling.BOX)
    colours = picture.resize((_COLOURS, _COLOURS), Image.Resampling.BOX)
    return greys.tobytes() + colours.tobytes()


class _Ear:
    """Notes what there is to note about the blocks of a sound while they pass."""

    def __init__(self) -> None:
        self.digest = xxhash.xxh3_128()
        self.rate_hz = self.channels = self.count = self.clipped = 0
        self.bits = 8
        self.wide = False
        self.length_s = self.peak = 0.0
        self._power = np.zeros(_SPECTRUM // 2 + 1)

    def listen(self, blocks: Iterable[Block]) -> Iterator[FloatArray]:
        """Pass on the first ten minutes, float32 `(1, n)`."""
        for block in blocks:
            rate_hz, (channels, length) = block.rate_hz, block.samples.shape
            if (rate_hz, channels) != (self.rate_hz, self.channels):
                self.digest.update(f"{rate_hz} Hz, {channels} channels:".encode())
            if not self.rate_hz:
                self.rate_hz, self.channels = rate_hz, channels
            self._note(block)
            before = self.length_s
            self.length_s += length / rate_hz
            if before < MAX_LOAD_S:
                yield mix_channels(block.samples, 1)

    @property
    def bandwidth_hz(self) -> float:
        """The upper end of the highest band that is not weak."""
        edges = np.linspace(0, len(self._power) - 1, _BANDS + 1).astype(int)
        bands = np.add.reduceat(self._power, edges[:-1]) / np.diff(edges)
        strong = np.flatnonzero(bands > bands.max() * 10 ** (-_NOTHING_DB / 10))
        return float((strong.max() + 1) / _BANDS * self.rate_hz / 2) if len(strong) else 0.0

    def _note(self, block: Block) -> None:
        samples = block.samples + np.float32(0)  # which makes -0 the 0 that it is
        self.digest.update(samples.T.tobytes())
        sizes = np.abs(samples)
        self.peak = max(self.peak, float(sizes.max(initial=0.0)))
        self.clipped += int((sizes >= _CLIPPED).sum())
        self.count += samples.size
        self.wide = self.wide or bool((samples[0] != samples[-1]).any())
        while self.bits < 32 and not _fits(samples, self.bits):
            self.bits += 8
        if self.length_s < _SPECTRA_S and (frames := samples.shape[1] // _SPECTRUM):
            cut = samples[0, : frames * _SPECTRUM].reshape(frames, _SPECTRUM)
            spectra = np.fft.rfft(cut * _WINDOW, axis=1)
            self._power += (np.abs(spectra) ** 2).sum(axis=0)
        elif not self.length_s:  # shorter than one spectrum
            self._power += np.abs(np.fft.rfft(samples[0], _SPECTRUM)) ** 2


def _fits(samples: FloatArray, bits: int) -> bool:
    """Whether they are whole numbers of so many bits."""
    scaled = samples * np.float32(1 << (bits - 1))
    return bool((scaled == np.rint(scaled)).all())


def _sounding_s(wave: FloatArray) -> float:
    loud = np.flatnonzero(np.abs(wave) > np.abs(wave).max() * 10 ** (-_EDGE_DB / 20))
    return float(loud[-1] + 1 - loud[0]) / PRINT_RATE_HZ if len(loud) else 0.0
