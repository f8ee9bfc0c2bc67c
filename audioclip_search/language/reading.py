"""A text, read from left to right by characters, words and quotations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from audioclip_search.errors import QueryError

_ESCAPABLE = frozenset('\\"()^,:-')
_ESCAPABLE_IN_QUOTATION = frozenset('\\"')


class Reader:
    """Where reading has come to.

    Attributes:
        text: All of it.
        at: Position of the next character.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def char(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def skip_blanks(self) -> bool:
        """Go to the next character that is not blank, if there is one."""
        while self.char.isspace():
            self.at += 1
        return bool(self.char)

    def end_of_part(self) -> None:
        """Make sure that a part ends here.

        Raises:
            QueryError: It goes on.
        """
        if self.char and not self.char.isspace():
            raise QueryError(f"a blank is missing before {self.char!r}", position=self.at)

    def word(self, *, in_group: bool = False) -> str:
        """A word up to a blank or a weight, and in a group up to its end. Parentheses that open and close within the
        word belong to it.

        Raises:
            QueryError: Another one closes.
        """
        chars: list[str] = []
        depth = 0
        while (char := self.char) and not char.isspace() and char != "^":
            if char == "(":
                depth += 1
            elif char == ")":
                if not depth and in_group:
                    break
                if not depth:
                    raise QueryError(
                        "no parenthesis is open here", remedy=r"Write \) for one that means itself", position=self.at
                    )
                depth -= 1
            chars.append(self._plain_char(_ESCAPABLE, blanks=True))
        return "".join(chars)

    def bare(self, ends: str) -> str:
        """A value without quotation marks, up to a blank or one of `ends`."""
        chars: list[str] = []
        while (char := self.char) and not char.isspace() and char not in ends:
            chars.append(self._plain_char(_ESCAPABLE, blanks=True))
        return "".join(chars)

    def quotation(self) -> str:
        """What is between the quotation mark that is next and the one that ends it.

        Raises:
            QueryError: None ends it.
        """
        start = self.at
        self.at += 1
        chars: list[str] = []
        while (char := self.char) != '"':
            if not char:
                raise QueryError(
                    "the quotation mark has no other one",
                    remedy=r"Write another one at the end of the phrase, or \" for one that means itself",
                    position=start,
                )
            chars.append(self._plain_char(_ESCAPABLE_IN_QUOTATION, blanks=False))
        self.at += 1
        return "".join(chars)

    def _plain_char(self, escapable: frozenset[str], *, blanks: bool) -> str:
        """The next character, or the one behind the backslash that it is."""
        char = self.text[self.at]
        self.at += 1
        following = self.char
        if char == "\\" and following and (following in escapable or (blanks and following.isspace())):
            self.at += 1
            return following
        return char


@contextmanager
def located(position: int) -> Iterator[None]:
    """Errors inside are about that place."""
    try:
        yield
    except QueryError as error:
        raise QueryError(error.reason, remedy=error.remedy, position=position) from error
