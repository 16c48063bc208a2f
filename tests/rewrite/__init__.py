"""Rewrites, held against the independent applier: it applies the old layers and the new ones."""
