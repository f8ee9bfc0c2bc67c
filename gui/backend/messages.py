"""What goes over the pipe between the window and the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gui.records import Trouble


@dataclass(frozen=True, slots=True)
class Call:
    """To the engine: run `function(desk, task, *args, **options)`, a function of a module."""

    number: int
    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the engine: stop a call soon."""

    number: int


@dataclass(frozen=True, slots=True)
class Close:
    """To the engine: stop all calls and end."""


@dataclass(frozen=True, slots=True)
class Report:
    """To the window: something that a running call has to say; progress, or a part of its result."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Done:
    """To the window: a call's result."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """To the window: a call that failed, or was cancelled."""

    number: int
    trouble: Trouble


Message = Call | Cancel | Close | Report | Done | Failed
