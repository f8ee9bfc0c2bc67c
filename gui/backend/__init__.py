"""The engine: the library in a process of its own. Nothing here imports Qt."""
