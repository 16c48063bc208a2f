"""Packages: which files each package system's own records say are whose, one system a file."""
