"""What a query answers: records of what was found, where and why, and ways to carry them elsewhere."""

from audioclip_search.results.merging import merge_moments
from audioclip_search.results.records import Explanation, Hit, Hits, Moment, TermPart

__all__ = ["Explanation", "Hit", "Hits", "Moment", "TermPart", "merge_moments"]
