"""Queries as text that `parse` reads as the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from audioclip_search.filters import Filter, OneOf, Phrase, Range, format_amount
from audioclip_search.terms import Content, Example, Picture, Sound, Term, Text

_SIMPLE = re.compile(r"[\w./*?+#&'-]+")
_NOT_PLAIN = re.compile(r"((?<=\S) (?=\S))|[\s\\\"()^]")  # but for a blank between words, which is
_LEADING_DASH = re.compile(r"(?<!\S)-(?!-*\s)")
_LEADING_NAME = re.compile(r"(?<!\S)([^\W\d_]+):")


def format_query(terms: Sequence[Term] = (), excluded: Sequence[Content] = (), filters: Sequence[Filter] = ()) -> str:
    """What `parse` reads as these. Pictures and sounds that are no files are only named, in angle brackets, and `parse`
    refuses them."""
    parts = [format_term(term) for term in terms]
    for number, term in enumerate(terms):
        if isinstance(term.content, Text) and term.weight == 1:
            parts[number] = _escaped(term.content.words)
            break
    parts += [f"-{format_content(content)}" for content in excluded]
    parts += [format_filter(condition) for condition in filters]
    return " ".join(parts)


def format_term(term: Term) -> str:
    """One term, so that it stays apart from words beside it."""
    if term.weight == 1:
        return f"({_escaped(term.content.words)})" if isinstance(term.content, Text) else format_content(term.content)
    weight = float(term.weight)
    short = format(weight, "g")
    return f"{format_content(term.content)}^{short if float(short) == weight else repr(weight)}"


def format_content(content: Content) -> str:
    """One content; words in parentheses if there are several."""
    match content:
        case Text(words):
            return f"({_escaped(words)})" if " " in words else _escaped(words)
        case Example(path):
            return f"like:{_path(path)}"
        case Picture(Path() as path):
            return f"image:{_path(path)}"
        case Picture(source):
            return "image:<bytes>" if isinstance(source, bytes) else "image:<picture>"
        case Sound(Path() as path):
            return f"audio:{_path(path)}"
        case Sound(source):
            return "audio:<bytes>" if isinstance(source, bytes) else "audio:<samples>"


def format_filter(condition: Filter) -> str:
    """One filter."""
    minus = "-" if condition.negated else ""
    match condition:
        case Phrase(words):
            return f"{minus}{_quoted(words)}"
        case OneOf(field, values):
            return f"{minus}{field}:{','.join(map(write_value, values))}"
        case Range(field, low, high, low_open, high_open):
            lower = "" if low is None else format_amount(field, low)
            upper = "" if high is None else format_amount(field, high)
            if low is None or high is None:
                signs = (">" if low_open else ">=") if high is None else ("<" if high_open else "<=")
                return f"{minus}{field}:{signs}{lower}{upper}"
            return f"{minus}{field}:{'>' if low_open else ''}{lower}..{'<' if high_open else ''}{upper}"


def _path(path: Path) -> str:
    return write_value(f"./{path}" if str(path).startswith("~") else str(path))


def write_value(text: str) -> str:
    """A field's value, in quotation marks if it needs them."""
    return text if _SIMPLE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'


def _escaped(words: str) -> str:
    """A text as plain words: with a backslash wherever a character would mean something else."""
    text = _NOT_PLAIN.sub(lambda match: match[0] if match[1] else f"\\{match[0]}", words)
    return _LEADING_NAME.sub(r"\1\:", _LEADING_DASH.sub(r"\-", text))
