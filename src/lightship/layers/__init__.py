"""Tar scanning and writing, codecs, verification, the layer index and its cache."""
