"""The package's surface: its names, and that importing it is cheap."""

from __future__ import annotations

import subprocess
import sys

from audioclip_search import media


def test_public_names_are_pinned() -> None:
    assert media.__all__ == [
        "AUDIO_SUFFIXES",
        "EXTRACT_SUFFIXES",
        "FRAMES_PER_S",
        "IGNORE_FILE",
        "IMAGE_SUFFIXES",
        "MAX_LOAD_S",
        "MAX_PIXELS",
        "MAX_TEXT_BYTES",
        "SIGNS",
        "TEXT_SUFFIXES",
        "VIDEO_SUFFIXES",
        "Agreement",
        "AudioInfo",
        "ContentFacts",
        "Likeness",
        "OnMount",
        "OnScanError",
        "OnTooLarge",
        "Print",
        "Source",
        "coherence",
        "content_hash",
        "convert_image",
        "examine_picture",
        "examine_sound",
        "extract_audio",
        "fingerprint",
        "iter_segments",
        "likeness",
        "load_audio",
        "load_excerpt",
        "load_frame",
        "load_image",
        "load_metadata",
        "load_tags",
        "load_text",
        "load_wave",
        "modality_of",
        "open_source",
        "parse_patterns",
        "probe_audio",
        "read_and_hash",
        "resample_audio",
        "scan",
        "small_picture",
        "split_segments",
        "sure_signs",
        "written_whole",
    ]
    assert all(hasattr(media, name) for name in media.__all__)


def test_import_loads_no_torch() -> None:
    code = "import sys, audioclip_search.media; sys.exit('torch' in sys.modules or 'torchaudio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
