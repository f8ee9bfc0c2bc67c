"""What a notebook shows of hits: players, spectrograms and pictures, of whatever files with whatever names."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import media_files
import numpy as np
import pytest
import soundfile
from conftest import MakeFile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from audioclip_search import Explanation, Hit, Hits, Modality, Moment
from audioclip_search.results.spectrogram import spectrogram
from audioclip_search.results.wording import printable

ATTRIBUTES = {
    "div": {"style"},
    "table": {"style"},
    "tr": set(),
    "td": {"style"},
    "b": {"title"},
    "br": set(),
    "span": {"style"},
    "img": {"alt", "style", "width", "height", "src"},
    "audio": {"controls", "preload", "style", "src"},
}


class Page(HTMLParser):
    """A page that may have only the elements and attributes above; its text, and what its sources hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.sources: dict[str, list[bytes]] = {"img": [], "audio": []}
        self.rows = 0
        html.encode()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= ATTRIBUTES[tag]
        self.rows += tag == "tr"
        source = dict(attrs).get("src")
        if source is not None:
            head, _, data = source.partition(";base64,")
            assert head in ("data:image/png", "data:image/jpeg", "data:audio/mpeg", "data:audio/wav")
            self.sources[tag].append(base64.b64decode(data, validate=True))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


@pytest.fixture
def hits(tmp_path: Path, make_picture: MakeFile) -> Hits:
    sound, picture, text = tmp_path / "tone.wav", tmp_path / "p.png", tmp_path / "n.txt"
    sound.write_bytes(media_files.sound(n=8_000 * 40))
    make_picture(picture, seed=1, width=480, height=240)
    text.write_text("Rain\non <b>a tent</b>. " * 50, encoding="utf-8")
    return Hits(
        (
            Hit(sound, Modality.AUDIO, 0.912, 1.0, 6.0, tags=("my <tag>",), rating=2),
            Hit(picture, Modality.IMAGE, 0.5),
            Hit(text, Modality.TEXT, 0.3),
        ),
        query="glass <b>",
    )


def test_a_sound_can_be_heard_and_seen(hits: Hits) -> None:
    page = Page(hits[:1]._repr_html_())
    assert page.rows == 1
    assert {"91 %", "tone.wav", "0:01.0–0:06.0", "my <tag>", "★★ "} <= set(page.text)
    (data,) = page.sources["audio"]
    samples, rate_hz = soundfile.read(io.BytesIO(data))
    assert samples.ndim == 1
    assert len(samples) / rate_hz == pytest.approx(5, abs=0.15)
    assert 0.2 < np.sqrt(np.mean(samples**2)) < 0.5
    (image,) = page.sources["img"]
    assert Image.open(io.BytesIO(image)).size == (240, 64)
    assert Page(hits[0]._repr_html_()).sources == page.sources


def test_no_more_than_ten_seconds_are_embedded(hits: Hits) -> None:
    long = replace(hits[0], moments=(Moment(2.0, 38.0, 0.9), Moment(0.0, 1.0, 0.4)), end_s=40.0)
    page = Page(long._repr_html_())
    assert {"0:02.0–0:38.0", "0:00.0–0:01.0"} <= set(page.text)
    assert soundfile.info(io.BytesIO(page.sources["audio"][0])).duration == pytest.approx(10, abs=0.15)
    assert len(long._repr_html_()) < 400_000


def test_pictures_and_texts_are_shown_small(hits: Hits) -> None:
    page = Page(hits[1:]._repr_html_())
    (image,) = page.sources["img"]
    assert Image.open(io.BytesIO(image)).size == (192, 96)
    assert any(text.startswith("Rain on <b>a tent</b>.") and len(text) == 201 for text in page.text)


def test_the_summary_says_what_was_found(hits: Hits) -> None:
    assert "".join(Page(replace(hits, more=True)._repr_html_()).text).startswith(
        "3 hits for glass <b>, and more on the next page"
    )
    many = Page(Hits(hits.items[1:] * 15)._repr_html_())
    assert many.rows == 20
    assert many.text[0] == "30 hits"
    assert many.text[-1] == "… and 10 more"
    nothing = Page(Hits(nothing=True, closest=hits.items, query="dog")._repr_html_())
    assert nothing.rows == 3
    assert "".join(nothing.text[:3]) == "Nothing matches for dog. The closest are:"
    assert Page(Hits()._repr_html_()).text == ["0 hits"]
    why = replace(hits[1], why=Explanation(semantic=0.8, name=0.1, words=("glass",)))
    assert "semantic 0.80, name 0.10, words: glass" in Page(why._repr_html_()).text


def test_files_that_can_not_be_opened_are_shown_as_such(tmp_path: Path, hits: Hits) -> None:
    away = replace(hits[0], offline=True)
    assert "offline" in Page(away._repr_html_()).text
    (tmp_path / "bad.wav").write_bytes(b"RIFF no sound")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "bad.txt").write_bytes(bytes(range(256)) * 9)
    bad = [
        replace(hit, path=tmp_path / f"{name}{hit.path.suffix}") for hit in hits for name in ("bad", "gone", "x" * 300)
    ]
    bad += [replace(hits[0], start_s=90.0, end_s=95.0), replace(hits[0], start_s=0.0, end_s=0.0)]
    for hit in bad:
        page = Page(hit._repr_html_())
        assert page.rows == 1
        assert page.sources == {"audio": [], "img": []}


@given(st.text(st.characters(exclude_characters="/\0") | st.sampled_from("<>&\"'\udc80"), min_size=1, max_size=30))
@example("<script>alert(1)</script>.wav")
@example('"><img src=x onerror=alert(1)>.png')
@example("' onmouseover='alert(1)")
@example("<!-- -->&lt;&#x3c;")
@example("\udd00")
@example("\u202egnp.exe\x1b[31m\udcff")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_names_are_text_whatever_they_hold(name: str) -> None:
    hit = Hit(Path("/nowhere") / name, Modality.AUDIO, 0.5, tags=(name,), why=Explanation(words=(name,)))
    page = Page(Hits((hit, replace(hit, offline=True)), query=name)._repr_html_())
    assert page.rows == 2
    assert page.text.count(printable(name)) >= 2


def test_a_spectrogram_shows_time_to_the_right_and_pitch_upwards() -> None:
    time_s = np.arange(22_050 * 2) / 22_050
    low_then_high = np.sin(2 * np.pi * np.where(time_s < 1, 100, 5_000) * time_s).astype(np.float32)
    levels = np.asarray(spectrogram(low_then_high, 22_050))
    assert levels.shape == (64, 240)
    low, high = levels[:, 60].argmax(), levels[:, 180].argmax()
    assert 44 < low < 63
    assert 5 < high < 15
    assert np.asarray(spectrogram(low_then_high, 22_050).convert("RGB"))[high, 180].sum() > 600
    for short in (0, 1, 500):
        assert np.asarray(spectrogram(np.zeros(short, np.float32), 22_050)).max() == 0
