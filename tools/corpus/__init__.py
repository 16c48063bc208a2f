"""Lightship's reading, linting and fixing of Dockerfiles, held against a folder of them."""
