from __future__ import annotations

from lightship.rules.image.duplicates import RULE
from lightship.testing import Link, Symlink
from rules.subjects import LISTED, found

FONTS = b"f" * 8_000_000


def test_copies_beside_the_first_of_their_names() -> None:
    (one,) = found(
        RULE,
        {"usr/share/fonts.bin": FONTS, "usr/share/small": b"s" * 10},
        {"app/fonts.bin": FONTS, "zz/fonts.bin": FONTS, "app/small": b"s" * 10},
    )
    assert one.severity == "warning"
    assert one.message == "16.0 MB in 3 files are copies of other files."
    assert (one.removable_bytes, one.files, one.wire_bytes) == (16_000_010, 3, 8_000_005)
    assert [(piece.path, piece.bytes, piece.layer, piece.note) for piece in one.evidence] == [
        ("usr/share/fonts.bin", 8_000_000, 1, "the same as /app/fonts.bin"),
        ("zz/fonts.bin", 8_000_000, 2, "the same as /app/fonts.bin"),
        ("usr/share/small", 10, 1, "the same as /app/small"),
    ]


def test_little_of_it_is_an_information() -> None:
    (one,) = found(RULE, {"a": b"x" * 9_999_999, "b": b"x" * 9_999_999})
    assert one.severity == "info"


def test_links_and_empty_files_are_no_copies() -> None:
    assert found(RULE, {"a": FONTS, "b": Link("a"), "c": Symlink("a"), "d": b"", "e": b""}) == ()


def test_a_copy_is_shown_by_a_name_that_is_still_there() -> None:
    (one,) = found(RULE, {"old": b"x" * 9, "new": Link("old"), "copy": b"x" * 9}, {".wh.old": b""})
    assert [(piece.path, piece.note) for piece in one.evidence] == [("new", "the same as /copy")]


def test_wire_bytes_of_all_classes_are_told_by_those_that_are_listed() -> None:
    layer = {f"{side}/{at}": b"%03d" % at * 2 for at in range(LISTED * 3) for side in "ab"}
    (one,) = found(RULE, layer)
    assert one.removable_bytes == LISTED * 3 * 6
    assert one.wire_bytes == LISTED * 3 * 3
    assert one.evidence_count == LISTED
