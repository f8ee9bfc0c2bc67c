"""Files to what a model takes: finding them, decoding sounds, pictures and texts. Importing this loads no torch."""

from audioclip_search.media.audio import (
    MAX_LOAD_S,
    iter_segments,
    load_audio,
    probe_audio,
    resample_audio,
    split_segments,
)
from audioclip_search.media.coherence import Agreement, coherence
from audioclip_search.media.decode import AudioInfo
from audioclip_search.media.examine import ContentFacts, examine_picture, examine_sound, load_wave, small_picture
from audioclip_search.media.excerpt import load_excerpt
from audioclip_search.media.extract import EXTRACT_SUFFIXES, extract_audio
from audioclip_search.media.fingerprint import FRAMES_PER_S, SIGNS, Likeness, Print, fingerprint, likeness, sure_signs
from audioclip_search.media.formats import AUDIO_SUFFIXES, IMAGE_SUFFIXES, TEXT_SUFFIXES, VIDEO_SUFFIXES, modality_of
from audioclip_search.media.hashing import content_hash, read_and_hash
from audioclip_search.media.ignore import IGNORE_FILE, parse_patterns
from audioclip_search.media.images import MAX_PIXELS, convert_image, load_image
from audioclip_search.media.metadata import load_metadata, load_tags
from audioclip_search.media.scan import OnMount, OnScanError, OnTooLarge, scan
from audioclip_search.media.source import Source, open_source
from audioclip_search.media.text import MAX_TEXT_BYTES, load_text
from audioclip_search.media.video import load_frame
from audioclip_search.media.writing import written_whole

__all__ = [
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
