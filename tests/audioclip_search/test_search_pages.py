"""Pages of a long answer: nothing twice, nothing left out, whatever the ranking, the filters and the size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chosen_library import BUDGETS, CONCEPTS, DIM, file_of, open_chosen, vector_of, write_index

from audioclip_search import Hit, Library, Metadata
from audioclip_search.types import FileRecord, WindowVector

COUNT = 5_000  # more windows than are compared one by one without LanceDB's search
WORDS = ("impact", "hit", "slam", "soft", "metal", "wood", "door")


def graded(number: int) -> FileRecord:
    """A file that is more or less like glass, and has some of the words in its name, folder and metadata."""
    rng = np.random.default_rng(number)
    words = [word for word in WORDS if rng.random() < 0.3]
    folder, name = rng.choice(WORDS), " ".join([*words, str(number)])
    suffix = "png" if number % 10 == 0 else "wav"
    record = file_of(
        f"{folder}/{name}.{suffix}",
        CONCEPTS[number % len(CONCEPTS)],
        metadata=Metadata(fields=(("description", str(rng.choice(WORDS))),)),
    )
    share = rng.random()
    vector = (share * vector_of("glass", noise=0.0) + (1 - share) * record.windows[0].vector).astype(np.float32)
    window = WindowVector(
        vector / np.float32(np.linalg.norm(vector)), record.windows[0].start_s, record.windows[0].end_s
    )
    return FileRecord(record.stamp, record.content_hash, record.duration_s, (window,), metadata=record.metadata)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert DIM % 8 == 0
    return write_index(tmp_path_factory.mktemp("many") / "index", map(graded, range(COUNT)))


@pytest.fixture(params=BUDGETS.values(), ids=BUDGETS.keys())
def library(request: pytest.FixtureRequest, index: Path) -> Iterator[Library]:
    opened, _ = open_chosen(index, memory_budget_bytes=request.param)
    with opened:
        yield opened


QUERIES = {
    "likeness": {"text": "glass", "ranking": "vector"},
    "words": {"text": "impact soft metal", "ranking": "text"},
    "both": {"text": "impact of metal on glass"},
    "both, of few": {"text": "impact of metal on glass", "where": "folder:door ext:png"},
    "both, of some": {"text": "impact of metal on glass", "where": "-folder:door"},
    "both, but": {"text": "impact of glass", "exclude": "wood"},
    "filters": {"where": "folder:metal ext:wav"},
    "exclusion": {"exclude": "dog", "where": "folder:metal"},
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
@pytest.mark.parametrize("min_score", [0, None])
def test_pages_joined_are_one_long_answer(library: Library, query: dict[str, object], min_score: float | None) -> None:
    whole = library.query(**query, min_score=min_score, k=1_200)
    assert len({hit.path for hit in whole}) == len(whole) > 0
    joined: list[Hit] = []
    for offset in range(0, 600, 120):
        page = library.query(**query, min_score=min_score, k=120, offset=offset)
        assert page.more == (len(whole) > offset + 120)
        joined += page
    assert_same_order(joined, whole[:600].items)


def test_the_last_page_says_so(library: Library) -> None:
    count = len(library.query(where="folder:metal", k=COUNT))
    for offset, length, more in ((count - 2, 1, True), (count - 1, 1, False), (count, 0, False), (10**9, 0, False)):
        page = library.query(where="folder:metal", k=1, offset=offset)
        assert (len(page), page.more, page.nothing) == (length, more, False)
    everything = library.query(text="impact", k=10**9, min_score=0)
    assert (len(everything), everything.more) == (COUNT, False)


def test_the_best_by_words_and_likeness_are_found_among_many_that_have_one_of_these(library: Library) -> None:
    """Whatever is left out before the two are put together, must not matter to the best."""
    everything = library.query(text="impact of metal on glass", k=COUNT, min_score=0)
    assert len(everything) == COUNT
    for k in (1, 5, 20, 100):
        assert_same_order(library.query(text="impact of metal on glass", k=k, min_score=0), everything[:k].items)


def assert_same_order(found: list[Hit] | tuple[Hit, ...], expected: tuple[Hit, ...]) -> None:
    """The same hits; equal ones may change places where LanceDB rounds otherwise."""
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-5)
    firm = [
        place
        for place in range(len(expected))
        if all(
            abs(expected[place].score - expected[other].score) > 1e-5
            for other in (place - 1, place + 1)
            if 0 <= other < len(expected)
        )
    ]
    assert [found[place].path for place in firm] == [expected[place].path for place in firm]
    assert len({hit.path for hit in found}) == len(found)
