"""No ignore file and no name makes a rule for contexts raise, or slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.api.context_findings import context_findings
from lightship.context.context import Context
from lightship.context.survey import survey
from lightship.rules.sending import Sending

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text",
    [
        b"!a/" + b"b/" * 30_000 + b"c\n*\n",
        b"".join(b"a%d/b\n!a%d\n" % (one, one) for one in range(3_000)),
        b"{" * 60_000 + b"\n",
        (b"{," * 140 + b"\n") * 3_000,
        b"\xff\xfe{a,b}\n!\xff\n*\xff\n",
        b"**/" * 10_000 + b"a\n",
        b"# lightship: ignore[\n#lightship: ignore-file[]\n",
    ],
)
def test_ignore_files(tmp_path: Path, text: bytes) -> None:
    (tmp_path / ".dockerignore").write_bytes(text)
    (tmp_path / "Dockerfile").write_bytes(b"FROM scratch\nCOPY . /\n")
    for name in (b"a\xff", b"\xed\xa0\x80.pem", b"a\n.git", b"\x1b[31m.parquet"):
        (tmp_path / name.decode("utf-8", "surrogateescape")).write_bytes(b"x")
    context = Context(tmp_path, dockerfile="Dockerfile")
    if context.ignore.refusal is None:
        context_findings(Sending(context=context, survey=survey(context)))
