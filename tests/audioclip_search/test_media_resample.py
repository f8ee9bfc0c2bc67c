"""The streaming resampler against torchaudio's on the whole signal."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torchaudio

from audioclip_search.media.resample import resample_stream
from audioclip_search.types import FloatArray


def blocks_of(signal: FloatArray, sizes: list[int]) -> Iterator[FloatArray]:
    start = index = 0
    while start < signal.shape[1]:
        size = sizes[index % len(sizes)]
        yield signal[:, start : start + size]
        start, index = start + size, index + 1


def whole(signal: FloatArray, rate_hz: int, target_rate_hz: int) -> FloatArray:
    array: FloatArray = torchaudio.functional.resample(torch.from_numpy(signal), rate_hz, target_rate_hz).numpy()
    return array


def streamed(signal: FloatArray, rate_hz: int, target_rate_hz: int, sizes: list[int]) -> FloatArray:
    return np.concatenate(list(resample_stream(blocks_of(signal, sizes), rate_hz, target_rate_hz)), axis=1)


@pytest.mark.parametrize("sizes", [[16_384], [1], [7, 1_000, 1, 333], [10**9]], ids=str)
@pytest.mark.parametrize(
    ("rate_hz", "target_rate_hz"),
    [(48_000, 44_100), (22_050, 44_100), (96_000, 44_100), (44_100, 44_100), (768_000, 44_100), (44_100, 16_000)],
)
def test_equals_torchaudio_however_it_is_cut(rate_hz: int, target_rate_hz: int, sizes: list[int]) -> None:
    length = 701 if sizes == [1] else 30_011
    signal = np.random.default_rng(1).uniform(-1, 1, (2, length)).astype(np.float32)
    expected = whole(signal, rate_hz, target_rate_hz)
    np.testing.assert_allclose(streamed(signal, rate_hz, target_rate_hz, sizes), expected, atol=2e-6)


@pytest.mark.parametrize("rate_hz", [1_000, 8_000, 11_025, 12_000, 16_000, 32_000, 37_800, 88_200, 176_400, 192_000])
def test_common_rates_equal_torchaudio(rate_hz: int) -> None:
    signal = np.random.default_rng(2).uniform(-1, 1, (1, rate_hz // 4 + 1)).astype(np.float32)
    expected = whole(signal, rate_hz, 44_100)
    np.testing.assert_allclose(streamed(signal, rate_hz, 44_100, [4_096]), expected, atol=2e-6)


@pytest.mark.parametrize("length", [1, 2, 159, 160, 161])
def test_short_signals_equal_torchaudio(length: int) -> None:
    signal = np.linspace(-1, 1, length, dtype=np.float32)[None]
    expected = whole(signal, 48_000, 44_100)
    np.testing.assert_allclose(streamed(signal, 48_000, 44_100, [100]), expected, atol=2e-6)


@pytest.mark.parametrize("rate_hz", [44_056, 44_099, 44_111, 47_951, 22_051, 1_009, 767_999])
def test_awkward_rates_cost_little_and_keep_pitch_and_length(rate_hz: int) -> None:
    frequency_hz, duration_s = 400.0, 2.0
    time_s = np.arange(int(duration_s * rate_hz)) / rate_hz
    signal = np.sin(2 * np.pi * frequency_hz * time_s)[None].astype(np.float32)
    started = time.process_time()
    resampled = streamed(signal, rate_hz, 44_100, [16_384])
    # The exact kernel for 44,056 Hz alone takes gigabytes and several seconds.
    assert time.process_time() - started < 5
    assert resampled.shape[1] == pytest.approx(duration_s * 44_100, rel=5e-4)
    expected = np.sin(2 * np.pi * frequency_hz * np.arange(resampled.shape[1]) / 44_100)
    # 0.05 % off adds up to 0.4 of a period after two seconds; the first tenth of a second shows pitch and phase.
    np.testing.assert_allclose(resampled[0, 500:4_410], expected[500:4_410], atol=0.15)


def test_nothing_gives_nothing() -> None:
    assert list(resample_stream(iter([]), 48_000, 44_100)) == []
