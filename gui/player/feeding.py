"""The player's thread: it opens the output and the file, decodes, and keeps the mixer's queue full."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from audioclip_search import AudioCLIPSearchError
from gui.backend.process import trouble_of
from gui.player.clips import Clip, Shelf
from gui.player.decoding import warm_up
from gui.player.devices import Device, DeviceError
from gui.player.mixing import Chunk, Feed, Mixer
from gui.player.output import FloatArray, Output, OutputFormat
from gui.records import Problem, Trouble

logger = logging.getLogger(__name__)

_BLOCK = 2_048
_AHEAD_S = 0.2  # so much is ready to be heard
_LOOK_S = 0.02  # how often the queue is looked at
_EDGE_S = 0.003  # of fades at the ends of a region
_SILENT_S = 4.0  # an output that does not ask for so long is gone
_PATIENCE_S = 5.0  # at the end
_RELEASE_S = 120.0  # of silence, after which the device is given back


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be heard.

    Attributes:
        path: The sound; empty for none.
        loaded: Another number makes it look at the file again.
        number: Of the start: with another one, the sound starts at `start_s`.
        start_s: See there.
        playing: Whether it is to be heard now. If not, it is got ready.
        region: The part that is played, seconds; None for all.
        looping: Whether it starts again at its end.
        speed: 2 for twice as fast.
        semitones: How much higher.
        device: The output's name; empty for the system's choice.
        look: Another number makes it list the devices.
    """

    path: str = ""
    loaded: int = 0
    number: int = 0
    start_s: float = 0.0
    playing: bool = False
    region: tuple[float, float] | None = None
    looping: bool = False
    speed: float = 1.0
    semitones: float = 0.0
    device: str = ""
    look: int = 0


class Listener(Protocol):
    """Who is told what happens, on the feeder's thread."""

    def opened(self, output: OutputFormat) -> None:
        """The output is ready."""

    def loaded(self, path: str, duration_s: float) -> None:
        """A sound can be heard, and is so long; told again when that is known better."""

    def found(self, devices: tuple[Device, ...]) -> None:
        """The devices that were asked for."""

    def failed(self, wish: Wish, trouble: Trouble) -> None:
        """A sound that was to be heard can't be, or not any more."""


class Feeder:
    """Fulfils the newest wish.

    Args:
        output: Where the sound goes; used by the thread only.
        mixer: What it takes it from.
        listener: Who is told.
    """

    def __init__(self, output: Output, mixer: Mixer, listener: Listener) -> None:
        self._output = output
        self._mixer = mixer
        self._listener = listener
        self._shelf = Shelf()
        self._wish = Wish()
        self._seen = self._wish
        self._given_up: tuple[object, ...] | None = None  # what is not tried again
        self._format: OutputFormat | None = None
        self._device = ""
        self._clip: Clip | None = None
        self._of: tuple[object, ...] = ()  # what that is
        self._told_s = -1.0
        self._number = 0
        self._looked = 0
        self._feed = Feed()
        self._chunks: Iterator[Chunk | None] = iter(())
        self._busy = False
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="audioclip-search-player", daemon=True)
        self._thread.start()

    def fulfil(self, wish: Wish) -> None:
        """Take up another wish, soon."""
        with self._changed:
            self._wish = wish
            self._changed.notify()

    def close(self) -> None:
        """End the thread and close the output; again does nothing."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():
            logger.warning("%s or the output does not answer; left alone", self._wish.path)

    def _run(self) -> None:
        while (wish := self._next_wish()) is not None:
            try:
                self._serve(wish)
            except AudioCLIPSearchError as error:
                self._give_up(wish, trouble_of(error))
            except Exception as error:
                logger.exception("%s", wish.path)
                self._give_up(wish, trouble_of(error))
        self._output.close()
        self._put_away()

    def _next_wish(self) -> Wish | None:
        with self._changed:
            if not self._busy and not self._closing and self._seen is self._wish:
                patience_s = _LOOK_S if self._wish.playing else _RELEASE_S if self._format else None
                if not self._changed.wait(patience_s) and not self._wish.playing:
                    self._close_output()
            self._seen = self._wish
            return None if self._closing else self._wish

    def _serve(self, wish: Wish) -> None:
        """Do one thing of those that are to be done."""
        self._busy = False
        if wish.look != self._looked:
            self._looked = wish.look
            self._list_devices(wish)
        if not wish.path:
            self._put_away()
            return
        if self._given_up == _what(wish):
            return
        reopened = self._ensure_output(wish)
        clip = self._ensure_clip(wish)
        if wish.playing and (reopened or wish.number != self._number):
            position_s = self._mixer.position_s(wish.number)
            self._start(clip, wish.start_s if position_s is None else position_s, wish.number)
        if wish.playing and self._short():
            self._busy = self._feed_on()
        if not self._busy:
            self._busy = clip.work()
        if clip.duration_s != self._told_s:
            self._told_s = clip.duration_s
            self._listener.loaded(wish.path, self._told_s)

    def _list_devices(self, wish: Wish) -> None:
        if not wish.playing:
            self._close_output()  # so that it looks for new ones
            warm_up()
        try:
            devices = self._output.devices()
        except DeviceError as error:
            logger.info("%s", error)
            devices = ()
        self._listener.found(devices)

    def _ensure_output(self, wish: Wish) -> bool:
        """Have it open; whether it had to be opened again."""
        silent_s = time.monotonic() - self._mixer.filled_at_s
        if self._format and self._device == wish.device and self._output.alive and silent_s < _SILENT_S:
            return False
        lost = self._format if self._device == wish.device else None
        self._close_output()
        if lost and wish.playing and wish.number == self._number:
            reason = f"{lost.device} can't be heard any more"
            raise DeviceError(reason, remedy="Connect it again or choose another output device")
        warm_up()
        self._format = self._output.open(wish.device, self._mixer.fill)
        self._device = wish.device
        self._mixer.filled_at_s = time.monotonic()
        self._mixer.set_rate(self._format.rate_hz)
        self._listener.opened(self._format)
        return True

    def _close_output(self) -> None:
        self._output.close()
        self._format = None

    @property
    def _rate_hz(self) -> int:
        assert self._format is not None
        return self._format.rate_hz

    def _ensure_clip(self, wish: Wish) -> Clip:
        of = wish.path, wish.loaded, self._rate_hz
        if self._clip is None or of != self._of:
            self._put_away()
            self._clip, self._of, self._told_s = self._shelf.open(wish.path, self._rate_hz), of, -1.0
        return self._clip

    def _put_away(self) -> None:
        self._chunks = iter(())
        if self._clip is not None:
            self._shelf.put_away(self._clip)
            self._clip = None

    def _give_up(self, wish: Wish, trouble: Trouble) -> None:
        logger.log(logging.ERROR if trouble.kind is Problem.BUG else logging.INFO, "%s: %s", wish.path, trouble)
        self._given_up, self._number, self._busy = _what(wish), wish.number, False
        self._put_away()
        if wish.playing:
            self._listener.failed(wish, trouble)

    def _start(self, clip: Clip, start_s: float, number: int) -> None:
        self._feed, self._number = Feed(), number
        self._chunks = self._passes(clip, round(start_s * self._rate_hz))
        self._feed_on()
        self._mixer.put(self._feed, start_s, number)

    def _short(self) -> bool:
        return self._feed.frames < _AHEAD_S * self._rate_hz

    def _feed_on(self) -> bool:
        """Put one chunk into the queue; whether there was one."""
        chunk = next(self._chunks, None)
        if chunk is None:
            self._feed.finish()
            return False
        self._feed.put(chunk)
        return True

    def _passes(self, clip: Clip, start: int) -> Iterator[Chunk | None]:
        """What is heard from a place on, again and again while it loops; None when there is nothing more for now."""
        while True:
            anything = False
            for chunk in self._one_pass(clip, start):
                anything = True
                yield chunk
            if not anything:
                yield None
            while not self._wish.looping:
                yield None
            start = self._bounds(clip)[0]

    def _one_pass(self, clip: Clip, start: int) -> Iterator[Chunk]:
        wish, rate_hz = self._wish, self._rate_hz
        stretcher = None
        if wish.speed != 1 or wish.semitones:
            from gui.player.stretching import Stretcher  # loads FFmpeg

            stretcher = Stretcher(rate_hz, wish.speed, wish.semitones)
        position, made = start, 0

        def chunks(samples: FloatArray) -> Iterator[Chunk]:
            nonlocal made
            if len(samples):
                yield Chunk(samples, (start + made * wish.speed) / rate_hz, wish.speed / rate_hz)
                made += len(samples)

        while (count := min(_BLOCK, self._bounds(clip)[1] - position)) > 0:
            samples = clip.read(position, count)
            if not len(samples):
                break
            samples = self._edged(samples, position, start, clip)
            position += len(samples)
            yield from chunks(samples if stretcher is None else stretcher.put(samples))
        if stretcher is not None:
            yield from chunks(stretcher.rest())

    def _bounds(self, clip: Clip) -> tuple[int, int]:
        """Of the part that is played, as the wish is now, in samples."""
        region = self._wish.region
        end = clip.length if clip.length is not None else 1 << 62
        if region is None:
            return 0, end
        start, last = (round(edge_s * self._rate_hz) for edge_s in region)
        return start, min(last, end)

    def _edged(self, samples: FloatArray, position: int, start: int, clip: Clip) -> FloatArray:
        """Samples with a short fade where they are cut out of the middle of a sound."""
        fade = round(_EDGE_S * self._rate_hz)
        end = self._bounds(clip)[1]
        cut = end < clip.duration_s * self._rate_hz - fade
        starts = start > 0 and position < start + fade
        ends = cut and position + len(samples) > end - fade
        if not starts and not ends:
            return samples
        places = position + np.arange(len(samples)) + 0.5
        gains = np.ones(len(samples))
        if starts:
            gains = np.minimum(gains, (places - start) / fade)
        if ends:
            gains = np.minimum(gains, (end - places) / fade)
        return (samples * gains[:, None]).astype(np.float32)


def _what(wish: Wish) -> tuple[object, ...]:
    """What must change for a wish that failed to be tried again."""
    return wish.path, wish.loaded, wish.number, wish.device
