from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot
from silent_output import RATE_HZ, SilentOutput

from gui.player.clips import MemoryClip, Shelf, StreamClip
from gui.player.mixing import Chunk, Feed, Mixer
from gui.player.player import Player, PlayerState
from gui.player.stretching import Stretcher

Samples = NDArray[np.float32]


@pytest.fixture
def output() -> SilentOutput:
    return SilentOutput("Speakers", "Headphones")


@pytest.fixture
def player(qtbot: QtBot, output: SilentOutput) -> Iterator[Player]:
    player = Player(output)
    yield player
    player.close()
    assert not [thread.name for thread in threading.enumerate() if "player" in thread.name]
    assert not output.alive


def noise(duration_s: float, *, rate_hz: int = RATE_HZ, seed: int = 1) -> Samples:
    """Never 0, so that silence is told from it."""
    samples = np.random.default_rng(seed).uniform(0.1, 0.5, round(duration_s * rate_hz))
    return samples.astype(np.float32)


def tone(duration_s: float, hz: float, *, rate_hz: int = RATE_HZ) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(duration_s * rate_hz)) / rate_hz)).astype(np.float32)


def write(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> str:
    soundfile.write(path, samples, rate_hz, subtype="FLOAT")
    return str(path)


def pitch_hz(samples: Samples) -> float:
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 17))
    return float(spectrum.argmax() * RATE_HZ / (1 << 17))


def is_stopped(player: Player) -> Callable[[], bool]:
    return lambda: player.state is PlayerState.STOPPED


def play_through(qtbot: QtBot, player: Player) -> None:
    player.play()
    assert player.state is PlayerState.PLAYING
    qtbot.waitUntil(is_stopped(player), timeout=60_000)


def test_a_sound_is_played_to_the_sample(qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path) -> None:
    sound = noise(0.3)
    with qtbot.waitSignals([player.duration_changed, player.output_changed]):
        player.load(write(tmp_path / "a.wav", sound))
    play_through(qtbot, player)
    assert np.array_equal(output.heard(), sound)
    assert np.array_equal(output.played()[:, 0], output.played()[:, 1])  # mono is in the middle
    assert player.duration_s == pytest.approx(0.3)
    assert player.position_s == 0


def test_a_pause_keeps_the_place_and_fades(qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path) -> None:
    sound = np.full(RATE_HZ, 0.5, np.float32)
    player.load(write(tmp_path / "a.wav", sound))
    player.play()
    qtbot.waitUntil(lambda: player.position_s > 0.1, timeout=60_000)
    player.pause()
    qtbot.wait(60)
    place_s = player.position_s
    qtbot.wait(60)
    assert player.position_s == place_s > 0.1
    assert not output.played()[-480:].any()
    steps = np.abs(np.diff(output.heard()))
    assert steps.max() < 0.5 * 2 / (0.005 * RATE_HZ)  # nothing that clicks
    player.play()
    qtbot.waitUntil(is_stopped(player), timeout=60_000)
    faded = round(0.005 * RATE_HZ)  # heard while fading out
    whole = output.played()[:, 0]
    assert abs(int(np.count_nonzero(whole)) - RATE_HZ) <= faded


def test_seeking_goes_on_from_there(qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path) -> None:
    sound = noise(0.6)
    player.load(write(tmp_path / "a.wav", sound))
    player.seek(0.4)
    assert player.position_s == 0.4
    play_through(qtbot, player)
    start = round(0.4 * RATE_HZ)
    heard = output.heard()
    assert len(heard) == len(sound) - start
    edge = round(0.003 * RATE_HZ)
    assert np.array_equal(heard[edge:], sound[start + edge :])
    assert heard[0] < 0.01  # it fades in, in the middle of a sound
    assert player.position_s == 0


def test_seeking_while_it_plays_fades_the_old_place_out(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path
) -> None:
    sound = np.full(RATE_HZ, 0.5, np.float32)
    player.load(write(tmp_path / "a.wav", sound))
    player.play()
    qtbot.waitUntil(lambda: player.position_s > 0.05, timeout=60_000)
    player.seek(0.9)
    assert player.position_s == 0.9
    qtbot.waitUntil(is_stopped(player), timeout=60_000)
    heard = output.heard()
    assert len(heard) < 0.8 * RATE_HZ
    assert np.abs(np.diff(heard)).max() < 0.5 * 2 / (0.003 * RATE_HZ)


def test_a_region_is_played_to_the_sample_and_loops(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path
) -> None:
    sound = noise(0.5)
    player.load(write(tmp_path / "a.wav", sound), 0.5)
    player.set_region((0.3, 0.2))
    player.set_looping(True)
    assert player.region == (0.2, 0.3)
    assert player.position_s == 0.2
    player.play()
    qtbot.waitUntil(lambda: len(output.heard()) > 0.45 * RATE_HZ, timeout=60_000)
    assert 0.2 <= player.position_s <= 0.3
    player.set_looping(False)
    qtbot.waitUntil(is_stopped(player), timeout=60_000)
    assert player.position_s == 0.2
    heard = output.heard()
    region = sound[round(0.2 * RATE_HZ) : round(0.3 * RATE_HZ)]
    edge = round(0.003 * RATE_HZ)
    assert len(heard) % len(region) == 0
    passes = heard.reshape(-1, len(region))
    assert len(passes) >= 4
    assert (passes[:, edge:-edge] == region[edge:-edge]).all()
    assert passes[:, [0, -1]].max() < 0.01


def test_a_whole_sound_loops_without_a_seam(qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path) -> None:
    sound = noise(0.1)
    player.load(write(tmp_path / "a.wav", sound))
    player.set_looping(True)
    player.play()
    qtbot.waitUntil(lambda: len(output.heard()) > 0.35 * RATE_HZ, timeout=60_000)
    player.stop()
    heard = output.heard()
    assert np.array_equal(heard[: 3 * len(sound)], np.tile(sound, 3))
    assert player.state is PlayerState.STOPPED


def test_a_sound_is_brought_to_the_outputs_rate(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path
) -> None:
    player.load(write(tmp_path / "a.wav", tone(0.4, 1_000, rate_hz=22_050), 22_050))
    play_through(qtbot, player)
    heard = output.heard()
    assert len(heard) == pytest.approx(0.4 * RATE_HZ, abs=40)
    assert pitch_hz(heard) == pytest.approx(1_000, abs=6)


@pytest.mark.parametrize("shape", [(2.0, 0.0), (0.5, 0.0), (1.0, 12.0), (1.5, -7.0)])
def test_speed_and_pitch_do_not_depend_on_each_other(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path, shape: tuple[float, float]
) -> None:
    speed, semitones = shape
    player.load(write(tmp_path / "a.wav", tone(0.6, 440)))
    player.set_speed(speed)
    player.set_semitones(semitones)
    play_through(qtbot, player)
    heard = output.heard()
    assert len(heard) / RATE_HZ == pytest.approx(0.6 / speed, rel=0.02)
    assert pitch_hz(heard) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.02)


@pytest.mark.parametrize("speed", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("semitones", [-12.0, 0.5, 12.0])
def test_a_stretched_sound_is_to_the_sample_as_long_as_it_should_be(speed: float, semitones: float) -> None:
    sound = np.stack((tone(1.0, 440),) * 2, axis=1)
    stretcher = Stretcher(RATE_HZ, speed, semitones)
    stretched = np.concatenate([*(stretcher.put(part) for part in np.array_split(sound, 20)), stretcher.rest()])
    assert len(stretched) == round(RATE_HZ / speed)
    assert pitch_hz(stretched[:, 0]) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.015)
    assert np.abs(stretched[-5_000:]).max() > 0.2  # to its end


def test_a_change_of_speed_keeps_the_place(qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path) -> None:
    player.load(write(tmp_path / "a.wav", tone(2.0, 440)))
    player.play()
    qtbot.waitUntil(lambda: player.position_s > 0.2, timeout=60_000)
    before_s = player.position_s
    player.set_speed(4.0)
    assert player.speed == 4.0
    assert player.position_s == pytest.approx(before_s, abs=0.03)
    qtbot.waitUntil(lambda: player.position_s > 1.0, timeout=60_000)
    qtbot.waitUntil(is_stopped(player), timeout=60_000)
    assert len(output.heard()) < 1.2 * RATE_HZ


def test_another_sound_replaces_the_first(qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path) -> None:
    player.load(write(tmp_path / "a.wav", np.full(RATE_HZ, 0.5, np.float32)))
    player.play()
    qtbot.waitUntil(lambda: player.position_s > 0.05, timeout=60_000)
    player.load(write(tmp_path / "b.wav", np.full(4_800, 0.7, np.float32)))
    assert (player.state, player.position_s, player.region) == (PlayerState.STOPPED, 0, None)
    play_through(qtbot, player)
    assert (output.heard()[-4_800:] == np.float32(0.7)).all()
    assert np.count_nonzero(output.played()[:, 0] > 0.6) == 4_800


def test_a_damaged_file_is_a_message_and_the_next_one_plays(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF1234WAVEjunk")
    troubles: list[object] = []
    player.trouble.connect(troubles.append)
    player.load(str(broken))
    qtbot.wait(100)
    assert not troubles  # it is only chosen
    player.play()
    qtbot.waitUntil(lambda: bool(troubles), timeout=60_000)
    assert str(broken) in str(troubles[0])
    assert player.state is PlayerState.PAUSED
    player.load(str(tmp_path / "gone.wav"))
    player.play()
    qtbot.waitUntil(lambda: len(troubles) == 2, timeout=60_000)
    assert "Connect the drive" in str(troubles[1])
    player.load(write(tmp_path / "a.wav", noise(0.1)))
    play_through(qtbot, player)
    assert len(troubles) == 2
    assert np.array_equal(output.heard(), noise(0.1))


def test_without_a_device_there_is_a_message_until_there_is_one(qtbot: QtBot, tmp_path: Path) -> None:
    output = SilentOutput()
    player = Player(output)
    troubles: list[object] = []
    player.trouble.connect(troubles.append)
    player.load(write(tmp_path / "a.wav", noise(0.1)))
    for number in (1, 2):
        player.play()
        qtbot.waitUntil(lambda number=number: len(troubles) == number, timeout=60_000)
        assert str(troubles[-1]) == ("There is no output device. Connect headphones or choose another output device.")
        assert player.state is PlayerState.PAUSED
    output.names.append("Headphones")
    play_through(qtbot, player)
    assert np.array_equal(output.heard(), noise(0.1))
    assert len(troubles) == 2
    player.close()


def test_unplugging_pauses_and_keeps_the_place(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path
) -> None:
    troubles: list[object] = []
    player.trouble.connect(troubles.append)
    player.load(write(tmp_path / "a.wav", noise(0.6)))
    player.play()
    qtbot.waitUntil(lambda: player.position_s > 0.2, timeout=60_000)
    output.unplug()
    qtbot.waitUntil(lambda: bool(troubles), timeout=60_000)
    assert str(troubles[0]).startswith("Speakers can't be heard any more. Connect it again")
    assert player.state is PlayerState.PAUSED
    assert player.position_s > 0.2
    play_through(qtbot, player)
    assert output.opened == ["Speakers", "Headphones"]
    assert np.array_equal(output.heard()[-4_800:], noise(0.6)[-4_800:])


def test_another_device_goes_on_at_the_same_place(
    qtbot: QtBot, player: Player, output: SilentOutput, tmp_path: Path
) -> None:
    with qtbot.waitSignal(player.devices_found) as found:
        player.look_for_devices()
    assert [device.name for device in found.args[0]] == ["Speakers", "Headphones"]
    player.load(write(tmp_path / "a.wav", tone(1.0, 440)))
    player.play()
    qtbot.waitUntil(lambda: player.position_s > 0.1, timeout=60_000)
    output.rate_hz = 24_000
    with qtbot.waitSignal(player.output_changed):
        player.set_device("Headphones")
    assert 0.1 < player.position_s < 0.5
    assert player.state is PlayerState.PLAYING
    qtbot.waitUntil(is_stopped(player), timeout=60_000)
    assert output.opened == ["Speakers", "Headphones"]


def test_long_sounds_are_streamed_and_short_ones_stay_in_memory(tmp_path: Path) -> None:
    long = write(tmp_path / "long.wav", noise(200, rate_hz=8_000), 8_000)
    short = write(tmp_path / "short.wav", noise(2, rate_hz=8_000), 8_000)
    shelf = Shelf(limit=1 << 20)
    stream = shelf.open(long, 8_000)
    assert isinstance(stream, StreamClip)
    assert not stream.work()
    assert np.array_equal(stream.read(1_000_000, 500)[:, 0], noise(200, rate_hz=8_000)[1_000_000:1_000_500])
    assert len(stream.read(2_000_000, 5)) == 0
    shelf.put_away(stream)
    clip = shelf.open(short, 8_000)
    assert isinstance(clip, MemoryClip)
    assert clip.length is None
    assert len(clip.read(15_990, 100)) == 10
    assert clip.length == 16_000
    shelf.put_away(clip)
    assert shelf.open(short, 8_000) is clip
    Path(short).write_bytes(Path(write(tmp_path / "other.wav", noise(1, rate_hz=8_000), 8_000)).read_bytes())
    changed = shelf.open(short, 8_000)
    assert changed is not clip
    shelf.put_away(changed)  # it was not decoded to its end
    again = shelf.open(short, 8_000)
    assert again is not changed
    again.close()


def test_the_shelf_forgets_what_was_heard_longest_ago(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.wav", noise(1, rate_hz=8_000), 8_000) for number in range(3)]
    shelf = Shelf(limit=300_000)  # two of 128,000 bytes
    clips = []
    for path in paths:
        clip = shelf.open(path, 8_000)
        clip.read(0, 8_001)
        clips.append(clip)
    assert shelf.open(paths[1], 8_000) is clips[1]
    again = shelf.open(paths[0], 8_000)
    assert again is not clips[0]
    again.close()


def test_volume_moves_without_a_click() -> None:
    mixer, feed = Mixer(), Feed()
    mixer.set_rate(RATE_HZ)
    mixer.expect(1)
    feed.put(Chunk(np.ones((4_000, 2), np.float32), 0.0, 1 / RATE_HZ))
    mixer.put(feed, 0.0, 1)
    out = np.empty((1_000, 2), np.float32)
    mixer.fill(out)
    assert (out == 1).all()
    mixer.set_gain(0.25)
    mixer.fill(out)
    fade = round(0.75 * 0.005 * RATE_HZ)
    assert out[:, 0] == pytest.approx(np.clip(1 - np.arange(1, 1_001) / (0.005 * RATE_HZ), 0.25, 1), abs=1e-5)
    assert (out[fade:] == 0.25).all()
    mixer.set_gain(0.0)
    mixer.fill(out)
    assert not out[500:].any()
    assert mixer.position_s(1) == pytest.approx(3_000 / RATE_HZ)  # silence goes on, too
    assert mixer.position_s(2) is None
    feed.finish()
    mixer.fill(out)
    mixer.fill(out)
    assert mixer.over(1)
