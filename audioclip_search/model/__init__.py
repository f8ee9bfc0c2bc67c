"""AudioCLIP itself, its preprocessing, and where its weights come from."""

from audioclip_search.model.audioclip import AudioCLIP, AudioCLIPConfig, LogitScales, tokenize
from audioclip_search.model.preprocess import normalize_pixels, preprocess_image

__all__ = ["AudioCLIP", "AudioCLIPConfig", "LogitScales", "normalize_pixels", "preprocess_image", "tokenize"]
