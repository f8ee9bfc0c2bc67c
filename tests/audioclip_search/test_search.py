"""From a query to hits, in a library whose right answers are known: what is found, in which order, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from chosen_library import (
    BUDGETS,
    BY_LANCEDB,
    CONCEPTS,
    ChosenEncoder,
    file_of,
    open_chosen,
    picture_of,
    sound_of,
    vector_of,
    write_index,
)

from audioclip_search import Hit, Hits, Library, Marker, Metadata, Modality, QueryError, TermPart
from audioclip_search.calibration import DEFAULT_MIN_SCORE
from audioclip_search.query import Example, Picture, Query, Sound, Term, Text
from audioclip_search.types import FileRecord

UCS = "GLASBrk_Wine Goblet Smash 03_JD_MyLib"
LONG = ("music", "music", "glass", "glass", "music", "music", "music", "glass", "music")


def unnamed(concept: str) -> list[str]:
    """The recordings of a concept whose names say nothing."""
    return [f"recorder/REC_{CONCEPTS.index(concept)}{take:02}.wav" for take in range(6)]


RECORDS = (
    *(file_of(path, concept, size=10_000) for concept in CONCEPTS for path in unnamed(concept)),
    file_of("foley/doors/DoorSlam03.wav", "door", metadata=Metadata(rate_hz=96_000, channels=2, bits=24)),
    file_of("misleading/glass break.wav", "dog"),
    file_of("ambience/rain/calm night.wav", "wind"),
    file_of(
        "catalogue/A1.wav",
        "engine",
        metadata=Metadata(
            rate_hz=48_000,
            channels=1,
            bits=16,
            fields=(("title", "SFX-38452"), ("description", "A tractor ploughing"), ("keywords", "farm")),
            markers=(Marker(0.5, 0.5, "Backfire"),),
        ),
    ),
    file_of(f"{UCS}.wav", "glass"),
    file_of("mixed/both.wav", "glass dog"),
    file_of("mixed/other.wav", "glass rain"),
    file_of("long/session.wav", *LONG),
    file_of("pictures/IMG_1.png", "glass", size=500),
    file_of("pictures/IMG_2.jpg", "dog", size=600),
    file_of("notes/a.txt", "bell", size=20),
    file_of("broken/glass.wav"),
)
PATHS = [record.stamp.path for record in RECORDS if record.windows]
OF_PATH = {record.stamp.path: record for record in RECORDS}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody writes into it."""
    index = write_index(tmp_path_factory.mktemp("chosen") / "index", RECORDS)
    library, _ = open_chosen(index)
    with library:
        library.annotate(["mixed/both.wav"], add=["Favourite", "take two"], rating=5)
        library.annotate(["mixed/other.wav"], rating=2)
    return index


@pytest.fixture(params=BUDGETS.values(), ids=BUDGETS.keys())
def library(request: pytest.FixtureRequest, index: Path) -> Iterator[Library]:
    opened, _ = open_chosen(index, memory_budget_bytes=request.param)
    with opened:
        yield opened


@pytest.fixture
def encoder_and_library(index: Path) -> Iterator[tuple[ChosenEncoder, Library]]:
    opened, encoder = open_chosen(index)
    with opened:
        yield encoder, opened


def names(library: Library, hits: Hits) -> list[str]:
    """Paths below the root."""
    return [hit.path.relative_to(library.root).as_posix() for hit in hits]


def best(library: Library, hits: Hits) -> str:
    return names(library, hits)[0]


# words


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("DoorSlam03", "foley/doors/DoorSlam03.wav"),
        ("door slam 03", "foley/doors/DoorSlam03.wav"),
        ("doorslam03.WAV", "foley/doors/DoorSlam03.wav"),
        ("glass break", "misleading/glass break.wav"),
        ("REC_003", "recorder/REC_003.wav"),
        ("rec 003", "recorder/REC_003.wav"),
        (UCS, f"{UCS}.wav"),
        (f"{UCS}.wav", f"{UCS}.wav"),
        ("IMG_2", "pictures/IMG_2.jpg"),
        ("calm night", "ambience/rain/calm night.wav"),
    ],
)
def test_the_file_that_is_asked_for_by_name_is_first(library: Library, text: str, path: str) -> None:
    for hits in (library.query(text=text), library.query(text=text, ranking="text")):
        assert best(library, hits) == path
        assert hits[0].score >= 0.95
        assert not hits.nothing


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("SFX-38452", "catalogue/A1.wav"),
        ("sfx 38452", "catalogue/A1.wav"),
        ("ploughing tractors", "catalogue/A1.wav"),
        ("backfire", "catalogue/A1.wav"),
        ("favourites", "mixed/both.wav"),
        ("ambience", "ambience/rain/calm night.wav"),
        ("foley", "foley/doors/DoorSlam03.wav"),
        ("goblets", f"{UCS}.wav"),
    ],
)
def test_words_are_found_wherever_they_stand(library: Library, text: str, path: str) -> None:
    hits = library.query(text=text, explain=True)
    assert best(library, hits) == path
    assert hits[0].why is not None
    assert len(hits[0].why.words) >= 1
    assert names(library, library.query(text=text, ranking="text")) == [path]


def test_a_description_finds_files_that_say_nothing(library: Library) -> None:
    hits = library.query(text="a bell")
    assert set(names(library, hits)) == {*unnamed("bell"), "notes/a.txt"}
    assert min(hit.score for hit in hits) > 0.9
    with_words = library.query(text="glass", k=100)
    assert {*unnamed("glass"), f"{UCS}.wav", "pictures/IMG_1.png", "misleading/glass break.wav"} <= set(
        names(library, with_words)
    )
    assert not {*unnamed("dog"), *unnamed("rain"), "broken/glass.wav"} & set(names(library, with_words))


def test_likeness_and_words_can_be_all_that_counts(library: Library) -> None:
    by_likeness = names(library, library.query(text="glass", ranking="vector", k=100))
    by_words = names(library, library.query(text="glass", ranking="text", k=100))
    assert set(unnamed("glass")) < set(by_likeness)
    assert "misleading/glass break.wav" not in by_likeness
    assert by_words == ["misleading/glass break.wav"]
    both = library.query(text="glass", k=100, explain=True)
    assert set(by_likeness) | set(by_words) <= set(names(library, both))


def test_ranking_by_words_needs_no_model(encoder_and_library: tuple[ChosenEncoder, Library]) -> None:
    encoder, library = encoder_and_library
    assert best(library, library.query(text="calm night", exclude="door", ranking="text")) == (
        "ambience/rain/calm night.wav"
    )
    assert library.query(where="ext:wav kind:audio").more
    assert library.similar("mixed/both.wav")
    assert encoder.calls == []


@pytest.mark.parametrize(
    "text", ["glass", "glass break", "rain", "dog door", "SFX-38452 engine", "wine glass 03", "?!"]
)
def test_what_is_more_like_it_and_has_more_of_its_words_never_scores_less(library: Library, text: str) -> None:
    hits = library.query(text=text, k=100, min_score=0, explain=True)
    assert len(hits) == len(PATHS)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in hits)
    for one in hits:
        for other in hits:
            a, b = one.why, other.why
            assert a is not None
            assert b is not None
            if a.semantic >= b.semantic and a.name >= b.name and a.folder >= b.folder and a.metadata >= b.metadata:
                assert one.score >= other.score - 1e-9, (one.path, other.path)
            if not (a.words or b.words) and one.modality is other.modality and one.cosine >= other.cosine:
                assert one.score >= other.score - 1e-6


# terms


def test_weights_say_what_counts_more(library: Library) -> None:
    for weights, first in (([1, 0.2], "glass"), ([0.2, 1], "rain")):
        hits = library.query(text=["glass", "rain"], weights=weights, where="folder:recorder", ranking="vector")
        assert set(names(library, hits[:6])) == set(unnamed(first))
    even = library.query(text=["glass", "rain"], ranking="vector")
    assert best(library, even) == "mixed/other.wav"


def test_a_term_below_zero_takes_away(library: Library) -> None:
    def place(hits: Hits) -> int:
        return names(library, hits).index("mixed/both.wav")

    plain = library.query(text="glass", ranking="vector", k=100, min_score=0)
    less = library.query(text=["glass", "dog"], weights=[1, -1], ranking="vector", k=100, min_score=0)
    assert place(less) > place(plain)
    assert less[0].cosine > less[place(less)].cosine
    assert less == library.query(Query.parse("glass (dog)^-1", ranking="vector", k=100, min_score=0))
    assert names(library, less)[-1] in {*unnamed("dog"), "pictures/IMG_2.jpg", "misleading/glass break.wav"}


@pytest.mark.parametrize(
    "weights",
    [(1.0, -1.0), (0.1, 0.2, -0.3), (1000.0, -999.0, -1.0), (0.7, 0.7, 0.7, -2.1), (1 / 3, 1 / 3, 1 / 3, -1.0)],
)
def test_terms_that_cancel_each_other_out_are_an_error(library: Library, weights: tuple[float, ...]) -> None:
    with pytest.raises(QueryError, match="cancel each other out"):
        library.query(text=["glass"] * len(weights), weights=weights)


def test_pictures_sounds_and_files_are_terms_like_words(library: Library) -> None:
    for query in (
        {"image": picture_of("rain")},
        {"audio": sound_of("rain")},
        {"like": unnamed("rain")[0]},
        {"text": "rain", "image": picture_of("rain"), "audio": [sound_of("rain")] * 2, "like": unnamed("rain")[:1]},
    ):
        hits = library.query(**query, k=100)
        expected = set(unnamed("rain")) - ({unnamed("rain")[0]} if "like" in query else set())
        assert expected <= set(names(library, hits))
        assert not {*unnamed("dog"), *unnamed("glass")} & set(names(library, hits))


def test_a_file_that_is_an_example_is_no_hit(library: Library) -> None:
    glass = unnamed("glass")
    hits = library.query(like=glass[0], k=100)
    assert set(glass[1:]) < set(names(library, hits))
    assert glass[0] not in names(library, hits)
    several = library.query(like=[library.root / glass[0], glass[1]], k=100)
    assert not set(glass[:2]) & set(names(library, several))
    assert set(glass[2:]) < set(names(library, several))
    everything = library.similar(glass[0], k=100)
    assert set(names(library, everything)) == {*PATHS} - {glass[0]}
    assert names(library, library.similar(glass[0], k=3, modality="image")) == [
        "pictures/IMG_1.png",
        "pictures/IMG_2.jpg",
    ]
    shifted = library.query(like=glass[0], text=["dog", "glass"], weights=[1, 2, -2.5], ranking="vector")
    assert best(library, shifted) in {
        *unnamed("dog"),
        "mixed/both.wav",
        "pictures/IMG_2.jpg",
        "misleading/glass break.wav",
    }


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("broken/glass.wav", "truncated"),
        ("nowhere.wav", "not in the index"),
        ("/elsewhere/a.wav", "not in this library"),
    ],
)
def test_only_files_with_vectors_are_examples(library: Library, path: str, complaint: str) -> None:
    for query in ({"like": path}, {"text": "glass", "exclude": [Example(Path(path))]}):
        with pytest.raises(QueryError, match=complaint):
            library.query(**query)


# exclusion


@pytest.mark.parametrize(
    "excluded",
    ["dog", Picture(picture_of("dog")), Sound(sound_of("dog")), Example(Path(unnamed("dog")[0]))],
    ids=["words", "picture", "sound", "file"],
)
def test_what_is_like_something_excluded_is_left_out(
    library: Library, excluded: str | Picture | Sound | Example
) -> None:
    plain = library.query(text="glass", k=100, explain=True)
    assert {"mixed/both.wav", "misleading/glass break.wav"} <= set(names(library, plain))
    hits = library.query(text="glass", exclude=excluded, k=100, explain=True)
    assert not {"mixed/both.wav", "misleading/glass break.wav"} & set(names(library, hits))
    assert set(unnamed("glass")) < set(names(library, hits))
    all_of_them = library.query(text="glass", exclude=excluded, k=100, min_score=0, explain=True)
    why = dict(zip(names(library, all_of_them), (hit.why for hit in all_of_them), strict=True))[
        "misleading/glass break.wav"
    ]
    assert why is not None
    assert why.excluded > 0.8


def test_what_has_the_words_that_are_excluded_is_left_out_whatever_it_is_like(library: Library) -> None:
    def left(**query: object) -> set[str]:
        return set(PATHS) - set(names(library, library.query(**query, k=100, min_score=0)))

    assert left(text="dog", exclude="breaking") == {"misleading/glass break.wav"}
    assert left(text="dog", exclude="tractor farm") == {"catalogue/A1.wav"}
    assert left(text="dog", exclude="tractor glass") == set()  # no file has both
    assert left(text="dog", exclude=["tractor", "take two"]) == {"catalogue/A1.wav", "mixed/both.wav"}
    assert left(text="dog", exclude="breaking", ranking="vector") == set()


def test_a_query_may_do_nothing_but_exclude(library: Library) -> None:
    hits = library.query(exclude="glass", k=100)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    found = set(names(library, hits))
    assert {*unnamed("dog"), *unnamed("rain"), "notes/a.txt"} < found
    assert not {*unnamed("glass"), "misleading/glass break.wav", "pictures/IMG_1.png"} & found
    assert hits == library.query("-glass", k=100)


# filters


FILTERS: dict[str, Callable[[FileRecord], bool]] = {
    "kind:image": lambda file: file.stamp.modality is Modality.IMAGE,
    "-kind:audio": lambda file: file.stamp.modality is not Modality.AUDIO,
    "ext:png,jpg": lambda file: file.stamp.path.endswith((".png", ".jpg")),
    "dur:<3": lambda file: 0 < file.duration_s < 3,
    "dur:5..": lambda file: file.duration_s >= 5,
    "folder:rain": lambda file: "/rain/" in file.stamp.path,
    "folder:foley/doors": lambda file: file.stamp.path.startswith("foley/doors/"),
    "name:REC_00*": lambda file: file.stamp.path.startswith("recorder/REC_00"),
    "name:glass": lambda file: "glass" in file.stamp.path.rpartition("/")[2],
    "tag:favourite": lambda file: file.stamp.path == "mixed/both.wav",
    "-tag:favourite folder:mixed": lambda file: file.stamp.path == "mixed/other.wav",
    "rating:>=2": lambda file: file.stamp.path.startswith("mixed/"),
    "rating:5": lambda file: file.stamp.path == "mixed/both.wav",
    "rate:>=96k": lambda file: file.stamp.path.startswith("foley"),
    "ch:1": lambda file: file.stamp.path.startswith("catalogue"),
    "bits:16,24": lambda file: file.stamp.path.startswith(("catalogue", "foley")),
    "size:<1k": lambda file: file.stamp.size < 1_000,
    '"wine goblet"': lambda file: file.stamp.path.startswith("GLAS"),
    '-"tractor ploughing" folder:catalogue': lambda _: False,
    "ext:wav -name:REC size:..1k": lambda file: (
        file.stamp.path.endswith(".wav") and "REC" not in file.stamp.path and file.stamp.size <= 1_000
    ),
}


@pytest.mark.parametrize(("where", "meets"), FILTERS.items(), ids=FILTERS.keys())
def test_filters_say_among_which_files_to_look(
    library: Library, where: str, meets: Callable[[FileRecord], bool]
) -> None:
    expected = sorted(path for path in PATHS if meets(OF_PATH[path]))
    alone = library.query(where=where, k=100)
    assert names(library, alone) == expected
    assert {hit.score for hit in alone} <= {1.0}
    everything = names(library, library.query(text="a glass", k=100, min_score=0))
    for ranking in ("hybrid", "vector"):
        hits = library.query(text="a glass", where=where, k=100, min_score=0, ranking=ranking)
        assert sorted(names(library, hits)) == expected
    hybrid = names(library, library.query(text="a glass", where=where, k=100, min_score=0))
    assert hybrid == [path for path in everything if path in expected]
    by_words = library.query(text="glass", where=where, ranking="text", k=100)
    assert set(names(library, by_words)) == {"misleading/glass break.wav"} & set(expected)


def test_within_searches_inside_of_other_hits(library: Library) -> None:
    first = library.query(text="glass", k=100)
    inside = library.query(text="dog", within=first, k=100)
    assert best(library, inside) in {"misleading/glass break.wav", "mixed/both.wav"}
    assert set(names(library, inside)) < set(names(library, first))
    among = ["pictures/IMG_1.png", library.root / "mixed" / "both.wav", "nowhere.wav", unnamed("dog")[0]]
    given = library.query(text="dog", within=among, min_score=0)
    assert names(library, given) == [unnamed("dog")[0], "mixed/both.wav", "pictures/IMG_1.png"]
    assert names(library, library.query(where="ext:png", within=first)) == ["pictures/IMG_1.png"]
    nothing = library.query(text="dog", within=[], min_score=0)
    assert (list(nothing), nothing.nothing, nothing.closest) == ([], True, ())
    with pytest.raises(QueryError, match="not in this library"):
        library.query(text="dog", within=["/elsewhere/a.wav"])


# scores


def test_hits_are_those_that_match_and_closest_the_best_of_none(library: Library) -> None:
    hits = library.query(text="glass", k=100)
    assert (hits.nothing, hits.closest, hits.more) == (False, (), False)
    assert min(hit.score for hit in hits) >= DEFAULT_MIN_SCORE
    nothing = library.query(text="violin", k=3)
    assert (list(nothing), nothing.nothing, nothing.more) == ([], True, False)
    assert len(nothing.closest) == 5
    everything = library.query(text="violin", k=100, min_score=0)
    assert list(nothing.closest) == everything[:5]
    assert len(everything) == len(PATHS)
    assert not everything.nothing
    assert max(hit.score for hit in nothing.closest) < DEFAULT_MIN_SCORE


@pytest.mark.parametrize("min_score", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_min_score_is_the_least_score_of_a_hit(library: Library, min_score: float) -> None:
    everything = library.query(text="glass dog", k=100, min_score=0)
    hits = library.query(text="glass dog", k=100, min_score=min_score)
    assert hits == [hit for hit in everything if hit.score >= min_score]
    assert hits.nothing == (not hits)
    assert list(hits.closest) == ([] if hits else everything[:5])


def test_filters_that_nothing_meets_leave_nothing_near(library: Library) -> None:
    for query in ({"where": "ext:xyz"}, {"text": "glass", "where": "ext:xyz", "min_score": 0}):
        hits = library.query(**query)
        assert (list(hits), hits.nothing, hits.closest, hits.more) == ([], True, (), False)


def test_a_hit_says_what_is_known_of_its_file(library: Library) -> None:
    hit = library.query(text="SFX-38452")[0]
    assert hit.metadata == OF_PATH["catalogue/A1.wav"].metadata
    assert (hit.modality, hit.duration_s, hit.offline) == (Modality.AUDIO, 2.0, False)
    assert (hit.start_s, hit.end_s, hit.why, hit.moments) == (0.0, 2.0, None, ())
    noted = library.query(where="rating:5")[0]
    assert (noted.tags, noted.rating) == (("Favourite", "take two"), 5)


# explanations and moments


def test_an_explanation_has_each_part_of_the_score(library: Library) -> None:
    query = Query(
        terms=(Term(Text("glass break"), 2.0), Term(Example(Path(unnamed("glass")[0])), 0.5), Term(Text("dog"), -0.5)),
        k=100,
        min_score=0,
        explain=True,
    )
    hits = dict(zip(names(library, found := library.query(query)), found, strict=True))
    misleading = hits["misleading/glass break.wav"].why
    assert misleading is not None
    assert (misleading.name, misleading.folder, misleading.metadata) == (pytest.approx(1.0), 0.0, 0.0)
    assert sorted(misleading.words) == ["break", "glass"]
    assert [(part.term, part.weight) for part in misleading.terms] == [
        ("(glass break)", 2.0),
        (f"like:{unnamed('glass')[0]}", 0.5),
        ("dog", -0.5),
    ]
    record = OF_PATH["misleading/glass break.wav"]
    for part, concept in zip(misleading.terms, ("glass break", None, "dog"), strict=True):
        wanted = vector_of(concept, noise=0.1) if concept else OF_PATH[unnamed("glass")[0]].windows[0].vector
        assert part.cosine == pytest.approx(float(record.windows[0].vector @ wanted), abs=1e-5)
    silent = hits[unnamed("bell")[0]].why
    assert silent is not None
    assert (silent.name, silent.folder, silent.metadata, silent.words) == (0.0, 0.0, 0.0, ())


def test_an_explanation_tells_which_window_a_term_fits(library: Library) -> None:
    hits = library.query(text=["music", "glass"], within=["long/session.wav"], explain=True)
    (hit,) = hits
    assert hit.why is not None
    music, glass = hit.why.terms
    assert LONG[round(music.start_s)] == "music"
    assert LONG[round(glass.start_s)] == "glass"
    assert isinstance(glass, TermPart)
    assert glass.end_s == glass.start_s + 2.0
    by_words = library.query(text="take two", ranking="text", explain=True)[0].why
    assert by_words is not None
    assert (by_words.semantic, by_words.terms, by_words.metadata) == (0.0, (), pytest.approx(1.0))


def test_moments_are_where_a_long_sound_fits(library: Library) -> None:
    hits = library.query(text="glass", moments=True, k=100)
    moments = {name: hit.moments for name, hit in zip(names(library, hits), hits, strict=True)}
    assert sorted((moment.start_s, moment.end_s) for moment in moments["long/session.wav"]) == [(2.0, 5.0), (7.0, 9.0)]
    scores = [moment.score for moment in moments["long/session.wav"]]
    assert scores == sorted(scores, reverse=True)
    (session,) = (hit for hit in hits if hit.path.name == "session.wav")
    first = session.moments[0]
    assert first.start_s <= session.start_s < session.end_s <= first.end_s
    assert moments["pictures/IMG_1.png"] == ()
    assert [(moment.start_s, moment.end_s) for moment in moments[unnamed("glass")[0]]] == [(0.0, 2.0)]
    (whole,) = library.query(text="music", moments=True, within=["long/session.wav"])
    assert sorted((moment.start_s, moment.end_s) for moment in whole.moments) == [(0.0, 3.0), (4.0, 10.0)]


# queries as values, several at once


def test_many_queries_are_answered_as_each_alone(encoder_and_library: tuple[ChosenEncoder, Library]) -> None:
    encoder, library = encoder_and_library
    queries: list[str | Query] = [
        "glass -dog",
        Query.of(text="rain", k=3),
        "kind:image",
        Query.of(image=picture_of("dog"), explain=True),
        Query.of(text="SFX-38452", ranking="text"),
        Query.of(text="door", like=unnamed("door")[1], moments=True, k=4, offset=2),
    ]
    together = library.query_many(queries)
    by_texts = [call for call in encoder.calls if {"glass", "rain"} & set(call)]
    assert by_texts == [["glass", "dog", "rain", "door"]]
    assert together == [library.query(query) for query in queries]
    assert [hits.query for hits in together] == [library.query(query).query for query in queries]
    assert [hits.query for hits in together][:3] == ["glass -dog", "rain", "kind:image"]
    assert library.query_many([]) == []
    inside = library.query_many(["glass", "dog"], within=["mixed/both.wav"])
    assert [names(library, hits) for hits in inside] == [["mixed/both.wav"]] * 2


@pytest.mark.parametrize(
    "more",
    [{"text": "dog"}, {"where": "ext:wav"}, {"exclude": "dog"}, {"modality": "audio"}, {"weights": [1]}, {"k": 3},
     {"offset": 1}, {"min_score": 0}, {"moments": True}, {"explain": True}, {"ranking": "text"}],
)  # fmt: skip
def test_a_query_as_a_value_says_all_there_is_to_say(library: Library, more: dict[str, object]) -> None:
    with pytest.raises(QueryError, match=f"a whole query and {next(iter(more))}"):
        library.query(Query.of(text="glass"), **more)
    if not {"k", "offset", "min_score", "moments", "explain", "ranking"} & set(more):
        with pytest.raises(QueryError, match="a whole query and"):
            library.query("glass", **more)


def test_the_language_and_the_keywords_say_the_same(library: Library) -> None:
    assert library.query("glass -dog ext:wav dur:<5", k=100) == library.query(
        text="glass", exclude="dog", where="ext:wav dur:<5", k=100
    )
    assert library.query(str(Query.of(text=["glass", "rain"], weights=[1, 0.5], exclude="dog"))) == library.query(
        text=["glass", "rain"], weights=[1, 0.5], exclude="dog"
    )
    for nonsense in ("dur:<", "", "  ", 'folder:"', "(glass"):
        with pytest.raises(QueryError):
            library.query(nonsense)
    with pytest.raises(QueryError):
        library.query()


# both ways of searching


@pytest.mark.parametrize(
    "query",
    ["glass", "glass -dog", "-rain", "ext:wav dur:<5", "(glass)^2 (dog)^-0.5", "SFX-38452", "violin",
     f"like:{unnamed('bell')[0]} folder:recorder", "glass rain kind:image"],
)  # fmt: skip
def test_a_large_index_gives_what_a_small_one_gives(index: Path, query: str) -> None:
    in_memory, _ = open_chosen(index)
    by_lancedb, _ = open_chosen(index, memory_budget_bytes=BY_LANCEDB)
    with in_memory, by_lancedb:
        for ranking in ("hybrid", "vector", *(["text"] if "like:" not in query else [])):
            asked = Query.parse(query, k=100, min_score=0, moments=True, explain=True, ranking=ranking)
            assert_nearly_equal(in_memory.query(asked), by_lancedb.query(asked))


def assert_nearly_equal(found: Hits, expected: Hits) -> None:
    def facts(hit: Hit) -> tuple[object, ...]:
        return hit.path, hit.start_s, hit.end_s, hit.tags, hit.metadata, [m.start_s for m in hit.moments]

    assert [facts(hit) for hit in found] == [facts(hit) for hit in expected]
    for scores in ("score", "cosine"):
        wanted = [getattr(hit, scores) for hit in expected]
        assert [getattr(hit, scores) for hit in found] == pytest.approx(wanted, abs=1e-4)
    assert (found.query, found.nothing, found.more) == (expected.query, expected.nothing, expected.more)


def test_the_query_is_told_in_its_language(library: Library) -> None:
    hits = library.query(text=["glass", "rain"], weights=[1, 0.5], exclude="dog", where="ext:wav")
    assert hits.query == "glass rain^0.5 -dog ext:wav"
    assert re.fullmatch(r"audio:<samples>", library.query(audio=sound_of("dog")).query)
    assert isinstance(hits, Hits)
    assert np.isfinite([hit.score for hit in hits]).all()
