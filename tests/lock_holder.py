"""A process that uses a lock, for `test_storage_locks.py`: `lock_holder.py hold LOCATION NAME` takes it, says so and
keeps it until it is killed; `lock_holder.py count LOCATION COUNTER TIMES` adds to the number in a file, so many times.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from audioclip_search.storage.locks import LockName, held


def hold(location: str, name: LockName) -> None:
    with held(location, name, timeout_s=None):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        time.sleep(3_600)


def count(location: str, counter: Path, times: int) -> None:
    for _ in range(times):
        with held(location, "write", timeout_s=None) as check:
            value = int(counter.read_text())
            time.sleep(0.002)  # so that another process without the lock would surely come between
            check()
            counter.write_text(str(value + 1))


if __name__ == "__main__":
    if sys.argv[1] == "hold":
        hold(sys.argv[2], "sync" if sys.argv[3] == "sync" else "write")
    else:
        count(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
