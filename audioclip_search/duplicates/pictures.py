"""Whether two pictures are one at other sizes or encoded anew, by what they look like in small."""

from __future__ import annotations

import numpy as np

from audioclip_search.media import ContentFacts, small_picture

_SHAPES_DIFFER = 0.03  # of the ratio of width to height
_FLAT = 4.0  # standard deviation of the greys; nothing can be said of what has less
_COLOURS_DIFFER = 10.0  # of 255, on average

LEAST_PICTURE_SIMILARITY = 0.985
"""From which on two are the same."""


def picture_similarity(first: ContentFacts, second: ContentFacts) -> float:
    """The correlation of their greys at 32 by 32; 0 if shape or colours are others or either is flat."""
    shapes = first.width * second.height, second.width * first.height
    if abs(shapes[0] - shapes[1]) > _SHAPES_DIFFER * max(shapes):
        return 0.0
    (greys, colours), (other, other_colours) = small_picture(first.print), small_picture(second.print)
    if np.abs(colours.astype(float) - other_colours).mean() > _COLOURS_DIFFER:
        return 0.0
    one, two = greys.astype(float).ravel(), other.astype(float).ravel()
    if min(one.std(), two.std()) < _FLAT:
        return 0.0
    return float(np.corrcoef(one, two)[0, 1])
