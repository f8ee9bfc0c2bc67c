"""Hearing and recording sounds: threads of their own, so that the window never waits for a disk or a device."""
