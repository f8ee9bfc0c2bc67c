"""The language of the search box.

    glass breaking -music dur:<3 ext:wav,flac folder:"my foley" "exact phrase" image:window.jpg^0.7 (heavy door)^2

Blanks stand between the parts; their order does not matter.

- Plain words together are one text to look for, whatever stands among them. Words in parentheses are another one.
- `image:`, `audio:` and `like:` look for what belongs to a picture's or sound's file, or is like a file of the library.
- `^2` behind any of these is its weight; below 0, the answers are less like it.
- "-" before a word, a parenthesis or one of these files excludes what is like it; before all else, it negates.
- `"…"` are words that stand next to one another in the file's name, its folders or its metadata.
- `field:value` is a filter and `field:one,other` one that takes either. Numbers have ranges: `<3`, `>=96k`, `1..3.5`,
  `>1..<3`.

A backslash takes their meaning from blanks and the characters `\\ " ( ) ^ , : -`; within quotation marks only from
these and from itself.
"""

from __future__ import annotations

from audioclip_search.language.completing import Completion, complete
from audioclip_search.language.parsing import Statement, parse, parse_filters
from audioclip_search.language.writing import format_content, format_filter, format_query, format_term

__all__ = [
    "Completion",
    "Statement",
    "complete",
    "format_content",
    "format_filter",
    "format_query",
    "format_term",
    "parse",
    "parse_filters",
]
