"""Hostile and broken input, through the public API and the command line."""
