"""Layers merged into a file tree."""
