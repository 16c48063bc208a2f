from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from lightship.analysis.packages.package import Package
from lightship.analysis.reasons import unrequested
from lightship.rules.image.unrequested_packages import RULE
from rules.image.started import PROGRAM, judged

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE = 2_000_000
FILES: dict[str, object] = {
    "usr/bin/app": PROGRAM,
    **{f"usr/share/{name}": bytes(SIZE) for name in ("lib", "fonts", "glue", "left")},
}


def package(name: str, **more: object) -> Package:
    path = b"usr/bin/app" if name == "app" else b"usr/share/" + name.encode()
    fields: dict[str, object] = {"system": "dpkg", "requested": False, "version": "1", **more}
    return Package(name=name, paths=(path,), **fields)  # type: ignore[arg-type] # spelled out where it is called


PACKAGES = (
    package("app", requested=True, depends=("lib",), recommends=("fonts",)),
    package("lib"),
    package("fonts", depends=("glue",)),
    package("glue"),
    package("left"),
)


def test_what_is_recommended_and_what_is_left_over() -> None:
    orphaned, recommended = judged(RULE, FILES, packages=PACKAGES[::-1], Cmd=["sh"])[::-1]
    assert recommended.removable_bytes == 2 * SIZE
    assert {piece.note for piece in recommended.evidence} == {"fonts 1", "glue 1"}
    assert (recommended.confidence, orphaned.confidence) == ("likely", "guess")
    assert [piece.note for piece in orphaned.evidence] == ["left 1"]


def test_without_marks_nothing_is_said() -> None:
    packages = tuple(package(one.name, requested=None) for one in PACKAGES)
    assert judged(RULE, FILES, packages=packages, Cmd=["app"]) == ()


def test_languages_keep_no_such_marks() -> None:
    packages = tuple(package(one.name, system="python") for one in PACKAGES)
    assert judged(RULE, FILES, packages=packages, Cmd=["sh"]) == ()


def test_what_the_command_needs_was_meant() -> None:
    packages = (package("app", depends=("lib",)), package("lib"))
    files = {path: FILES[path] for path in ("usr/bin/app", "usr/share/lib")}
    assert judged(RULE, files, packages=packages, Cmd=["app"]) == ()


def without_name(fields: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if key != "name"}


NAMES = ("a", "b", "c", "d", "e")


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(NAMES),
                "requested": st.sampled_from((True, False, None)),
                "essential": st.booleans(),
                "depends": st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
                "recommends": st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
            }
        ).map(lambda fields: package(str(fields["name"]), **without_name(fields))),
        max_size=6,
    )
)
def test_nothing_that_stays_needs_what_goes(packages: list[Package]) -> None:
    found = unrequested(packages, frozenset())
    gone = found.recommended | found.orphaned
    assert not found.recommended & found.orphaned
    assert all(packages[number].requested is False for number in found.orphaned)
    stays = [package for number, package in enumerate(packages) if number not in gone]
    gone_names = {packages[number].name for number in gone} - {one.name for one in stays}
    assert all(gone_names.isdisjoint(package.depends) for package in stays)
