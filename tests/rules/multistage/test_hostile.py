"""Files that nobody writes: each is answered at once, and none raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.rules.dockerfile.multi_stage import RULE

from .reading import matter

if TYPE_CHECKING:
    from pathlib import Path

HELLO = "FROM golang:1.21\nWORKDIR /s\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /a .\nCMD /a\n"


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang\n" + "RUN go build -o a && cp a b && mv b c\n" * 5_000 + "CMD ./c",
        "FROM golang\nRUN " + "go build -o a; cp a b; " * 4_000 + "\nCMD ./b",
        "FROM golang\n" + "WORKDIR a\nENV A=$A/b\n" * 5_000 + "RUN go build -o a\nCMD ./a",
        "FROM golang\nRUN go build -o " + "a" * 1_000_000 + "\nCMD ./a",
        "FROM golang\nRUN go build -o a -ldflags '" + "-extldflags=" * 20_000 + "'\nCMD ./a",
        "FROM golang\nRUN go build -o a\nCMD " + "./a " * 100_000,
        'FROM golang\nRUN go build -o \udc80\x00/a\nCMD ["\\u0000", "\\ud800"]',
        "FROM golang:" + "1." * 10_000 + "\nRUN go build -o a\nCMD ./a",
        "FROM rust\nRUN cargo build --target-dir " + "../" * 10_000 + "\nCMD ./target/debug/a",
        "FROM debian:12\nRUN make PREFIX=/" + "a/" * 100_000 + " install\nCMD a",
        "FROM debian:12\nRUN gcc -l" + "a" * 100_000 + " -o a\nCMD ./a",
    ],
    ids=range(11),
)
def test_a_dockerfile(text: str) -> None:
    for smell in RULE.check(matter(text.encode("utf-8", "surrogateescape").decode("latin-1"))):
        assert len(smell.message) < 200
        assert len(smell.unfixed or "") < 400


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.go", "package main\n" + "import (" * 100_000),
        ("a.go", "package main\n" + 'import "' * 100_000),
        ("a.go", "package main\n//go:embed " + "x " * 400_000),
        ("go.mod", "module " * 100_000),
        (".dockerignore", "*a" * 1_000 + "\n" + "!" * 100_000),
        ("deep/" * 50 + "a.go", "package main\n"),
    ],
    ids=range(6),
)
def test_a_context(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    (tmp_path / "main.go").write_text("package main\n")
    list(RULE.check(matter(HELLO, tmp_path)))


def test_many_files_are_grouped_at_once(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text('package main\n\nvar a = "data"\n')
    for number in range(60):
        folder = tmp_path / "data" / str(number) / "x"
        folder.mkdir(parents=True)
        for other in range(50):
            (folder / f"{other}.txt").write_text("")
    (smell,) = RULE.check(matter(HELLO, tmp_path))
    assert smell.fix is not None
    assert "COPY --from=build /s/data/ /s/data/\n" in smell.fix.edits[-1].replacement
