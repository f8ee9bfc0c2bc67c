"""What the window can ask of the engine: plain functions of a desk and a task, run on threads of the engine's process.
A module for each controller."""
