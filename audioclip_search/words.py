"""Text as words that can be compared: how names, folders, metadata and queries become the same tokens."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION_WORDS = _set(
    "a about all also an and ani are as at be been but by can could did do each for from had has have he her here him"
    " his how i if in into is it me my no nor not of on or our own she so some such than that the their them then there"
    " these they this those to too until veri was we were what when where which while who whi will with would you your"
)
"""Tokens of English words that say how others hang together, and nothing about a sound. They are indexed like all
others; a ranking can weigh them down."""

APART = "|"
"""What stands between a name's tokens and its `compounds`; no token is like that."""

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`\uff07", "'"))
_NEGATION = re.compile(r"n't(?![^\W_])", re.IGNORECASE)
_CONTRACTION = re.compile(r"(?<=[^\W\d_])'(?:s|d|m|ll|re|ve)(?![^\W_])", re.IGNORECASE)
# Marks that only change a letter of Latin, Greek or Cyrillic; those of other scripts are letters in their own right.
_ACCENT = re.compile("[\u0300-\u036f]")
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ς": "σ"}
)
# One letter stands for each character's kind: Upper and lower case (or none), digit, ideograph, kana, - between words.
_WORD = re.compile(r"U+(?!l)|U?l+|d+|i|k+")
_WHOLE_WORD = re.compile(r"[Ul]+")
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$", re.ASCII)
_UCS_CATEGORY = re.compile(r"([A-Z]{2,4})([A-Z][a-z0-9][A-Za-z0-9]*)(?:-(.+))?")


@dataclass(frozen=True, slots=True)
class PathWords:
    """Tokens of a path: of the file's name without its suffix, and of the folders it is in, from the outermost on."""

    name: tuple[str, ...]
    folder: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UCSName:
    """What a file name says that follows the Universal Category System,
    `CatID[-UserCategory]_FXName_CreatorID_SourceID[_UserData]`.

    Attributes:
        category: First part of the CatID, up to four capitals: "GLAS".
        subcategory: The rest of it: "Brk".
        fx_name: Title or short description.
        creator: Who made the sound.
        source: The library or project it was made for.
        user_category: The maker's own, empty if there is none.
        user_data: Whatever follows, empty if nothing does.
    """

    category: str
    subcategory: str
    fx_name: str
    creator: str
    source: str
    user_category: str = ""
    user_data: str = ""

    @property
    def catid(self) -> str:
        """The identifier of category and subcategory: "GLASBrk"."""
        return self.category + self.subcategory


def analyse(text: str) -> tuple[str, ...]:
    """The tokens of a text, in its order.

    Letters and digits are apart, and so are the words of camelCase and snake_case: "GlassBreak02" is glass, break, 02
    and 2. A number with leading zeros is followed by itself without them. Tokens are lower-case, without accents, and
    English words are stemmed. Ideographs are a token each, kana go in overlapping pairs; other scripts stay whole. No
    token is empty or has white space in it.
    """
    return tuple(_tokens(*_shaped(text)))


def compounds(text: str) -> tuple[str, ...]:
    """The tokens of those words that `analyse` takes apart at capitals, each in one piece: "GlassBreak" is glassbreak.

    Whoever doesn't know how a name is spelled may write it so.
    """
    text, shape = _shaped(text)
    whole = (match.span() for match in _WHOLE_WORD.finditer(shape))
    return tuple(_token(text[start:end]) for start, end in whole if _WORD.fullmatch(shape, start, end) is None)


def path_words(path: str) -> PathWords:
    """The tokens of a path with forward slashes.

    The suffix is no word of the name. A name's `compounds`, if it has some, follow its other tokens behind `APART`.
    """
    folders, _, name = path.rpartition("/")
    stem = file_stem(name)
    pieces = compounds(stem)
    return PathWords(analyse(stem) + ((APART, *pieces) if pieces else ()), _folder_words(folders))


def spelled(tokens: Sequence[str]) -> str:
    """A name's tokens in one, its compounds left out: the same however its words are separated."""
    own = itertools.takewhile(lambda token: token != APART, tokens)
    return "".join(own)


def spellings(text: str) -> frozenset[str]:
    """What `spelled` is of the names that a text may be: the text, and if it seems to have a suffix, without that and
    without folders before it."""
    _, stem, _ = file_named(text)
    return frozenset({spelled(analyse(text)), spelled(analyse(stem))} - {""})


def file_named(text: str) -> tuple[str, str, str]:
    """The folders, the name and the suffix (without its dot) of the file that a text names; of one that seems to have
    no suffix, nothing, the text and nothing."""
    path = text.rstrip()
    found = _SUFFIX.search(path)
    if found is None:
        return "", text, ""
    folders, _, stem = path[: found.start()].replace("\\", "/").rpartition("/")
    return folders, stem, found[0][1:]


def file_stem(name: str) -> str:
    """A file's name without its suffix."""
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name


def parse_ucs(stem: str) -> UCSName | None:
    """What a file's name without its suffix says by the Universal Category System; None if it doesn't follow that.

    Whether there is such a category is not looked up.
    """
    blocks = [block.strip() for block in stem.split("_", 4)]
    if len(blocks) < 4 or not all(blocks[:4]):
        return None
    category = _UCS_CATEGORY.fullmatch(blocks[0])
    if category is None:
        return None
    return UCSName(
        category=category[1],
        subcategory=category[2],
        fx_name=blocks[1],
        creator=blocks[2],
        source=blocks[3],
        user_category=category[3] or "",
        user_data=blocks[4] if len(blocks) > 4 else "",
    )


def _shaped(text: str) -> tuple[str, str]:
    """A text without accents and apostrophes, and the kind of each of its characters."""
    text = text.translate(_APOSTROPHES)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFKD", text)))
    if "'" in text:
        text = _CONTRACTION.sub("", _NEGATION.sub("nt", text))
    return text, "".join(map(_kind, text))


@lru_cache(maxsize=4096)
def _folder_words(folders: str) -> tuple[str, ...]:
    """The same for all the files of a folder."""
    return analyse(folders)


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return "d"
    if category in ("Lu", "Lt"):
        return "U"
    if category[0] not in "LMN":
        return "-"
    if "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff":
        return "i"
    return "k" if "\u3041" <= char <= "\u30ff" else "l"


def _tokens(text: str, shape: str) -> Iterator[str]:
    for match in _WORD.finditer(shape):
        word = text[match.start() : match.end()]
        if shape[match.start()] == "d":
            yield word
            if word[0] == "0" and len(word) > 1:
                yield word.lstrip("0") or "0"
        elif shape[match.start()] == "k" and len(word) > 1:
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        else:
            yield _token(word)


@lru_cache(maxsize=65_536)
def _token(word: str) -> str:
    """A word's token. The word has no digits."""
    folded = word.casefold().translate(_PLAIN_LETTERS)
    if len(folded) < 3 or not folded.isascii():
        return folded
    from snowballstemmer.english_stemmer import EnglishStemmer  # takes a while to load

    # A stemmer is cheap to make, and none serves two threads.
    return str(EnglishStemmer().stemWord(folded))
