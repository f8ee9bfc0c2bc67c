"""`python -m audioclip_search` is the command `audioclip-search`."""

from audioclip_search.cli import main

if __name__ == "__main__":
    main()
