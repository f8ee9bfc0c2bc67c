"""What the app does: state and calls to the engine, without widgets."""
