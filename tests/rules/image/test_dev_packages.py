from __future__ import annotations

import pytest

from lightship.analysis.packages.package import Package
from lightship.rules.image.dev_packages import RULE
from rules.image.started import PROGRAM, judged

FILES: dict[str, object] = {
    "usr/bin/app": PROGRAM,
    "usr/include/pq.h": bytes(2_000_000),
    "usr/lib/libpq.so.5": bytes(500_000),
}


def package(name: str, path: str, **more: object) -> Package:
    fields: dict[str, object] = {"system": "dpkg", "version": "1", **more}
    return Package(name=name, paths=(path.encode(),), **fields)  # type: ignore[arg-type] # spelled out where it is called


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("libpq-dev", {}),
        ("libpq5", {"section": "contrib/libdevel"}),
        ("postgresql-devel", {"system": "rpm"}),
        ("musl-dev", {"system": "apk"}),
        ("linux-libc-dev", {}),
        ("linux-headers-6.1.0-9-amd64", {}),
    ],
)
def test_packages_for_development(name: str, more: dict[str, object]) -> None:
    packages = (package(name, "usr/include/pq.h", **more), package("app", "usr/bin/app"))
    (one,) = judged(RULE, FILES, packages=packages, Cmd=["app"])
    assert (one.removable_bytes, one.files, one.severity) == (2_000_000, 1, "warning")
    assert one.message == f"2.00 MB of development packages in 1 file: {name}."
    assert [(piece.note, piece.layer) for piece in one.evidence] == [(f"{name} 1", 1)]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("libpq5", {}),
        ("device-mapper", {}),
        ("developer-tools", {}),
        ("left-dev", {"system": "npm"}),
    ],
)
def test_other_packages(name: str, more: dict[str, object]) -> None:
    packages = (package(name, "usr/include/pq.h", **more),)
    assert judged(RULE, FILES, packages=packages, Cmd=["app"]) == ()


def test_what_the_command_depends_on_stays() -> None:
    packages = (
        package("libpq-dev", "usr/include/pq.h"),
        package("app", "usr/bin/app", depends=("libpq-dev",)),
    )
    assert judged(RULE, FILES, packages=packages, Cmd=["app"]) == ()
