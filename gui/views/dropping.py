"""What is dropped or pasted, as parts of a query."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QFileInfo,
    QIODevice,
    QMimeData,
    QMimeDatabase,
    Qt,
    QUrl,
)
from PySide6.QtGui import QImage, QImageWriter

from gui import places
from gui.searching import Chip, ChipKind

PICTURES = "*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff"
"""Patterns for a file dialog."""

translate = QCoreApplication.translate

_MOST_CHIPS = 8
_LONGEST_SIDE = 1_024
_COMPRESSION = 10
"""Of PNG, 0 to 100: fast rather than small."""

_KINDS = {"image": ChipKind.IMAGE, "audio": ChipKind.AUDIO, "video": ChipKind.AUDIO}
_UNKNOWN_TO_QT = dict.fromkeys(
    ("caf", "w64", "rf64", "bwf", "mka", "asf", "weba", "wave", "mp4a", "eac3"), ChipKind.AUDIO
)
_UNKNOWN_TO_QT |= dict.fromkeys(("apng", "jfif"), ChipKind.IMAGE)
"""Suffixes that Qt's table lacks on some systems."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What to do with it.

    Attributes:
        chips: Pictures and sounds to search with.
        folders: Folders.
        text: Words to search for.
        refusal: Why something is not taken, a sentence or two; empty if all is.
    """

    chips: tuple[Chip, ...] = ()
    folders: tuple[str, ...] = ()
    text: str = ""
    refusal: str = ""


def read_mime(mime: QMimeData) -> Dropped:
    """Files of this computer become chips or folders, a picture without a file is kept as one and becomes a chip, and
    text is text. What can't be searched with is refused in words."""
    files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    if files:
        return _of_files(files)
    image = mime.imageData() if mime.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return _of_image(image)
    if any(not url.isLocalFile() for url in mime.urls() if url.isValid()) or _is_address(mime.text()):
        return Dropped(
            refusal=translate(
                "Dropping", "Only files on this computer can be searched with. Save it first, then drop it here."
            )
        )
    text = " ".join(mime.text().split())
    return (
        Dropped(text=text)
        if text
        else Dropped(refusal=translate("Dropping", "There is no picture, sound or text in it."))
    )


def may_be_read(mime: QMimeData) -> bool:
    """Whether it is worth looking into, before it is dropped."""
    return mime.hasUrls() or mime.hasImage() or mime.hasText()


def chip_kind(path: str) -> ChipKind | None:
    """What a file can be in a query, by its name; None if it can't be anything."""
    kind = QMimeDatabase().mimeTypeForFile(path, QMimeDatabase.MatchMode.MatchExtension)
    known = _KINDS.get(kind.name().partition("/")[0])
    return known or _UNKNOWN_TO_QT.get(path.rpartition(".")[2].lower())


def _of_files(files: Iterable[str]) -> Dropped:
    folders, chips, others = [], [], []
    for file in files:
        kind = chip_kind(file)
        if QFileInfo(file).isDir():
            folders.append(file.rstrip("/") or file)
        elif kind is None:
            others.append(file)
        else:
            chips.append(Chip(kind, file))
    refusal = ""
    if others:
        name = others[0].rpartition("/")[2]
        refusal = translate("Dropping", "{name} is neither a picture nor a sound. Drop one of these.").format(name=name)
    elif len(chips) > _MOST_CHIPS:
        refusal = translate("Dropping", "A search takes {most} files at a time; the others are left out.").format(
            most=_MOST_CHIPS
        )
    return Dropped(tuple(chips[:_MOST_CHIPS]), tuple(folders), refusal=refusal)


def _of_image(image: QImage) -> Dropped:
    """Keep a picture under a name made of its content, so that the same one is kept once."""
    side = max(image.width(), image.height())
    if side > _LONGEST_SIDE:
        keep, fast = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_LONGEST_SIDE, _LONGEST_SIDE, keep, fast)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setCompression(_COMPRESSION)
    writer.write(image)
    content = buffer.data().data()
    file = places.data_dir() / "pasted" / f"{hashlib.sha256(content).hexdigest()[:16]}.png"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_bytes(content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Dropped(
            refusal=translate("Dropping", "The picture can't be kept: {reason}. Free some space.").format(reason=reason)
        )
    return Dropped((Chip(ChipKind.IMAGE, str(file)),))


def _is_address(text: str) -> bool:
    words = text.split()
    return len(words) == 1 and QUrl(words[0]).scheme() in {"http", "https", "ftp", "data", "blob"}
