"""Results to show, made up but as they would be."""

from __future__ import annotations

from audioclip_search import AutoTag, Explanation, Modality, Moment, TermPart
from gui.records import Row

_NAMES = (
    ("Weather/Rain/RAIN_Heavy_Window_Interior_01.wav", 48.2, ("rain", "interior", "favourite"), 5),
    ("Weather/Rain/rain on tin roof close.flac", 92.75, ("rain", "metal"), 4),
    ("Weather/Thunder/Thunderstorm Distant Rumble.wav", 131.0, (), 0),
    ("Foley/Glass/GLSBrk_Wine Glass Shatter Tile_ACME.wav", 2.3, ("glass", "@broken things", "favourite"), 3),
    ("Foley/Footsteps/footsteps_gravel_walk_slow_boots_take_07.wav", 14.6, ("gravel",), 0),
    ("Nature/Birds/dawn chorus, blackbird and robin.mp3", 312.0, ("birds", "dawn"), 4),
    ("Nature/Water/stream_small_rocks_loop.ogg", 60.0, ("water", "loop", "nature"), 0),
    ("City/Traffic/Tram passing, Vienna Ring.wav", 22.9, (), 0),
    ("City/Cafe/Café murmur & cups.flac", 184.3, ("walla",), 2),
    ("Design/Whoosh/Whoosh_Fast_Airy_x12.wav", 9.4, ("whoosh", "transition", "designed", "air"), 5),
    ("Animals/Dog bark large single.aiff", 0.8, ("dog",), 0),
    ("References/rainy window at night.jpg", 0.0, ("mood",), 0),
    ("References/storyboard 12 – storm.png", 0.0, (), 0),
    ("Weather/Rain/broken download.wav", 0.0, (), 0),
)


def rows(count: int = len(_NAMES)) -> list[Row]:
    """So many rows; from the fifteenth on the names come again in other folders."""
    return [_row(number) for number in range(count)]


def _row(number: int) -> Row:
    name, duration_s, tags, rating = _NAMES[number % len(_NAMES)]
    folder = "/sounds" if number < len(_NAMES) else f"/sounds/{number // len(_NAMES):04}"
    picture = name.endswith((".jpg", ".png"))
    score = max(0.02, 0.97 - 0.06 * (number % len(_NAMES)))
    start_s = duration_s * 0.3
    why = Explanation(
        0.8 * score, 0.5, 0.2, 0.0, 0.0, (TermPart("rain on a window", 1.0, 0.31, start_s, start_s + 5),), ("rain",)
    )
    return Row(
        f"{folder}/{name}",
        Modality.IMAGE if picture else Modality.AUDIO,
        score,
        start_s,
        min(duration_s, start_s + 5),
        duration_s,
        1_000_000 + 37_000 * number,
        1_700_000_000_000_000_000 + number * 10**12,
        0 if picture else 48_000,
        0 if picture else 2,
        0 if picture else 24,
        4000 if picture else 0,
        3000 if picture else 0,
        tags,
        (AutoTag("Rain", 0.93), AutoTag("Water", 0.6)) if number % 3 == 0 else (),
        rating,
        number % len(_NAMES) == 7,
        "the file ends in the middle of its data" if name.startswith("Weather/Rain/broken") else "",
        (Moment(start_s, start_s + 5, score),) if duration_s > 60 else (),
        why,
    )
