"""What cosines mean in a library, kept until it has changed much."""

from __future__ import annotations

import logging
import math
import threading

import numpy as np
import pyarrow as pa

from audioclip_search.calibration import Background, background_texts
from audioclip_search.embedding import Embedder
from audioclip_search.errors import StorageError
from audioclip_search.storage import IndexStore, View
from audioclip_search.types import FloatArray, ModelIdentity

logger = logging.getLogger(__name__)

_TABLE = "background"
_SCHEMA = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("vector", pa.list_(pa.float32()), nullable=False),
    ]
)
# A background is measured anew when a library has grown or shrunk by about this part.
_STEP = 0.05


class Backgrounds:
    """Measures backgrounds and keeps the last one. The vectors of the general texts are kept beside the index, because
    a large model takes a while for them. Any thread may use it."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], Background] | None = None
        self._measuring = threading.Lock()

    def of(self, view: View, store: IndexStore, embedder: Embedder, *, by_text: bool) -> Background:
        """The background of what a view shows.

        Args:
            view: Of the index.
            store: The index.
            embedder: Of its model.
            by_text: Whether it is for a query by words: then the model may be loaded for it.
        """
        with self._measuring:
            size = round(math.log1p(view.window_count) / math.log1p(_STEP))
            for texts_known in (True, False):
                key = (store.identity, size, texts_known)
                if self._kept is not None and self._kept[0] == key and (texts_known or not by_text):
                    return self._kept[1]
            texts = _text_vectors(store, embedder, by_text=by_text)
            vectors = {kind: sample.vectors for kind, sample in view.sample.items()}
            files = {kind: sample.rows for kind, sample in view.sample.items()}
            background = Background.of(texts, vectors, files)
            self._kept = (store.identity, size, bool(len(texts))), background
            return background


def _text_vectors(store: IndexStore, embedder: Embedder, *, by_text: bool) -> FloatArray:
    """Of the general texts, float32 `(n, dim)`; none if they would have to be encoded and that is not worth while."""
    texts = background_texts()
    table = store.beside(_TABLE, _SCHEMA, ("model", "text"))
    model = _name(store.identity)
    known = {row["text"]: row["vector"] for row in table.rows({"model": [model]}).to_pylist()}
    if set(texts) <= known.keys():
        return np.array([known[text] for text in texts], np.float32)
    if not by_text:
        return np.empty((0, store.dim), np.float32)
    vectors = embedder.texts(texts)
    try:
        table.put(pa.table([[model] * len(texts), list(texts), list(vectors)], schema=_SCHEMA))
    except StorageError as error:  # an index that can only be read, or that somebody is writing
        logger.info("the background is encoded again the next time: %s", error)
    return vectors


def _name(identity: ModelIdentity) -> str:
    return f"{identity.weights_hash} {identity.preprocessing_version}"
