"""Qt item models over lists that the engine gave."""
