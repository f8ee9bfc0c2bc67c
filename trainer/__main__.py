"""`python -m trainer`: train AudioCLIP models."""

from __future__ import annotations

from trainer.cli import app

if __name__ == "__main__":  # and not in the processes that this one spawns
    app()
