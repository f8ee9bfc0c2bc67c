from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioclip_search.errors import MediaError
from audioclip_search.types import FloatArray
from trainer.clips import MAX_CLIP_S, DecodedClips, InputForm, LiveClips, decode_clips, load_clip
from trainer.datasets.examples import Example, Examples, Place
from trainer.errors import DataError

RATE_HZ = 8_000
MONO = InputForm(rate_hz=RATE_HZ, channels=1, duration_s=5.0, stretch=False)
URBAN = InputForm(rate_hz=RATE_HZ, channels=2, duration_s=4.0, stretch=True)


def noise(duration_s: float, channels: int = 1, seed: int = 0) -> FloatArray:
    """`(n, channels)`, as soundfile takes it."""
    values = np.random.default_rng(seed).uniform(-0.5, 0.4, (round(duration_s * RATE_HZ), channels))
    return values.astype(np.float32)


def write(path: Path, samples: FloatArray) -> Path:
    soundfile.write(path, samples, RATE_HZ, subtype="FLOAT" if path.suffix == ".wav" else None)
    return path


def sound(path: Path, **fields: float) -> Example:
    return Example(audio=Place(str(path)), image=None, labels=("noise",), text="noise", **fields)  # type: ignore[arg-type]


def decode(examples: list[Example], form: InputForm, folder: Path, *, workers: int = 0) -> tuple[DecodedClips, int]:
    """The clips, and how many had to be decoded."""
    done: list[tuple[int, int]] = []
    clips = decode_clips(
        Examples.of(examples), form, folder, workers=workers, on_progress=lambda *now: done.append(now)
    )
    assert done == [(number, len(done)) for number in range(1, len(done) + 1)]
    return clips, len(done)


def kept(cache: Path) -> list[Path]:
    """Files of a cache; some versions of filelock leave theirs."""
    return [file for file in cache.iterdir() if file.suffix != ".lock"]


def test_esc50_form_is_the_whole_clip_mixed_down(tmp_path: Path) -> None:
    samples = noise(5, channels=2)
    clip = load_clip(sound(write(tmp_path / "a.wav", samples)), MONO)
    assert clip.dtype == np.float32
    assert clip.shape == (1, 5 * RATE_HZ)
    assert np.allclose(clip[0], samples.mean(axis=1), atol=1e-6)


def test_without_stretch_clips_stay_longer_than_the_window_up_to_a_limit(tmp_path: Path) -> None:
    assert load_clip(sound(write(tmp_path / "a.wav", noise(7))), MONO).shape[1] == 7 * RATE_HZ
    assert load_clip(sound(write(tmp_path / "b.wav", noise(31))), MONO).shape[1] == MAX_CLIP_S * RATE_HZ


def test_us8k_form_is_the_stretched_beginning(tmp_path: Path) -> None:
    samples = noise(5, channels=2)
    samples[-1] = 0.9  # beyond the fourth second: counts for nothing
    clip = load_clip(sound(write(tmp_path / "a.wav", samples)), URBAN)
    beginning = samples[: 4 * RATE_HZ].T
    assert clip.shape == (2, 4 * RATE_HZ)
    assert clip.min() == -1.0
    assert clip.max() == np.float32(32767 / 32768)
    low, high = beginning.min(), beginning.max()  # of both channels
    expected = ((beginning - low) / (high - low) * 65535 - 32768) / 32768
    assert np.allclose(clip, expected, atol=1e-5)


def test_us8k_form_doubles_mono_and_leaves_silence(tmp_path: Path) -> None:
    doubled = load_clip(sound(write(tmp_path / "a.wav", noise(2))), URBAN)
    assert doubled.shape == (2, 2 * RATE_HZ)
    assert np.array_equal(doubled[0], doubled[1])
    silent = load_clip(sound(write(tmp_path / "b.wav", np.zeros((RATE_HZ, 1), np.float32))), URBAN)
    assert not silent.any()


def test_a_part_of_a_file(tmp_path: Path) -> None:
    samples = noise(6)
    path = write(tmp_path / "a.wav", samples)
    clip = load_clip(sound(path, start_s=2.0, duration_s=1.5), MONO)
    assert np.array_equal(clip[0], samples[2 * RATE_HZ : round(3.5 * RATE_HZ), 0])
    with pytest.raises(MediaError, match=r"a\.wav: ends before the clip in it begins, at 9\.00 s"):
        load_clip(sound(path, start_s=9.0, duration_s=1.5), MONO)


def test_a_clip_in_a_shard(tmp_path: Path) -> None:
    content = write(tmp_path / "a.wav", noise(1)).read_bytes()
    shard = tmp_path / "shard-000.tar"
    shard.write_bytes(bytes(512) + content + bytes(512))
    whole = Example(Place(str(shard), 512, len(content)), None, ("noise",), "noise")
    assert np.array_equal(load_clip(whole, MONO), load_clip(sound(tmp_path / "a.wav"), MONO))
    wrong = Example(Place(str(shard), 0, 512), None, ("noise",), "noise")
    with pytest.raises(MediaError, match=r"shard-000\.tar: .*at byte 0"):
        load_clip(wrong, MONO)


def test_decoded_clips_are_those_of_the_loader(tmp_path: Path) -> None:
    examples = [sound(write(tmp_path / f"{n}.wav", noise(0.5 + n, 2, seed=n))) for n in range(3)]
    clips, _ = decode([*examples, examples[0]], URBAN, tmp_path / "cache", workers=1)
    assert len(clips) == 4
    for clip, example in zip(clips, [*examples, examples[0]], strict=True):
        assert np.array_equal(clip, load_clip(example, URBAN))
    part = clips.select([examples[2], examples[1]])
    assert np.array_equal(part[0], clips[2])
    assert np.array_equal(part[1], clips[1])
    assert len(part) == 2


def test_only_the_path_and_rows_are_pickled(tmp_path: Path) -> None:
    clips, _ = decode([sound(write(tmp_path / "a.wav", noise(5)))], MONO, tmp_path / "cache")
    assert clips[0].nbytes > 100_000
    content = pickle.dumps(clips)
    assert len(content) < 1_000
    assert np.array_equal(pickle.loads(content)[0], clips[0])


def test_a_clip_that_several_examples_share_is_decoded_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(2))
    twice = [sound(path), sound(path), sound(path, start_s=1.0)]
    clips, decoded = decode(twice, MONO, tmp_path / "cache")
    assert decoded == 2
    assert [clip.shape[1] for clip in clips] == [2 * RATE_HZ, 2 * RATE_HZ, RATE_HZ]


def test_decoded_clips_are_used_again_until_something_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(1))
    examples = [sound(path), sound(write(tmp_path / "b.wav", noise(1, seed=1)))]
    cache = tmp_path / "cache"
    _, first = decode(examples, MONO, cache)
    _, again = decode(examples, MONO, cache)
    assert (first, again) == (2, 0)
    assert sorted(file.suffix for file in kept(cache)) == [".f32", ".npy"]
    _, otherwise = decode(examples, URBAN, cache)
    assert otherwise == 2
    write(path, noise(1, seed=2))
    os.utime(path, ns=(1, 1))
    changed, number = decode(examples, MONO, cache)
    assert number == 2
    assert np.array_equal(changed[0], load_clip(examples[0], MONO))


@pytest.mark.parametrize("suffix", [".wav", ".ogg", ".flac", ".mp3"])
def test_a_truncated_clip_is_found(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a{suffix}", noise(5))
    examples = [sound(write(tmp_path / f"b{suffix}", noise(1))), sound(path)]
    clips, _ = decode(examples, MONO, tmp_path / "cache")
    assert clips[1].shape[1] == pytest.approx(5 * RATE_HZ, abs=0.05 * RATE_HZ)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"holds [12]\.\d\d s (of 5\.\d\d s|and has no end): truncated") as caught:
        decode(examples, MONO, tmp_path / "cache")
    assert caught.value.path == path
    assert "Fetch it again" in caught.value.remedy
    assert len(kept(tmp_path / "cache")) == 2  # the earlier call's: nothing half done


def test_an_ogg_whose_last_page_is_cut_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ogg", noise(2))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="has no end: truncated"):
        decode([sound(path)], MONO, tmp_path / "cache")


def test_a_part_that_its_file_is_too_short_for_is_truncated(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(3))
    decode([sound(path, start_s=1.0, duration_s=2.05)], MONO, tmp_path / "cache")
    with pytest.raises(DataError, match=r"holds 2\.00 s of 5\.00 s: truncated"):
        decode([sound(path, start_s=1.0, duration_s=5.0)], MONO, tmp_path / "cache")


def test_a_clip_cut_behind_what_is_used_is_whole_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(9))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    clips, _ = decode([sound(path)], URBAN, tmp_path / "cache")
    assert clips[0].shape[1] == 4 * RATE_HZ


def test_wavs_written_to_a_pipe_are_not_truncated(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(1))
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = content[4:8] = b"\xff" * 4
    path.write_bytes(content)
    clips, _ = decode([sound(path)], MONO, tmp_path / "cache")
    assert clips[0].shape[1] == RATE_HZ


def test_mp3s_that_do_not_count_their_frames_are_not_truncated(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    # Silence of few bits first: what FFmpeg estimates from it is far too long.
    quiet_first = np.concatenate([np.zeros((RATE_HZ, 1), np.float32), noise(3)])
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, bitrate_mode="VARIABLE", compression_level=0.5) as file:
        file.write(quiet_first)
    content = path.read_bytes()
    frame_bytes = content.index(b"\xff", content.index(b"LAME"))  # the counting frame ends where the next one begins
    assert b"Xing" in content[:frame_bytes]
    path.write_bytes(content[frame_bytes:])
    clips, _ = decode([sound(path)], MONO, tmp_path / "cache")
    assert clips[0].shape[1] == pytest.approx(4 * RATE_HZ, abs=0.2 * RATE_HZ)


def test_bad_clips_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_text("no sound at all")
    examples = [sound(write(tmp_path / "a.wav", noise(1))), sound(tmp_path / "b.wav"), sound(tmp_path / "gone.wav")]
    with pytest.raises(DataError, match=r"b\.wav: .*\(and 1 other clip can't be used\)\. Fetch it again"):
        decode(examples, MONO, tmp_path / "cache")
    with pytest.raises(DataError, match=r"gone\.wav: No such file"):
        decode(examples[2:], MONO, tmp_path / "cache")
    assert not kept(tmp_path / "cache")


def test_a_cache_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(5))
    with pytest.raises(DataError, match=r"a\.wav: can't be written to: .*--cache"):
        decode([sound(path)], MONO, path)


def test_live_clips_are_those_of_the_loader(tmp_path: Path) -> None:
    examples = Examples.of([sound(write(tmp_path / "a.wav", noise(1))), sound(tmp_path / "gone.wav")])
    clips = LiveClips(examples, MONO)
    assert len(clips) == 2
    assert np.array_equal(clips[0], load_clip(examples[0], MONO))
    with pytest.raises(MediaError, match=r"gone\.wav"):
        clips[1]
