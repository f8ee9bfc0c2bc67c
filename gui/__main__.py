"""`python -m gui`."""

import sys

if __name__ == "__main__":  # the engine's processes import this module, too, and need no window
    from gui.app import main

    sys.exit(main(sys.argv[1:]))
