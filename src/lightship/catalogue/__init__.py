"""Dated reference tables as data files, with their readers.

Base images, end of life, removable paths, file categories, data types.
"""
