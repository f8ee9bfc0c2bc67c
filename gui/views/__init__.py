"""Widgets: they lay out and paint, and tell controllers what the user wants."""
