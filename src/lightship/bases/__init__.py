"""Comparison and suggestion of base images."""
