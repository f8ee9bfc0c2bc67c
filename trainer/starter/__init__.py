"""The recipe of the `starter` model: small, from scratch, out of open recordings and procedural sounds and pictures."""

from trainer.starter.recipe import CONFIG, Material, Recipe, prepare, save, train

__all__ = ["CONFIG", "Material", "Recipe", "prepare", "save", "train"]
