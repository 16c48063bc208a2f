"""The public functions on images on disk."""
