"""Evaluation: `evaluation.run` measures a model as `settings` say; `measures` defines what is measured."""
