"""Rules for Dockerfiles: one file each, its docstring is its page."""
