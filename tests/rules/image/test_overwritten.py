from __future__ import annotations

import msgspec

from lightship.rules.image.overwritten import RULE
from lightship.rules.judging import judge
from lightship.testing import File
from rules.subjects import LISTED, found, subject_of

OLD = {"usr/lib/torch/a.so": b"a" * 2_000_000, "usr/lib/torch/b.so": b"b" * 500_000}
NEW = {"usr/lib/torch/a.so": b"A" * 3_000_000}
HISTORY = ["RUN pip install torch", "RUN pip install --upgrade torch"]


def test_what_is_written_again_and_which_to_join() -> None:
    (one,) = found(RULE, OLD, NEW, history=HISTORY)
    assert one.severity == "warning"
    assert one.message == "Layer 2 writes 1 file of layer 1 again; 2.00 MB are hidden below."
    assert one.advice == (
        "Write each file once: join layer 2 (`RUN pip install --upgrade torch`) to layer 1"
        " (`RUN pip install torch`), or bring only the last version."
    )
    (place,) = one.evidence
    assert (place.path, place.layer) == ("usr/lib/torch/a.so", 1)
    assert place.note == "written again in layer 2"


def test_a_new_file_and_a_copy_with_another_owner_are_none() -> None:
    assert found(RULE, OLD, {"usr/lib/torch/c.so": b"c"}) == ()
    assert found(RULE, OLD, {"usr/lib/torch/a.so": File(b"a" * 2_000_000, uid=1)}) == ()


def test_what_the_base_brings() -> None:
    subject = msgspec.structs.replace(subject_of(OLD, NEW, history=HISTORY), base_layers=1)
    (one,) = judge(subject, [RULE], listed=LISTED)
    assert one.advice.startswith("Take a base that has the last version")
