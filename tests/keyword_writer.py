"""Writes keywords into a file and takes them out again, until it is killed. Says when it begins."""

from __future__ import annotations

import sys

from audioclip_search.media.metadata_writing import restore, write_keywords

if __name__ == "__main__":
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    while True:
        original = write_keywords(sys.argv[1], ["glass", "break"])
        if original is not None:
            restore(sys.argv[1], original)
