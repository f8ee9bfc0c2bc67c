"""Errors and records cross a process boundary whole."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

import audioclip_search
from audioclip_search import (
    AudioCLIPSearchError,
    AutoTag,
    Explanation,
    Failure,
    Hit,
    Hits,
    LibraryFile,
    Marker,
    Metadata,
    Modality,
    ModelIdentity,
    Moment,
    Query,
    QueryError,
    ScanRules,
    SyncProgress,
    SyncReport,
    SyncStage,
    TermPart,
)
from audioclip_search.types import IndexInfo


def all_errors(root: type[AudioCLIPSearchError] = AudioCLIPSearchError) -> Iterator[type[AudioCLIPSearchError]]:
    yield root
    for kind in root.__subclasses__():
        yield from all_errors(kind)


def test_every_public_error_is_of_the_tree() -> None:
    public = {name for name in audioclip_search.__all__ if name.endswith("Error")}
    assert public == {kind.__name__ for kind in all_errors() if kind.__module__ == "audioclip_search.errors"}


@pytest.mark.parametrize("kind", list(all_errors()), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("path", [None, "a folder/file.wav", "s3://bucket/index"])
def test_an_error_keeps_all_it_says(kind: type[AudioCLIPSearchError], path: str | None) -> None:
    error = kind("is broken", path=path, remedy="Mend it")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.reason, again.path, again.where, again.remedy) == ("is broken", error.path, path or "", "Mend it")
    assert str(again) == str(error)


def test_a_query_error_keeps_its_position() -> None:
    with pytest.raises(QueryError) as caught:
        Query.parse("rain dur:x")
    assert caught.value.position is not None
    assert pickle.loads(pickle.dumps(caught.value)).position == caught.value.position


HIT = Hit(
    Path("rain.wav"),
    Modality.AUDIO,
    0.9,
    tags=("wet",),
    metadata=Metadata(44_100, 2, 16, fields=(("title", "Rain"),), markers=(Marker(0.0, 1.0, "drop"),)),
    auto_tags=(AutoTag("rain", 0.8),),
    moments=(Moment(0.0, 1.0, 0.9),),
    why=Explanation(0.5, terms=(TermPart("rain", 1.0, 0.3),), words=("rain",)),
)


@pytest.mark.parametrize(
    "record",
    [
        HIT,
        Hits((HIT,), query="rain", closest=(HIT,), more=True),
        Query.parse('rain -music dur:<3 ext:wav,flac "wine glass"'),
        SyncReport(added=3, failures=(Failure("x.wav", "is broken"),)),
        SyncProgress(SyncStage.EMBED, 3, 10, "x.wav"),
        IndexInfo("there", ModelIdentity("starter", "00", 1), 512, 1, 1, 2, 3, 4, 5, 6, folders=(Path("sfx"),)),
        LibraryFile(Path("x.wav"), Modality.AUDIO, 1, 2, 3.0, "00", "", ("wet",), 5, False, HIT.metadata),
        ScanRules(ignore=("*.tmp",)),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_arrives_as_it_left(record: object) -> None:
    again = pickle.loads(pickle.dumps(record))
    assert again == record
    assert type(again) is type(record)
    assert repr(again) == repr(record)
