"""Public, for users' tests and ours: build_image(), assert_same_tree()."""

from lightship.testing.entries import Device, Dir, Fifo, File, Layer, Link, Symlink
from lightship.testing.images import build_image
from lightship.testing.tars import layer_tar
from lightship.testing.trees import assert_same_tree

__all__ = [
    "Device",
    "Dir",
    "Fifo",
    "File",
    "Layer",
    "Link",
    "Symlink",
    "assert_same_tree",
    "build_image",
    "layer_tar",
]
