"""What is dropped or pasted becomes a part of the query, or is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from gui import places
from gui.searching import Chip, ChipKind
from gui.views.dropping import Dropped, chip_kind, may_be_read, read_mime


def of_files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def of_text(text: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(text)
    return mime


def of_image(colour: str, side: int = 16) -> QMimeData:
    image = QImage(side, side // 2, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    mime = QMimeData()
    mime.setImageData(image)
    return mime


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", ChipKind.IMAGE),
        ("A.JPG", ChipKind.IMAGE),
        ("rain on a tent.wav", ChipKind.AUDIO),
        ("a.FLAC", ChipKind.AUDIO),
        ("take.w64", ChipKind.AUDIO),
        ("clip.mp4", ChipKind.AUDIO),
        ("notes.txt", None),
        ("wav", None),
    ],
)
def test_a_file_is_what_its_suffix_says(name: str, kind: ChipKind | None) -> None:
    assert chip_kind(f"/somewhere/{name}") is kind


def test_several_files_become_chips_in_their_order_and_folders_are_apart(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "more.wav"  # a folder, whatever it is called
    folder.mkdir()
    picture, sound = tmp_path / "ein Bild #1.png", tmp_path / "a & b.wav"
    dropped = read_mime(of_files(picture, folder, sound))
    assert dropped == Dropped(
        (Chip(ChipKind.IMAGE, str(picture)), Chip(ChipKind.AUDIO, str(sound))), folders=(str(folder),)
    )


def test_what_is_neither_is_named_and_the_others_are_taken(qtbot: QtBot, tmp_path: Path) -> None:
    dropped = read_mime(of_files(tmp_path / "notes.txt", tmp_path / "a.wav"))
    assert [chip.label for chip in dropped.chips] == ["a.wav"]
    assert dropped.refusal.startswith("notes.txt is neither a picture nor a sound.")


def test_only_so_many_files_go_into_a_search(qtbot: QtBot, tmp_path: Path) -> None:
    dropped = read_mime(of_files(*(tmp_path / f"{number}.wav" for number in range(20))))
    assert [chip.label for chip in dropped.chips] == [f"{number}.wav" for number in range(8)]
    assert "8 files at a time" in dropped.refusal


@pytest.mark.parametrize("address", ["https://example.org/a.png", "ftp://example.org/a.wav"])
def test_what_is_not_on_this_computer_is_refused_however_it_is_given(qtbot: QtBot, address: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(address)])
    for given in (mime, of_text(address)):
        dropped = read_mime(given)
        assert dropped == Dropped(refusal=dropped.refusal)
        assert dropped.refusal.startswith("Only files on this computer can be searched with.")


def test_a_picture_without_a_file_is_kept_once(qtbot: QtBot) -> None:
    red, again, blue = (read_mime(of_image(colour)).chips[0] for colour in ("red", "red", "blue"))
    assert red == again
    assert red.kind is ChipKind.IMAGE
    kept = sorted((places.data_dir() / "pasted").iterdir())
    assert kept == sorted([Path(red.path), Path(blue.path)])
    assert QImage(red.path).pixelColor(0, 0) == QColor("red")


def test_a_huge_picture_is_made_smaller(qtbot: QtBot) -> None:
    (chip,) = read_mime(of_image("green", side=3_000)).chips
    image = QImage(chip.path)
    assert (image.width(), image.height()) == (1_024, 512)


def test_a_picture_that_cant_be_kept_is_refused(qtbot: QtBot) -> None:
    places.data_dir().mkdir(parents=True)
    (places.data_dir() / "pasted").write_text("in the way", "utf-8")
    dropped = read_mime(of_image("red"))
    assert dropped.chips == ()
    assert dropped.refusal.startswith("The picture can't be kept:")


def test_a_file_wins_over_the_picture_that_shows_it(qtbot: QtBot, tmp_path: Path) -> None:
    mime = of_image("red")
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    assert read_mime(mime).chips == (Chip(ChipKind.IMAGE, str(tmp_path / "a.png")),)
    assert not (places.data_dir() / "pasted").exists()


def test_text_is_one_line_of_words_and_nothing_is_refused(qtbot: QtBot) -> None:
    assert read_mime(of_text("  glass\n breaking\t")) == Dropped(text="glass breaking")
    assert read_mime(of_text("glass https://example.org")).text == "glass https://example.org"
    assert read_mime(of_text(" \n")).refusal == "There is no picture, sound or text in it."
    assert not may_be_read(QMimeData())
    assert may_be_read(of_text("a"))
