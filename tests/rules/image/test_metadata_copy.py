from __future__ import annotations

import msgspec
import pytest

from lightship.rules.image.metadata_copy import RULE
from lightship.rules.judging import judge
from lightship.testing import File
from rules.subjects import LISTED, found, subject_of

APP = {f"app/{at}": b"%d" % at * 1_000_000 for at in range(2)}
OWNED = {path: File(content, uid=1000) for path, content in APP.items()}
CHOWN = "RUN /bin/sh -c chown -R 1000 /app # buildkit"


def test_what_is_stored_again_and_where_to_set_the_owner() -> None:
    (one,) = found(RULE, APP, OWNED, history=["COPY . /app # buildkit", CHOWN])
    assert one.severity == "warning"
    assert one.message == (
        "Layer 2 stores 2 files with 2.00 MB of layer 1 again, to change no more than owner, mode"
        " or time."
    )
    assert one.advice == (
        "Give `COPY . /app` a --chown or --chmod instead of layer 2 (`RUN chown -R 1000 /app`)."
    )
    assert [(place.path, place.bytes) for place in one.evidence] == [("app", 2_000_000)]


def test_a_file_that_changes_is_another_rule() -> None:
    assert found(RULE, APP, {"app/0": b"else"}) == ()


@pytest.mark.parametrize(
    ("base_layers", "advice"),
    [
        (None, "Set owner and mode in the instruction that makes the files, layer 1 (`RUN make`)"),
        (1, "Leave the base image's files as they are: layer 2 (`RUN chown -R 1000 /app`)"),
        (2, "The base image did this"),
    ],
)
def test_where_the_files_come_from(base_layers: int | None, advice: str) -> None:
    subject = subject_of(APP, OWNED, history=["RUN make", CHOWN])
    subject = msgspec.structs.replace(subject, base_layers=base_layers)
    (one,) = judge(subject, [RULE], listed=LISTED)
    assert one.advice.startswith(advice)
