"""Qt item models over lists that controllers hold."""
