"""Tar scanning, codecs, verification, the layer index and its cache."""
