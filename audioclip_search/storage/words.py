"""Full-text search: what of a file is searched by words, and LanceDB's indexes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
from lancedb.index import FTS
from lancedb.query import FullTextQuery, MultiMatchQuery

from audioclip_search.storage.lance import Table
from audioclip_search.storage.schema import FILES_SCHEMA, WORD_COLUMNS, text_to_path
from audioclip_search.words import analyse, path_words

# The columns hold tokens already, and what is searched for is made of tokens in the same way: LanceDB only counts them.
_INDEX = FTS(
    base_tokenizer="whitespace",
    stem=False,
    remove_stop_words=False,
    lower_case=False,
    ascii_folding=False,
    max_token_length=None,
    with_position=False,
)
_BOOSTS = (2.0, 1.0, 1.0)
_LEAST_UNINDEXED = 1_000
# Fields that nobody looks for a sound by.
_TECHNICAL = frozenset({"coding_history", "encoder", "software", "time_reference", "umid"})
_MOST_TOKENS = 2_000  # of a file's metadata


def with_words(files: pa.Table, folders: Sequence[str]) -> pa.Table:
    """Rows of `files` with what is searched by words, from their paths, tags and metadata.

    Args:
        files: All columns.
        folders: The library's other folders: of a path in one of them, what comes before the folder's own name is not
            searched.
    """
    names, folder_names, described = [], [], []
    columns = [files[name].to_pylist() for name in ("path", "tags", "metadata")]
    for path, tags, metadata in zip(*columns, strict=True):
        words = path_words(_below(text_to_path(path), folders))
        names.append(" ".join(words.name))
        folder_names.append(" ".join(words.folder))
        described.append(_described(tags, metadata))
    for name, column in zip(WORD_COLUMNS, (names, folder_names, described), strict=True):
        files = files.set_column(
            files.schema.get_field_index(name), FILES_SCHEMA.field(name), pa.array(column, pa.string())
        )
    return files


def create_word_indexes(files: Table) -> None:
    """Index the words of a table that has just been made."""
    for column in WORD_COLUMNS:
        files.create_index(column, config=_INDEX, name=f"{column}_idx")


def has_word_indexes(files: Table) -> bool:
    """Whether the table can be searched by words."""
    return {f"{column}_idx" for column in WORD_COLUMNS} <= {index.name for index in files.list_indices()}


def words_lag(files: Table) -> bool:
    """Whether so many rows are not indexed that `files.optimize` would make searches by words faster."""
    stats = files.index_stats(f"{WORD_COLUMNS[0]}_idx")
    return stats is not None and stats.num_unindexed_rows > max(_LEAST_UNINDEXED, stats.num_indexed_rows // 10)


def word_query(tokens: Sequence[str]) -> FullTextQuery:
    """LanceDB's query for files that have any of the tokens."""
    return MultiMatchQuery(" ".join(tokens), list(WORD_COLUMNS), boosts=list(_BOOSTS))


def _below(path: str, folders: Sequence[str]) -> str:
    for folder in folders:
        if path.startswith(f"{folder}/"):
            return path[folder.rfind("/") + 1 :]
    return path


def _described(tags: Sequence[str], metadata: str) -> str:
    """Tokens of the tags and of all texts in the metadata; each text once."""
    content = json.loads(metadata or "{}")
    texts = [text for name, text in content.get("fields", ()) if name not in _TECHNICAL]
    texts += [label for _, _, label in content.get("markers", ())]
    tokens = [token for text in dict.fromkeys((*tags, *texts)) for token in analyse(text)]
    return " ".join(tokens[:_MOST_TOKENS])
