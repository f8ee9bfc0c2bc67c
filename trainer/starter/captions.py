"""What people call the starter model's sounds: labels, phrases, random captions for training, queries for evaluation.

The phrases and the held-out queries are data (`phrases.toml`, `held_out_queries.toml` beside this file).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType

import numpy as np

__all__ = ["HELD_OUT_QUERIES", "LABELS", "PHRASES", "caption"]


def _read(name: str) -> Mapping[str, tuple[str, ...]]:
    tables = tomllib.loads(resources.files("trainer.starter").joinpath(name).read_text(encoding="utf-8"))
    return MappingProxyType({label: tuple(texts) for label, texts in sorted(tables.items())})


PHRASES: Mapping[str, tuple[str, ...]] = _read("phrases.toml")
"""Label -> what it is called, lower case; the first is the label's own name. No phrase stands under two labels."""

LABELS: tuple[str, ...] = tuple(PHRASES)
"""The starter model's 42 sounds, sorted."""

HELD_OUT_QUERIES: tuple[tuple[str, str], ...] = tuple(
    (query, label) for label, queries in _read("held_out_queries.toml").items() for query in queries
)
"""(query, label) pairs worded differently from all of `PHRASES`; for evaluation only."""

# Everything below is drawn independently of the label, so that the text tower learns that it means nothing. A word that
# hints at a sound (an animal, a material, the weather) must not appear here.
_TEMPLATES = (
    "the sound of {}", "sound of {}", "sounds of {}", "a sound of {}", "this is a sound of {}", "{} sound", "{} sounds",
    "{} sound effect", "{} sound effects", "sound effect {}", "{} effect", "{} sfx", "sfx {}", "sfx - {}", "{} fx",
    "fx {}", "foley {}", "{} foley", "{} audio", "audio of {}", "an audio clip of {}", "{} clip", "a clip with {}",
    "a recording of {}", "recording of {}", "recorded {}", "field recording of {}", "field recording {}", "rec {}",
    "{} rec", "{} recording", "close up of {}", "close-up {}", "{} close up", "{} close", "{} sample", "{} wav",
    "a picture of {}", "a photo of {}", "a drawing of {}", "an icon of {}", "an image showing {}", "{} icon",
    "i need {}", "i need a {}", "i want to hear {}", "i am looking for {}", "looking for a {}", "find {}", "find me {}",
    "give me {}", "can you find {}", "search for {}", "something like {}", "anything with {}", "listen to {}",
    "hear {}", "hearing {}", "you can hear {}", "there is {}", "here comes {}", "it sounds like {}", "this is {}",
    "that is {}", "what {} sounds like", "the noise of {}", "ambience with {}", "atmos {}", "{} atmosphere",
    "{} in the background", "{} in the foreground", "{} one shot", "{} loop", "{} take 2", "{} variation", "{} stereo",
    "{} mono", "{} hd", "{} free download", "royalty free {}", "{} for a film scene", "{} for my video", "label: {}",
    "they have {}", "we heard {}", "he likes {}", "it was {}", "there are {}", "{} is heard", "{} are heard",
    "{} never ends", "{} starts now", "{} and other things", "{} that i recorded", "not only {}", "if {} comes",
)  # fmt: skip
_ARTICLES = (
    "a", "an", "the", "the", "some", "my", "our", "his", "her", "their", "someone's", "our neighbour's",
    "this", "that", "these", "another", "one", "two", "three", "five", "many", "several", "lots of", "more", "a bit of",
    "a kind of", "a pair of", "a couple of", "any", "every", "just", "only", "somebody's", "your", "uncle's",
)  # fmt: skip
_ADJECTIVES = (
    "loud", "very loud", "quiet", "soft", "faint", "distant", "nearby", "close", "far", "short", "long", "single",
    "continuous", "repeated", "sudden", "constant", "big", "small", "little", "huge", "tiny", "old", "new", "modern",
    "real", "realistic", "natural", "clean", "dry", "clear", "muffled", "nice", "beautiful", "great", "good", "strange",
    "weird", "scary", "funny", "annoying", "typical", "fast", "slow", "quick", "heavy", "light", "strong", "pretty",
    "crazy", "happy", "sad", "serious", "famous", "foreign", "red", "green", "brown", "thick", "thin", "first", "last",
    "lovely", "perfect", "wooden", "plastic", "modest", "massive", "gentle", "harsh", "bright", "dull", "ordinary",
)  # fmt: skip
_SETTINGS = (
    "in the distance", "from far away", "far away", "nearby", "next door", "close to the microphone",
    "in the background", "outside", "outdoors", "indoors", "inside", "inside a room", "in a hall", "in a house",
    "in the yard", "in the garden", "in the street", "in the city", "in town", "in the village",
    "in the country", "in the park", "in the kitchen", "in the living room", "in the bathroom", "at home", "at work",
    "at school", "at the station", "at the shop", "at the corner", "behind a wall", "from upstairs",
    "from below", "above us", "over there", "at night", "all night", "all day", "in the afternoon", "at noon",
    "in the evening", "in the morning", "every day", "on sunday", "today", "again", "again and again", "over and over",
    "repeatedly", "suddenly", "slowly", "quickly", "loudly", "quietly", "for a while", "for a long time", "once",
    "twice", "now and then", "with reverb", "with echo", "without music", "with people talking", "by itself", "alone",
    "for you", "and nothing else", "near our place", "by the road", "on the left", "on the table",
    "at its best", "in stereo", "in mono", "from a friend", "while we wait", "please",
    "at my uncle's place", "before lunch", "after dinner", "during the lesson", "in paris", "in an old film",
    "in the next room", "on a train", "on the second floor", "under the bridge", "beside the church", "across the road",
    "through the wall", "for the third time", "like last year", "as expected", "without a break", "in slow motion",
    "by accident", "of course", "in two minutes", "from the archive", "on both channels", "near the school",
)  # fmt: skip
_JOINTS = (", ", " and ", " ", " - ", " / ", " with ", " then ")


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _phrase(label: str, rng: np.random.Generator) -> str:
    # The label's own name is what zero-shot tagging asks with: it gets more than one share of the draws.
    return PHRASES[label][0] if rng.random() < 0.08 else _pick(PHRASES[label], rng)


def _as_file_name(text: str, rng: np.random.Generator) -> str:
    words = re.findall(r"[\w-]+", text.replace("'", ""))
    match int(rng.integers(4)):
        case 0:
            name = "_".join(words)
        case 1:
            name = "-".join(words)
        case 2:
            name = "_".join(word.capitalize() for word in words)
        case _:
            name = "".join(word.capitalize() for word in words)
    return name + _pick(("", f"_{rng.integers(1, 30):02d}", f" {rng.integers(1, 13)}", "_v2", "_final", "_44k"), rng)


def _with_fillers(text: str, rng: np.random.Generator) -> str:
    if rng.random() < 0.25:
        text = f"{_pick(_ADJECTIVES, rng)} {text}"
    if rng.random() < 0.3:
        text = f"{_pick(_ARTICLES, rng)} {text}"
    if rng.random() < 0.3:
        text = f"{text} {_pick(_SETTINGS, rng)}"
    if rng.random() < 0.35:
        text = _pick(_TEMPLATES, rng).format(text)
    return text


def caption(label: str, rng: np.random.Generator) -> str:
    """Draw a caption: one to three of the label's phrases, whole and in any order, mostly among fillers that mean
    nothing; in mixed case, sometimes written as a file name.

    Raises:
        KeyError: `label` is not in `LABELS`.
    """
    text = _phrase(label, rng)
    while rng.random() < 0.2:
        text = f"{text}{_pick(_JOINTS, rng)}{_phrase(label, rng)}"
    if rng.random() < 0.75:
        text = _with_fillers(text, rng)
    style = rng.random()
    if style < 0.1:
        return _as_file_name(text, rng)
    if style < 0.2:
        return text.capitalize()
    return text.upper() if style < 0.23 else text
