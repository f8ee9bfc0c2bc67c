"""Bringing an index up to date with a folder: `survey` looks at the disk, `plan` compares, `execute` does it."""

from audioclip_search.indexer.execution import execute
from audioclip_search.indexer.planning import Plan, Survey, is_within, plan, require_unicode, survey

__all__ = ["Plan", "Survey", "execute", "is_within", "plan", "require_unicode", "survey"]
