"""What this is."""

from __future__ import annotations

import platform

from PySide6.QtCore import QLibraryInfo, QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from audioclip_search import __version__
from gui.theme import icon


class AboutDialog(QDialog):
    """Name, version, licence, and a button that copies what a bug report needs.

    Args:
        parent: The window above which it opens.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About AudioCLIP Search"))
        logo, name, version, about = QLabel(), QLabel("AudioCLIP Search"), QLabel(), QLabel()
        logo.setPixmap(icon("app").pixmap(QSize(96, 96)))
        name.setObjectName("title")
        version.setObjectName("muted")
        version.setText(self.tr("Version {version}").format(version=__version__))
        about.setWordWrap(True)
        about.setText(
            self.tr("Finds sounds and pictures in your own folders by words, by a picture or by another sound. "
                    "Everything stays on this computer. MIT licence; the models are AudioCLIP's.")
        )  # fmt: skip
        copy, close = QPushButton(self.tr("Copy details")), QPushButton(self.tr("Close"))
        copy.setToolTip(self.tr("Versions of all that matters, for a bug report."))
        copy.clicked.connect(lambda: QApplication.clipboard().setText(details()))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(name)
        words.addWidget(version)
        words.addSpacing(8)
        words.addWidget(about)
        top = QHBoxLayout()
        top.setSpacing(20)
        top.addWidget(logo, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(copy)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(20)
        layout.addLayout(top)
        layout.addLayout(buttons)
        self.setFixedWidth(480)


def details() -> str:
    """Versions, for a bug report."""
    return (
        f"AudioCLIP Search {__version__}\nPython {platform.python_version()}\n"
        f"Qt {QLibraryInfo.version().toString()} ({QApplication.platformName()})\n{platform.platform()}"
    )
