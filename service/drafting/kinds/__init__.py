"""Kinds of posts, one TOML file each; see the README of this folder for the keys."""

from service.drafting.kinds.loader import PostKinds, load_kinds

__all__ = ["PostKinds", "load_kinds"]
