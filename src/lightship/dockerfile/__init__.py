"""Lossless syntax tree, stages, shell words, text edits."""
