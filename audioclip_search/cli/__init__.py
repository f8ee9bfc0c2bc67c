"""The command line: arguments, printing, exit codes. Importing it loads neither torch nor the index.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 not understood, 130 stopped by Ctrl-C.
"""

from audioclip_search.cli.app import app, main

__all__ = ["app", "main"]
