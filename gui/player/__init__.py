"""Sound out and in."""
