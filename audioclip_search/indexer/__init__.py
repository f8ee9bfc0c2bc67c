"""Bringing an index up to date with a folder: `survey` looks at the disk, `plan` compares, `execute` does it."""

from audioclip_search.indexer.execution import execute
from audioclip_search.indexer.planning import (
    Plan,
    Survey,
    is_unplugged,
    is_within,
    plan,
    prefix_of,
    require_unicode,
    survey,
)

__all__ = ["Plan", "Survey", "execute", "is_unplugged", "is_within", "plan", "prefix_of", "require_unicode", "survey"]
