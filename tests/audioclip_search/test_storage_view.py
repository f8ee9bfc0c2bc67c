"""What a query sees of the index, and the words of its files: right after whatever happens to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chosen_library import BUDGETS, CONCEPTS, DIM, ChosenEncoder, file_of, vector_of

from audioclip_search import Library, Marker, Metadata
from audioclip_search.filters import Field, OneOf
from audioclip_search.storage import IndexStore, View
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import FILES, WORD_COLUMNS
from audioclip_search.storage.words import with_words
from audioclip_search.types import ExportFormat, FileRecord, FileStamp, KnownContent, Modality, VectorType
from audioclip_search.words import analyse, path_words, spelled

DESCRIBED = Metadata(
    rate_hz=48_000,
    fields=(("title", "SFX-384"), ("description", "Tractors ploughing"), ("encoder", "Lavf58"), ("comment", "SFX-384")),
    markers=(Marker(1, 1, "Backfire"),),
)
RECORDS = [
    *(file_of(f"Recorder Two/{concept}_{take:02}.wav", concept, "wind") for concept in CONCEPTS for take in range(3)),
    file_of("GlassBreak02.wav", "glass", metadata=DESCRIBED),
    file_of("a/Glass.png", "glass"),
    file_of("a/b/broken.wav"),
]


@pytest.fixture(params=BUDGETS.values(), ids=BUDGETS.keys())
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexStore]:
    budget = request.param
    with IndexStore.create(
        tmp_path / "index", identity=ChosenEncoder.identity, dim=DIM, memory_budget_bytes=budget
    ) as store:
        store.write(RECORDS)
        yield store


def view_of(store: IndexStore) -> View:
    return store.ask(lambda view: view)


def words_in(store: IndexStore) -> dict[str, tuple[str, ...]]:
    """The columns of words as they are on the disk, by path."""
    rows = connect(store.location).open_table(FILES).to_arrow().to_pylist()
    return {row["path"]: tuple(row[name] for name in WORD_COLUMNS) for row in rows}


def assert_words_right(store: IndexStore) -> None:
    """They are what would be made of the rows anew."""
    rows = connect(store.location).open_table(FILES).to_arrow()
    assert with_words(rows, store.places.folders).select(WORD_COLUMNS).equals(rows.select(WORD_COLUMNS))


def found(store: IndexStore, *tokens: str, limit: int = 100) -> set[str]:
    view = view_of(store)
    rows = view.word_matches(tokens, limit=limit, allowed=view.found)
    return {view.path(row) for row in rows.tolist()}


# views


def test_a_view_knows_its_files(store: IndexStore) -> None:
    view = view_of(store)
    assert (view.count, view.window_count) == (len(RECORDS), 2 * 3 * len(CONCEPTS) + 2)
    by_path = {view.path(row): row for row in range(view.count)}
    assert by_path.keys() == {record.stamp.path for record in RECORDS}
    for record in RECORDS:
        row = by_path[record.stamp.path]
        assert view.found[row] == bool(record.windows)
        assert view.modality(row) is record.stamp.modality
        assert view.of_modality[record.stamp.modality][row]
        assert view.duration_s(row) == record.duration_s
        assert view.content_hashes[row] == record.content_hash
        assert view.metadata(np.array([row])) == [record.metadata or Metadata()]
        assert (view.tags(row), view.rating(row)) == ((), 0)
    assert Modality.TEXT not in view.of_modality
    assert view.rows_of(["a/Glass.png", "nowhere.wav"]).tolist() == [by_path["a/Glass.png"]]


def test_a_view_stays_as_it_is(store: IndexStore) -> None:
    view = view_of(store)
    assert view_of(store) is view
    with IndexStore.open(store.location) as other:
        other.write([file_of("new glass.wav", "glass")])
        other.remove(["a/Glass.png"])
    later = view_of(store)
    assert later is not view
    assert (view.count, later.count) == (len(RECORDS), len(RECORDS))
    assert view.rows_of(["a/Glass.png"]).size == 1
    assert later.rows_of(["a/Glass.png"]).size == 0
    assert view.frequency("new") == 0
    assert later.frequency("new") == 1
    rows = view.word_matches(["glass"], limit=10, allowed=view.found)
    assert "new glass.wav" not in {view.path(row) for row in rows.tolist()}


def test_the_nearest_of_each_kind_are_found_among_those_allowed(store: IndexStore) -> None:
    view = view_of(store)
    best = view.nearest(vector_of("glass", noise=0.0), k=4, allowed=view.found)
    assert best.keys() == {Modality.AUDIO, Modality.IMAGE}
    sounds = {view.path(row) for row in best[Modality.AUDIO].rows.tolist()}
    assert sounds == {"GlassBreak02.wav", *(f"Recorder Two/glass_{take:02}.wav" for take in range(3))}
    assert best[Modality.AUDIO].starts_s.tolist() == [0.0] * 4
    only = view.meeting([OneOf(Field.NAME, ("glass_01",))], auto_tags={})
    assert [view.path(row) for row in view.nearest(vector_of("dog"), k=9, allowed=only)[Modality.AUDIO].rows] == [
        "Recorder Two/glass_01.wav"
    ]
    assert view.nearest(vector_of("dog"), k=9, allowed=~view.found) == {}


def test_windows_and_samples_have_their_files_rows(store: IndexStore) -> None:
    view = view_of(store)
    vectors_of = {record.stamp.path: [window.vector for window in record.windows] for record in RECORDS}
    windows, vectors = view.windows(view.rows_of(["a/Glass.png", "Recorder Two/dog_01.wav"]))
    assert len(vectors) == 3
    for row, start_s, vector in zip(windows.rows.tolist(), windows.starts_s.tolist(), vectors, strict=True):
        assert np.allclose(vector, vectors_of[view.path(row)][round(start_s)], atol=1e-6)
    assert view.sample.keys() == {Modality.AUDIO, Modality.IMAGE}
    sample = view.sample[Modality.AUDIO]
    assert len(sample.vectors) == len(sample.rows) == 2 * 3 * len(CONCEPTS) + 1
    for row, vector in zip(sample.rows.tolist(), sample.vectors, strict=True):
        assert any(np.allclose(vector, own, atol=1e-6) for own in vectors_of[view.path(row)])


def test_words_are_found_by_lancedb_and_counted_in_memory_alike(store: IndexStore) -> None:
    view = view_of(store)
    for token in ("glass", "two", "02", "2", "glassbreak", "tractor", "backfir", "sfx", "lavf", "wav", "nothing", "'"):
        having = {view.path(row) for row in np.flatnonzero(view.having([token]) & view.found)}
        assert found(store, token) == having
        assert view.frequency(token) == int(view.having([token]).sum())
        assert np.array_equal(np.logical_or.reduce(view.places(token)), view.having([token]))
    assert found(store, "tractor", "dog") == found(store, "tractor") | found(store, "dog")
    name, folder, metadata = view.places("glass")
    assert int(name.sum()) == 5
    assert int(folder.sum() + metadata.sum()) == 0
    assert int(view.having(["glass", "02"]).sum()) == 2
    assert found(store, "broken") == set()  # it has no vectors


def test_as_many_as_are_allowed_are_found(store: IndexStore) -> None:
    view = view_of(store)
    allowed = view.meeting([OneOf(Field.NAME, ("glass",))], auto_tags={})
    for limit in (1, 3, 100):
        rows = view.word_matches(["two", "glass"], limit=limit, allowed=allowed)
        assert len(set(rows.tolist())) == len(rows) == min(limit, 5)
        assert allowed[rows].all()
    assert len(view.word_matches([], limit=5, allowed=allowed)) == 0
    assert len(view.word_matches(["glass"], limit=5, allowed=~view.found)) == 0


def test_files_are_found_by_their_name_in_one_piece(store: IndexStore) -> None:
    view = view_of(store)
    for record in RECORDS:
        name = spelled(path_words(record.stamp.path).name)
        named = {view.path(row) for row in view.named([name, "other"])}
        assert named == {one.stamp.path for one in RECORDS if spelled(path_words(one.stamp.path).name) == name}
        assert record.stamp.path in named
    assert spelled(analyse("glass break 02")) == spelled(path_words("GlassBreak02.wav").name)
    assert view.named([]).tolist() == []


def test_the_best_are_those_with_the_greatest_values_and_of_equals_the_first_by_path(store: IndexStore) -> None:
    view = view_of(store)
    values = np.zeros(view.count)
    assert view.best(values, 3).tolist() == []
    values[view.rows_of(["a/Glass.png", "GlassBreak02.wav", "Recorder Two/dog_01.wav"])] = 0.5
    values[view.rows_of(["Recorder Two/wind_02.wav"])] = 0.7
    expected = ["Recorder Two/wind_02.wav", "GlassBreak02.wav", "Recorder Two/dog_01.wav", "a/Glass.png"]
    assert [view.path(row) for row in view.best(values, 9)] == expected
    assert [view.path(row) for row in view.best(values, 2)] == expected[:2]


# words


def test_words_come_from_name_folders_tags_and_metadata(store: IndexStore) -> None:
    words = words_in(store)
    assert words["Recorder Two/glass_02.wav"] == ("glass 02 2", "record two", "")
    name, folder, metadata = words["GlassBreak02.wav"]
    assert (name, folder) == ("glass break 02 2 | glassbreak", "")
    assert metadata == "sfx 384 tractor plough backfir"  # each text once, and none that says which program wrote it
    assert_words_right(store)


def test_notes_are_words(store: IndexStore) -> None:
    store.annotate(["a/Glass.png", "GlassBreak02.wav"], add=["Hard Hit", "42"], remove=[], rating=3)
    assert found(store, "hit") == {"a/Glass.png", "GlassBreak02.wav"}
    assert words_in(store)["GlassBreak02.wav"][2] == "hard hit 42 sfx 384 tractor plough backfir"
    store.annotate(["a/Glass.png"], add=[], remove=["hard hit"], rating=None)
    assert found(store, "hit") == {"GlassBreak02.wav"}
    assert_words_right(store)


def test_a_file_that_moves_has_the_words_of_its_new_place(store: IndexStore) -> None:
    store.annotate(["GlassBreak02.wav"], add=["Hard Hit"], remove=[], rating=None)
    before = store.stored()["GlassBreak02.wav"]
    stamp = replace(before.stamp, path="Doors/Slam.wav")
    source = next(
        row["file_id"] for row in connect(store.location).open_table(FILES).to_arrow().to_pylist()
        if row["path"] == "GlassBreak02.wav"
    )  # fmt: skip
    store.write([KnownContent(stamp, source, moved=True)])
    assert "GlassBreak02.wav" not in store.stored()
    assert words_in(store)["Doors/Slam.wav"] == ("slam", "door", "hard hit sfx 384 tractor plough backfir")
    assert found(store, "slam") == {"Doors/Slam.wav"}
    assert found(store, "break") == set()
    assert_words_right(store)


def test_what_is_written_anew_has_the_words_of_its_new_content(store: IndexStore) -> None:
    store.write([file_of("GlassBreak02.wav", "glass", metadata=Metadata(fields=(("title", "Other"),)))])
    assert words_in(store)["GlassBreak02.wav"][2] == "other"
    store.describe({"GlassBreak02.wav": Metadata(fields=(("title", "Third"),))})
    assert words_in(store)["GlassBreak02.wav"][2] == "third"
    assert found(store, "tractor") == found(store, "other") == set()
    assert found(store, "third") == {"GlassBreak02.wav"}
    assert_words_right(store)


def test_words_of_another_folder_begin_with_its_own_name(store: IndexStore, tmp_path: Path) -> None:
    old, new = "/mnt/Drive Nine/My Sounds", "/media/somebody/Your Noises"
    store.set_places(lambda places: replace(places, folders=(old,)))
    store.write([file_of(f"{old}/Deep/thud.wav", "door")])
    assert words_in(store)[f"{old}/Deep/thud.wav"] == ("thud", "my sound deep", "")
    store.set_places(lambda places: replace(places, folders=(new,)), renamed={f"{old}/": f"{new}/"})
    assert words_in(store)[f"{new}/Deep/thud.wav"] == ("thud", "your nois deep", "")
    assert found(store, "nois") == {f"{new}/Deep/thud.wav"}
    assert found(store, "drive") == found(store, "sound") == found(store, "somebodi") == set()
    assert found(store, "glass")
    assert_words_right(store)


def test_words_survive_all_that_is_done_to_an_index(store: IndexStore, tmp_path: Path) -> None:
    store.annotate(["a/Glass.png"], add=["Hard Hit"], remove=[], rating=None)
    words = words_in(store)
    store.convert(VectorType.FLOAT16)
    store.optimize()
    store.export_to(tmp_path / "export", ExportFormat.PARQUET, vectors=True)
    other = tmp_path / "other"
    with IndexStore.create(other, identity=ChosenEncoder.identity, dim=DIM) as fresh:
        fresh.write([file_of("only here.wav", "bell")])
        fresh.import_from(tmp_path / "export")
        assert words_in(fresh) == words | {"only here.wav": ("onli here", "", "")}
        assert found(fresh, "hit") == {"a/Glass.png"}
        assert_words_right(fresh)
        fresh.take_place_of(store.location)
    assert words_in(store) == words | {"only here.wav": ("onli here", "", "")}
    assert found(store, "tractor") == {"GlassBreak02.wav"}
    assert_words_right(store)


def test_a_sync_gives_moved_and_copied_files_their_words(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "Old Place").mkdir(parents=True)
    (root / "Old Place" / "Bell Ring.txt").write_text("bell")
    with Library(root, model=ChosenEncoder()) as library:
        library.sync()
        library.annotate(["Old Place/Bell Ring.txt"], add=["Loved"])
        (root / "Old Place").rename(root / "New Place")
        (root / "copy of it.txt").write_text("bell")
        assert library.sync().moved == 1
        moved = "New Place/Bell Ring.txt"
        for text, expected in (("old", []), ("new", [moved]), ("copy", ["copy of it.txt"]), ("bell ring", [moved])):
            hits = library.query(text=text, ranking="text")
            assert [hit.path.relative_to(root).as_posix() for hit in hits] == expected
        assert moved in {hit.path.relative_to(root).as_posix() for hit in library.query(text="loved", ranking="text")}


def test_paths_that_are_no_unicode_and_huge_metadata_have_words_too(store: IndexStore) -> None:
    odd = FileRecord(
        FileStamp("bytes \udcff/\udc80drum é.wav", Modality.AUDIO, 1, 1),
        "odd",
        windows=file_of("x.wav", "dog").windows,
        metadata=Metadata(fields=(("description", "word " * 5_000), ("comment", "half \ud800 of it"))),
    )
    store.write([odd])
    assert found(store, "drum") == {"bytes \udcff/\udc80drum é.wav"}
    assert len(words_in(store)[next(path for path in words_in(store) if "drum" in path)][2].split()) == 2_000
    assert_words_right(store)
