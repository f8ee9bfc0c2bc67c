"""A generated library whose every file is known: what it sounds like, what its name and its metadata say.

Sounds are drawn by the starter model's generators, or are ESC-10's recordings. Names are of five kinds, as in real
libraries (`Naming`); part of the files are in folders that say something, part have metadata, in words that neither the
name has nor the model knows: places, microphones, projects. `write` renders it into a folder that later runs reuse.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import soundfile

from trainer.starter.captions import LABELS, PHRASES
from trainer.starter.pictures import picture
from trainer.starter.sounds import SOUND_NAMES, render

VERSION = 1  # of what is written for one seed and number of files
TRUTH = ".truth.json"  # hidden: not indexed; written last, so that it is there only if the library is whole
RATE_HZ = 44_100
LENGTHS_S = (0.8, 2.0)
PICTURE_SIDE_PX = 96
FORMATS = ("wav", "wav", "wav", "flac", "flac", "ogg")
PICTURES = 0.03  # of the files; the shares below are of the sounds
MISNAMED = 0.03
IN_METADATA = 0.5
DESCRIBED = 0.12  # of the sounds with metadata: the comment says what is heard
HIDDEN_KINDS = 6  # of a library of drawn sounds: kinds that no name, folder or metadata ever tells of

VOCABULARY = tomllib.loads(Path(__file__).with_name("_vocabulary.toml").read_text(encoding="utf-8"))


class Naming(StrEnum):
    """What a file's name is good for."""

    NOTHING = "nothing"  # REC_0412
    NUMBER = "number"  # SFX-00123: a catalogue number
    WORDS = "words"  # Volvo_engine_idling_02, VolvoEngineIdling02, …
    UCS = "ucs"  # VEHCar_VolvoEngineIdling02_JD_LIB1
    WRONG = "wrong"  # thunder_03, and it is a coin


_SHARES = {Naming.NOTHING: 0.3, Naming.NUMBER: 0.15, Naming.WORDS: 0.35, Naming.UCS: 0.2}


@dataclass(frozen=True, slots=True)
class Item:
    """A file, and all that is true of it.

    Attributes:
        path: Below the library's root, with slashes.
        kind: What is heard or seen, one of the starter model's labels.
        seed: Of the drawing.
        clip: File name of the ESC-10 recording; empty if it is drawn.
        naming: What the name is good for.
        phrase: The words for a sound in the name; of another kind's sound if the naming is WRONG, else empty or of
            `kind`.
        special: Another word in the name, empty for none.
        number: Catalogue number, in the name or (for other namings) in the title.
        place: Where it was recorded, in the comment; and so on. Empty if nothing says so.
        microphone: In the comment.
        project: In the folder's name or the metadata.
        person: Who made it, in the metadata.
        described: The comment's words for what is heard.
        related: The stem of another file's name, which the comment mentions.
        duration_s: Of a drawn sound.
    """

    path: str
    kind: str
    seed: int
    clip: str = ""
    naming: Naming = Naming.NOTHING
    phrase: str = ""
    special: str = ""
    number: str = ""
    place: str = ""
    microphone: str = ""
    project: str = ""
    person: str = ""
    described: str = ""
    related: str = ""
    duration_s: float = 0.0

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return Path(self.path).stem

    @property
    def is_picture(self) -> bool:
        """Whether it is a drawing and no sound."""
        return self.path.endswith(".png")


def generated(files: int, *, seed: int) -> list[Item]:
    """A library of drawn sounds and pictures. A few kinds are common and most rare, as in life."""
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(SOUND_NAMES).tolist()
    weights = 1 / np.arange(1, len(kinds) + 1) ** 0.7
    counts = np.maximum(2, np.floor(files * weights / weights.sum())).astype(int)
    counts[0] += files - counts.sum()
    contents = [kind for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]
    hidden = frozenset(kinds[3::5][:HIDDEN_KINDS])
    bare = [Item("", str(kind), int(rng.integers(2**31))) for kind in rng.permutation(contents)]
    return _named(bare, rng, hidden=hidden, pictures=PICTURES)


def recorded(esc10: Path, *, seed: int, fold: int = 4) -> list[Item]:
    """A library of ESC-10's recordings of one fold; fold 4 is the one that the starter model was not trained on.

    Args:
        esc10: The data set, laid out as published: `meta/esc50.csv` (or `esc10.csv`), `audio/`.
        seed: Of the names.
        fold: Which recordings.
    """
    rng = np.random.default_rng(seed)
    with next((esc10 / "meta").glob("esc*.csv")).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["esc10"] == "True" and int(row["fold"]) == fold]
    bare = [Item("", row["category"], number, clip=row["filename"]) for number, row in enumerate(rows)]
    return _named(bare, rng, hidden=frozenset(("helicopter", "sneezing")), pictures=0)


def hidden_kinds(items: Sequence[Item]) -> list[str]:
    """The kinds that no name, folder or metadata tells of."""
    told = {item.kind for item in items if item.naming in (Naming.WORDS, Naming.UCS) or item.described}
    return sorted({item.kind for item in items} - told)


def write(items: Sequence[Item], root: Path, *, esc10: Path | None = None, on_progress: Callable[[int], None]) -> bool:
    """Render the library into `root`, unless it is there already.

    Returns:
        Whether anything was written.

    Raises:
        FileExistsError: Something else is in `root`.
    """
    truth = json.dumps({"version": VERSION, "items": [asdict(item) for item in items]})
    if (root / TRUTH).is_file() and (root / TRUTH).read_text(encoding="utf-8") == truth:
        return False
    if root.exists() and any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty, nor this library: remove it, or give another folder")
    for done, item in enumerate(items, 1):
        path = root / item.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if item.is_picture:
            picture(item.kind, np.random.default_rng(item.seed), side_px=PICTURE_SIDE_PX, fonts=()).save(path)
        else:
            _write_sound(item, path, esc10)
        on_progress(done)
    (root / TRUTH).write_text(truth, encoding="utf-8")
    return True


def _write_sound(item: Item, path: Path, esc10: Path | None) -> None:
    if item.clip:
        if esc10 is None:
            raise ValueError("the recordings of this library are ESC-10's")
        samples, rate_hz = soundfile.read(esc10 / "audio" / item.clip, dtype="float32")
    else:
        samples = render(item.kind, np.random.default_rng(item.seed), duration_s=item.duration_s, rate_hz=RATE_HZ)
        rate_hz = RATE_HZ
    with soundfile.SoundFile(path, "w", rate_hz, 1) as file:
        for field, text in _metadata(item).items():  # first: Ogg takes none after the samples
            setattr(file, field, text)
        file.write(samples)


def _metadata(item: Item) -> dict[str, str]:
    """What is embedded in the file: RIFF INFO or Vorbis comments, as libsndfile names them."""
    where = f"recorded in {item.place}" if item.place else ""
    how = f"with {item.microphone}" if item.microphone else ""
    other = f"alternative to {item.related}" if item.related else ""
    fields = {
        "title": item.number if item.naming is not Naming.NUMBER else "",
        "comment": ", ".join(text for text in (item.described, " ".join((where, how)).strip(), other) if text),
        "artist": item.person,
        "album": item.project,
    }
    return {field: text for field, text in fields.items() if text}


def _named(bare: Sequence[Item], rng: np.random.Generator, *, hidden: frozenset[str], pictures: float) -> list[Item]:
    """Give every file a name, a folder and metadata."""
    numbers = rng.permutation(90_000)[: len(bare)] + 10_000
    taken: dict[str, int] = {}
    items = []
    for item, number in zip(bare, numbers, strict=True):
        suffix = "png" if rng.random() < pictures else str(rng.choice(FORMATS))
        about = _about(item, rng, hidden=hidden, number=f"SFX-{number}")
        if suffix == "png":
            about = replace(about, number=about.number if about.naming is Naming.NUMBER else "")
        else:
            about = _told(about, rng, hidden=hidden)
        stem = _stem(about, rng, taken)
        folder = _folder(about, rng, hidden=hidden)
        path = f"{folder}/{stem}.{suffix}"
        items.append(replace(about, path=path, duration_s=round(float(rng.uniform(*LENGTHS_S)), 3)))
    return [_relating(item, items, rng) for item in items]


def _about(item: Item, rng: np.random.Generator, *, hidden: frozenset[str], number: str) -> Item:
    """What the name will say."""
    naming = _choice(rng, _SHARES)
    if item.kind in hidden:
        naming = _choice(rng, {Naming.NOTHING: 0.7, Naming.NUMBER: 0.3})
    elif rng.random() < MISNAMED:
        others = [kind for kind in LABELS if kind not in hidden and kind != item.kind]
        return replace(item, naming=Naming.WRONG, phrase=PHRASES[str(rng.choice(others))][0])
    if naming is Naming.NUMBER:
        return replace(item, naming=naming, number=number)
    if naming is Naming.NOTHING:
        return replace(item, naming=naming, number=number if rng.random() < 0.1 else "")
    special = str(rng.choice(VOCABULARY["kinds"][item.kind]["specials"])) if rng.random() < 0.3 else ""
    phrase = PHRASES[item.kind][int(rng.integers(min(25, len(PHRASES[item.kind]))))]
    return replace(item, naming=naming, phrase=phrase, special=special)


def _told(item: Item, rng: np.random.Generator, *, hidden: frozenset[str]) -> Item:
    """What the metadata will say; a catalogue number that is not in the name is in the title."""
    if rng.random() >= IN_METADATA:
        return replace(item, number=item.number if item.naming is Naming.NUMBER else "")
    described = item.kind not in hidden and rng.random() < DESCRIBED
    return replace(
        item,
        place=_few(rng, VOCABULARY["places"], 0.7),
        microphone=_few(rng, VOCABULARY["microphones"], 0.4),
        project=_few(rng, VOCABULARY["projects"], 0.4),
        person=_few(rng, VOCABULARY["people"], 0.5),
        described=str(rng.choice(PHRASES[item.kind])) if described else "",
    )


def _few(rng: np.random.Generator, values: Sequence[str], share: float) -> str:
    """One of the values, the first ones more often; empty for all but a share."""
    weights = 1 / np.arange(1, len(values) + 1) ** 0.7
    return str(rng.choice(values, p=weights / weights.sum())) if rng.random() < share else ""


def _stem(item: Item, rng: np.random.Generator, taken: dict[str, int]) -> str:
    """A name that no other file has."""
    if item.naming is Naming.NUMBER:
        return item.number if rng.random() < 0.7 else item.number.replace("-", "_")
    if item.naming is Naming.NOTHING:
        prefix = str(rng.choice(("REC_", "STE-", "ZOOM", "DR0", "Audio ", "untitled")))
        return f"{prefix}{_count(taken, prefix):04}"
    words = re.findall(r"\w+", f"{item.special} {item.phrase}")
    count = f"{_count(taken, ''.join(words).casefold()):02}"  # hi_hat_01 and HiHat01 are one name to a person
    camel = "".join(word[0].upper() + word[1:] for word in words)
    if item.naming is Naming.UCS:
        catid = VOCABULARY["kinds"][item.kind]["ucs"]
        return f"{catid}_{camel}{count}_{rng.choice(VOCABULARY['creators'])}_{rng.choice(VOCABULARY['libraries'])}"
    forms = ("_".join((*words, count)), "-".join((*words, count)), " ".join((*words, count)), camel + count)
    form = forms[int(rng.integers(len(forms)))]
    return form.title() if " " in form and rng.random() < 0.5 else form


def _count(taken: dict[str, int], stem: str) -> int:
    taken[stem] = taken.get(stem, 0) + 1
    return taken[stem]


def _folder(item: Item, rng: np.random.Generator, *, hidden: frozenset[str]) -> str:
    if item.project and rng.random() < 0.5:
        return f"Projects/{item.project}"
    tidy = 0.5 if item.naming in (Naming.UCS, Naming.WORDS) else 0.15 * (item.naming is not Naming.WRONG)
    if item.kind not in hidden and rng.random() < tidy:
        return str(VOCABULARY["kinds"][item.kind]["folder"])
    dump = rng.integers(1, 29)
    return f"{rng.choice(('Card A', 'Card B', 'Incoming', 'Archive'))}/2019-{rng.integers(1, 13):02}-{dump:02}"


def _relating(item: Item, items: Sequence[Item], rng: np.random.Generator) -> Item:
    """Let a few files mention another one, whose name then finds both."""
    if not (item.place or item.microphone) or rng.random() >= 0.08:
        return item
    return replace(item, related=items[int(rng.integers(len(items)))].stem)


def _choice(rng: np.random.Generator, shares: dict[Naming, float]) -> Naming:
    return list(shares)[int(rng.choice(len(shares), p=list(shares.values())))]
