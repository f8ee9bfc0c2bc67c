"""The main window and the other windows."""
