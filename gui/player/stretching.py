"""Speed and pitch, each without the other, by FFmpeg's filters."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from gui.player.decoding import as_frame, from_frame
from gui.player.output import CHANNELS, FloatArray

_MOST_TEMPO = 2.0  # beyond, or below its inverse, one filter after another sounds better
_RUN_OUT_S = 0.2  # of silence after a sound, because filters keep the last samples to themselves


class Stretcher:
    """Makes a sound that passes through it longer or shorter, higher or lower.

    Args:
        rate_hz: Of the sound.
        speed: 2 for half as long; the pitch stays.
        semitones: 12 for an octave higher; the length stays.
    """

    def __init__(self, rate_hz: int, speed: float, semitones: float) -> None:
        self._rate_hz = rate_hz
        self._speed = speed
        self._taken = self._given = 0
        ratio = 2 ** (semitones / 12)
        graph = av.filter.Graph()
        steps = [graph.add_abuffer(sample_rate=rate_hz, format="flt", layout="stereo", time_base=Fraction(1, rate_hz))]
        if semitones:
            steps += [graph.add("asetrate", str(round(rate_hz * ratio))), graph.add("aresample", str(rate_hz))]
        steps += [
            *(graph.add("atempo", f"{tempo:.6f}") for tempo in _tempos(speed / ratio)),
            graph.add("aformat", "sample_fmts=flt:channel_layouts=stereo"),
            graph.add("abuffersink"),
        ]
        graph.link_nodes(*steps).configure()
        self._graph = graph

    def put(self, samples: FloatArray) -> FloatArray:
        """float32 `(n, 2)` -> what is ready, float32 `(m, 2)`; it comes later than its source."""
        self._taken += len(samples)
        self._graph.push(as_frame(samples, self._rate_hz))
        return self._pulled()

    def rest(self) -> FloatArray:
        """What is left at the end, so that all together is to the sample as long as it should be."""
        run_out = np.zeros((round(_RUN_OUT_S * self._rate_hz), CHANNELS), np.float32)
        self._graph.push(as_frame(run_out, self._rate_hz))
        self._graph.push(None)
        rest = self._pulled()
        missing = round(self._taken / self._speed) - self._given
        if missing >= 0:
            return np.pad(rest, ((0, missing), (0, 0)))
        return rest[: max(0, len(rest) + missing)]

    def _pulled(self) -> FloatArray:
        pieces = [np.zeros((0, CHANNELS), np.float32), *self._frames()]
        ready = np.concatenate(pieces)
        self._given += len(ready)
        return ready

    def _frames(self) -> Iterator[FloatArray]:
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(frame, av.AudioFrame)
            yield from_frame(frame)


def _tempos(tempo: float) -> list[float]:
    """Factors within a filter's limits that make up one."""
    factors = []
    while tempo > _MOST_TEMPO:
        factors.append(_MOST_TEMPO)
        tempo /= _MOST_TEMPO
    while tempo < 1 / _MOST_TEMPO:
        factors.append(1 / _MOST_TEMPO)
        tempo *= _MOST_TEMPO
    return [*factors, tempo] if tempo != 1 or not factors else factors
