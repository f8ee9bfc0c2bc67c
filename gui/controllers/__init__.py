"""State and what to do about it: each asks the engine and tells the views by signals."""
