"""The shares of any stack's blobs add up to the blobs, whatever the layers hold."""

from __future__ import annotations

import gzip
import io
from itertools import compress
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from independent.random_stacks import random_stack
from layers.scanned import ANY
from lightship.analysis.growth_wire import wire_shares
from lightship.analysis.places import find_places
from lightship.analysis.wire import blob_key, image_wire
from lightship.analysis.wire_files import wire_use
from lightship.errors import CorruptInputError
from lightship.filetree.merging import merge
from lightship.layers.gzip_members import compressed_member
from lightship.layers.reading import Reading, read_layer
from lightship.testing import layer_tar

if TYPE_CHECKING:
    from random import Random

    from lightship.layers.scan import LayerScan
    from lightship.testing import Layer


def stored(layer: Layer, random: Random, *, exact: bool) -> LayerScan:
    """The layer in some form: plain, in one member, in many."""
    tar = layer_tar(layer)
    step = random.choice([100, 1000, 10**6])
    members = (compressed_member(tar[at : at + step]) for at in range(0, len(tar), step))
    blob = random.choice([tar, gzip.compress(tar, 6, mtime=0), b"".join(members)])
    return read_layer(io.BytesIO(blob), Reading.within(ANY, exact_wire=exact))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_live_and_dead_and_overhead_are_the_blobs(random: Random) -> None:
    exact = random.random() < 0.5
    try:
        scans = [stored(layer, random, exact=exact) for layer in random_stack(random).layers]
        scans += random.choices(scans, k=random.randrange(3)) if scans else []
        tree = merge([scan.index for scan in scans])
    except CorruptInputError:
        return
    use = wire_use(tree, scans)
    assert len(use.wire_of) == len(tree.kinds)
    assert min([*use.dead_of, *use.overhead_of], default=0) >= 0
    for key in {blob_key(scan) for scan in scans}:
        standing = [at for at, scan in enumerate(scans) if blob_key(scan) == key]
        spans = [range(tree.bases[at], tree.bases[at] + len(scans[at].index)) for at in standing]
        parts = [use.wire_of[span.start : span.stop] for span in spans]
        overhead = [use.overhead_of[at] for at in standing]
        assert sum(map(sum, parts)) + sum(overhead) == scans[standing[0]].wire.wire_bytes
        assert not any(overhead[1:])
        for at, span, part in zip(standing, spans, parts, strict=True):
            assert use.dead_of[at] == sum(compress(part, tree.deaths[span.start : span.stop]))
    live = sum(use.wire_of[record] for place in find_places(tree) for record in place.records)
    whole = image_wire(None, scans).wire_bytes
    assert live + sum(use.dead_of) + sum(use.overhead_of) == whole
    assert use == wire_use(tree, scans)
    shares = wire_shares(tree, scans, b"{}")
    assert sum(shares.directories.values()) + shares.dead + shares.overhead == whole + 2
