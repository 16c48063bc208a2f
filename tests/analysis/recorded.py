"""Records of layers made by hand, read as those of an image are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.scanned import scan
from lightship.analysis.packages.records import Records
from lightship.analysis.places import find_places
from lightship.filetree.merging import merge
from lightship.layers.captures import CaptureRequest, Captures
from lightship.testing import layer_tar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.testing.entries import Layer


def records_of(*layers: Layer, requests: Iterable[CaptureRequest] = ()) -> Records:
    captures = Captures(tuple(requests))
    tree = merge([scan(layer_tar(layer), captures=captures) for layer in layers])
    return Records(tree, find_places(tree))
