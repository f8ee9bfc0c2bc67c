"""Widgets. They lay out and pass on; what they show is the controllers'."""
