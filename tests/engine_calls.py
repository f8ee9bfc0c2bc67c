"""Calls for the tests of the engine, which its process imports."""

from __future__ import annotations

import os
import time

from audioclip_search import MediaError, QueryError
from gui.backend.desk import Desk, Task


def twice(desk: Desk, task: Task, number: int) -> int:
    return 2 * number


def count(desk: Desk, task: Task, number: int) -> str:
    for index in range(number):
        task.report(index)
    return "counted"


def wait(desk: Desk, task: Task) -> str:
    while not task.cancel.cancelled:
        time.sleep(0.01)
    return "cancelled"


def fail(desk: Desk, task: Task, how: str) -> None:
    if how == "media":
        raise MediaError("no sound in it", path="/x/y.wav", remedy="Choose another one")
    if how == "query":
        raise QueryError("what is that", position=3)
    raise ZeroDivisionError("ours")


def die(desk: Desk, task: Task) -> None:
    os._exit(3)


def place(desk: Desk, task: Task) -> object:
    return desk.library


def read_files(desk: Desk, task: Task) -> int:
    return len(desk.files())
