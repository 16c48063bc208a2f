"""Whatever is suppressed: nothing is lost, nothing is shown twice, and only what matches goes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from filetree.merged import tree_of
from lightship.filetree.patterns import Matcher, Pattern
from lightship.filetree.tree import Directory
from lightship.rules.parting import part
from lightship.rules.rule import Claim
from lightship.rules.suppressing import Ignore

NAMES = st.sampled_from(["a", "b", "c", "ab"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(
    st.sampled_from(["a", "b", "*", "**", "?b", "[ab]"]), min_size=1, max_size=3
).map("/".join)


def files_below(root: Directory, path: bytes) -> set[bytes]:
    """The path or the files below it; none if there are none."""
    at: Directory | int = root
    for name in path.split(b"/"):
        if not isinstance(at, Directory) or name not in at.children:
            return set()
        at = at.children[name]
    if not isinstance(at, Directory):
        return {path}
    return set[bytes]().union(*(files_below(root, path + b"/" + name) for name in at.children))


@settings(deadline=None)
@given(
    files=st.sets(PATHS, max_size=12),
    claimed=st.sets(PATHS.map(str.encode), min_size=1, max_size=4),
    patterns=st.lists(st.lists(PATTERNS, min_size=1, max_size=2), max_size=3),
)
def test_a_claim_is_parted_without_rest(
    files: set[str], claimed: set[bytes], patterns: list[list[str]]
) -> None:
    tree = tree_of([(path, b"x") for path in sorted(files)])
    claimed = {p for p in claimed if not any(p.startswith(other + b"/") for other in claimed)}
    ignores = [
        Ignore(rule="r", reason=str(at), patterns=tuple(map(Pattern.parse, texts)))
        for at, texts in enumerate(patterns)
    ]
    claim = Claim(message="m", paths=sorted(claimed))
    pieces = part(claim, ignores, tree)
    below = [
        (ignore, files_below(tree.root, path)) for piece, ignore in pieces for path in piece.paths
    ]
    for ignore, found in below:
        for path in found:
            matching = [one for one in ignores if Matcher(one.patterns).match(path)]
            assert matching[:1] == ([] if ignore is None else [ignore])
    every = [path for _, found in below for path in found]
    assert len(every) == len(set(every))
    assert set(every) == set[bytes]().union(*(files_below(tree.root, path) for path in claimed))
