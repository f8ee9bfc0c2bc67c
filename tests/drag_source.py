"""A small window out of which a file is dragged: `python drag_source.py FILE X Y`, for tests with a real mouse."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

_ASKED_FOR_MS = 3_000


class Source(QLabel):
    def __init__(self, file: str) -> None:
        super().__init__("drag me")
        self._file = file

    def mousePressEvent(self, event: QMouseEvent) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(self._file)])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)
        QTimer.singleShot(_ASKED_FOR_MS, QApplication.quit)  # whoever took it asks for the data now


def main() -> None:
    file, left, top = sys.argv[1:]
    app = QApplication([])
    source = Source(file)
    source.setWindowTitle("drag source")
    source.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    source.setGeometry(int(left), int(top), 80, 40)
    source.show()
    app.exec()


if __name__ == "__main__":
    main()
