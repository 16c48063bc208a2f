"""apk-package(5) says the order of the parts; each line here is one of its sentences."""

import itertools

import pytest

from lightship.bases.versions.apk import key

RISING = [
    # Suffixes that come before a version, in their order, with and without numbers.
    ("2.1_alpha", "2.1_alpha1", "2.1_alpha10", "2.1_beta", "2.1_pre", "2.1_rc", "2.1_rc2", "2.1"),
    # A suffix after another; one that comes before it makes it older.
    ("3.4_beta_pre1", "3.4_beta", "3.4_beta1"),
    # Suffixes that come after a version.
    ("7_rc9", "7", "7_cvs", "7_svn", "7_git20240101", "7_git20240102", "7_hg", "7_p", "7_p2"),
    # The package's own build comes last of all.
    ("3.3.0", "3.3.0-r0", "3.3.0-r1", "3.3.0-r10", "3.3.0_p1-r0", "3.3.0a-r0", "3.3.0.1"),
    ("1.2.3_alpha-r5", "1.2.3", "1.2.3-r0"),
    # A letter comes after the numbers.
    ("0.9.8", "0.9.8a", "0.9.8b", "0.9.9"),
    # Numbers are numbers, but those that begin with a zero are text.
    ("1.1.9", "1.1.10", "1.1.100", "1.2"),
    ("1.001", "1.01", "1.02", "1.1", "1.10"),
    ("009.1", "10.1", "0020240101"),
    ("1.0_git20240101~0a1b", "1.0_git20240101~f00", "1.0_git20240102"),
]  # fmt: skip


@pytest.mark.parametrize("versions", RISING)
def test_versions_rise(versions: tuple[str, ...]) -> None:
    for older, newer in itertools.combinations(versions, 2):
        assert key(older) < key(newer), (older, newer)


def test_leading_zeros_of_the_first_number_count_for_nothing() -> None:
    assert key("006-r1") == key("6-r1")


@pytest.mark.parametrize(
    "text",
    ["", "r1", "1.", ".1", "1..2", "1.0-1", "1.0_new", "1.0-r", "1.0bc", "1.0 ", "1.0\n", "\u0661"],
)
def test_what_apk_refuses_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="version"):
        key(text)
