"""Dated reference tables as data files: removable paths, categories, data types, file types."""
