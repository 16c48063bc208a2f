from __future__ import annotations

import csv
import io
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from analysis.packages.folders import by_name, find, layer_of, owned
from lightship.analysis.packages.python import SYSTEM
from lightship.testing import Symlink

SITE = "usr/lib/python3/dist-packages"


def distribution(
    name: str, record: str | None, *, site: str = SITE, **files: str
) -> dict[str, object]:
    """A `.dist-info` of version 1, with files such as `REQUESTED`."""
    folder = f"{site}/{name}-1.dist-info"
    layer: dict[str, object] = {f"{folder}/METADATA": f"Name: {name}\nVersion: 1\n\n".encode()}
    if record is not None:
        layer[f"{folder}/RECORD"] = record.encode()
    return layer | {f"{folder}/{key}": text.encode() for key, text in files.items()}


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that pip installed a wheel into."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", folder / "v"], check=True)
    pip(folder, "--disable-pip-version-check", "install", "--no-index", wheel(folder))
    return folder / "v"


def wheel(folder: Path) -> Path:
    path = folder / "sample_app-1.5-py3-none-any.whl"
    info = "sample_app-1.5.dist-info"
    files = {
        "sample_app/__init__.py": "def main(): print('hello')\n",
        "sample_app/data, with comma.txt": "data",
        "sample_app-1.5.data/data/etc/sample.conf": "conf",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: sample-app\nVersion: 1.5\n"
        "Provides-Extra: more\nRequires-Dist: Missing ; extra == 'more'\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nsample = sample_app:main\n",
    }
    record = io.StringIO()
    csv.writer(record).writerows([[name, "", ""] for name in [*files, f"{info}/RECORD"]])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record.getvalue()}.items():
            archive.writestr(name, text)
    return path


def pip(folder: Path, *arguments: str | Path) -> None:
    subprocess.run(
        [folder / "v" / "bin" / "python", "-m", "pip", "--quiet", *arguments], check=True
    )


def test_what_pip_installs_into_a_virtual_environment_is_owned_to_the_last_file(
    venv: Path,
) -> None:
    layer = layer_of(venv, "opt/v")
    found = find(SYSTEM, layer)
    packages = by_name(found)
    sample = packages["sample-app"]
    assert (sample.version, sample.requested, sample.depends) == ("1.5", True, ())
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"opt/v/lib/{version}/site-packages/sample_app/data, with comma.txt".encode() in set(
        sample.paths
    )
    assert {b"opt/v/bin/sample", b"opt/v/etc/sample.conf"} <= set(sample.paths)
    assert found.notes == []
    site = [name for name in layer if "/site-packages/" in name]
    not_pips = {name for name in site if name.endswith("distutils-precedence.pth")}
    assert set(site) - not_pips <= owned(found.packages, site)
    assert all(path.decode() in layer for package in found.packages for path in package.paths)


def test_programs_of_a_target_folder_are_where_pip_put_them(venv: Path) -> None:
    target = venv.parent / "target"
    pip(venv.parent, "install", "--no-index", "--target", target, wheel(venv.parent))
    layer = layer_of(target, "app/libs")
    found = find(SYSTEM, layer)
    assert owned(found.packages, layer) == set(layer)
    assert found.notes == []


def test_every_file_of_these_tests_own_site_folder_is_some_packages() -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    layer = layer_of(site, "usr/local/lib/python3.11/site-packages")
    found = find(SYSTEM, layer)
    packages = {package.name: package for package in found.packages}
    assert {"pytest", "hypothesis", "msgspec"} <= set(packages)
    assert {"pluggy", "iniconfig"} <= set(packages["pytest"].depends)
    unowned = set(layer) - owned(found.packages, layer)
    assert len(unowned) < 20, sorted(unowned)[:30]


def test_bytecode_is_its_sources_and_nobody_elses() -> None:
    cache = f"{SITE}/a/__pycache__"
    layer = {
        **distribution("a", "a/m.py,,\na/listed.py,,\na/__pycache__/listed.cpython-311.pyc,,\n"),
        f"{cache}/m.cpython-311.pyc": b"1",
        f"{cache}/m.cpython-311.opt-2.pyc": b"2",
        f"{cache}/listed.cpython-311.pyc": b"3",
        f"{cache}/other.cpython-311.pyc": b"4",
        f"{cache}/m.txt": b"5",
    }
    (package,) = find(SYSTEM, layer).packages
    assert [path.decode() for path in package.paths] == [
        f"{SITE}/a/m.py",
        f"{SITE}/a/listed.py",
        f"{cache}/listed.cpython-311.pyc",
        f"{cache}/m.cpython-311.opt-2.pyc",
        f"{cache}/m.cpython-311.pyc",
    ]


def test_paths_outside_of_the_prefix_own_nothing_and_are_counted() -> None:
    record = (
        "../../../bin/tool,,\n../../../../../etc/passwd,,\n/etc/shadow,,\n"
        "../../../../../../../etc/passwd,,\n/usr/share/x,,\n,,\n"
    )
    found = find(SYSTEM, distribution("evil", record), {"etc/passwd": b"root"})
    (package,) = found.packages
    assert list(package.paths) == [b"usr/bin/tool", b"usr/share/x"]
    assert found.notes == [
        f"python: {SITE}/evil-1.dist-info/RECORD: 4 of its paths are not below usr"
    ]


def test_a_record_of_a_target_folder_keeps_to_it() -> None:
    layer = distribution("evil", "../../etc/passwd,,\n../x,,\nevil.py,,\n", site="app/libs")
    found = find(SYSTEM, {**layer, "etc/passwd": b"root", "app/x": b"x"})
    (package,) = found.packages
    assert list(package.paths) == [b"app/libs/evil.py"]
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("files", "requested"),
    [
        ({"INSTALLER": "pip\n", "REQUESTED": ""}, True),
        ({"INSTALLER": "pip\n"}, False),
        ({"INSTALLER": "uv"}, None),
        ({}, None),
    ],
)
def test_who_asked_for_it(files: dict[str, str], requested: bool | None) -> None:
    other = distribution("other", "", INSTALLER="pip", REQUESTED="")
    packages = by_name(find(SYSTEM, {**other, **distribution("a", "", **files)}))
    assert packages["a"].requested is requested


def test_old_pips_do_not_tell_who_asked() -> None:
    (package,) = find(SYSTEM, distribution("a", "", INSTALLER="pip\n")).packages
    assert package.requested is None


def test_several_site_folders_have_packages_of_one_name_and_their_own_needs() -> None:
    needs = b"Name: App\nVersion: 1\nRequires-Dist: some.Lib (>=1)\nRequires-Dist: gone\n\n"
    layer = {
        **distribution("some_lib", "x.py,,\n", site="opt/a/lib/python3.11/site-packages"),
        **distribution("Some-Lib", "x.py,,\n", site="opt/b/lib/python3.11/site-packages"),
        "opt/b/lib/python3.11/site-packages/App-1.dist-info/METADATA": needs,
    }
    found = find(SYSTEM, layer)
    assert [(one.name, list(one.paths), one.depends) for one in found.packages] == [
        ("some_lib", [b"opt/a/lib/python3.11/site-packages/x.py"], ()),
        ("App", [], ("Some-Lib",)),
        ("Some-Lib", [b"opt/b/lib/python3.11/site-packages/x.py"], ()),
    ]


def test_an_editable_install_owns_its_records_and_not_the_application() -> None:
    layer = {
        **distribution(
            "app", "__editable__.app-1.pth,,\n", **{"direct_url.json": '{"dir_info": {}}'}
        ),
        f"{SITE}/__editable__.app-1.pth": b"/srv/app/src",
        "srv/app/src/app/__init__.py": b"",
        "srv/app/src/app.egg-info/PKG-INFO": b"Name: app\nVersion: 1\n\n",
        "srv/app/src/app.egg-info/top_level.txt": b"app\n",
    }
    found = find(SYSTEM, layer)
    assert owned(found.packages, layer) == {name for name in layer if name.startswith(SITE)}
    assert [package.name for package in found.packages] == ["app"]


def test_a_link_to_a_project_is_a_package() -> None:
    layer = {
        f"{SITE}/my-app.egg-link": b"/srv/app\n.",
        "srv/app/my_app.egg-info/PKG-INFO": b"Name: my-app\nVersion: 3\n\n",
        f"{SITE}/lost.egg-link": b"/nowhere\n.",
        f"{SITE}/empty.egg-link": b"",
    }
    found = find(SYSTEM, layer)
    assert [(one.name, one.version, list(one.paths)) for one in found.packages] == [
        ("empty", None, [f"{SITE}/empty.egg-link".encode()]),
        ("lost", None, [f"{SITE}/lost.egg-link".encode()]),
        ("my-app", "3", [f"{SITE}/my-app.egg-link".encode()]),
    ]


def test_egg_info_with_a_list() -> None:
    layer = {
        "app/libs/a-1.egg-info/PKG-INFO": b"Name: a\nVersion: 1\n",
        "app/libs/a-1.egg-info/installed-files.txt": b"../a/x.py\nPKG-INFO\n../../../etc/passwd\n",
        "app/libs/a/x.py": b"",
        "app/libs/a/y.py": b"",
        "etc/passwd": b"",
    }
    found = find(SYSTEM, layer)
    assert set(layer) - owned(found.packages, layer) == {"etc/passwd", "app/libs/a/y.py"}
    assert len(found.notes) == 1


def test_egg_info_without_a_list_owns_its_top_level_names() -> None:
    layer = {
        f"{SITE}/a-1.egg-info/PKG-INFO": b"Name: a\nVersion: 1\n",
        f"{SITE}/a-1.egg-info/top_level.txt": b"a\n_a\nspace\nalone\n../b\n",
        f"{SITE}/b-1.egg-info/PKG-INFO": b"Name: b\nVersion: 1\n",
        f"{SITE}/b-1.egg-info/top_level.txt": b"space\n",
        f"{SITE}/b-1.egg-info/SOURCES.txt": b"setup.py\nsrc/space/b.py\n",
        f"{SITE}/a/x/y.so": b"",
        f"{SITE}/_a.cpython-311-x86_64-linux-gnu.so": b"",
        f"{SITE}/alone.py": b"",
        f"{SITE}/__pycache__/alone.cpython-311.pyc": b"",
        f"{SITE}/space/b.py": b"",
        f"{SITE}/space/nobody.py": b"",
        f"{SITE}/other.py": b"",
    }
    found = find(SYSTEM, layer)
    missing = set(layer) - owned(found.packages, layer)
    assert missing == {f"{SITE}/other.py", f"{SITE}/space/nobody.py"}
    assert f"{SITE}/space/b.py".encode() in set(by_name(found)["b"].paths)


def test_single_files_and_eggs() -> None:
    layer = {
        f"{SITE}/old_one-1.0.egg-info": b"Metadata-Version: 1.0\nName: old-one\nVersion: 1.0\n",
        f"{SITE}/old_one/__init__.py": b"",
        f"{SITE}/Zipped-2.1-py3.11.egg": b"PK...",
        f"{SITE}/folder-3-py3.11.egg/EGG-INFO/PKG-INFO": b"Name: folder\nVersion: 3\n",
        f"{SITE}/folder-3-py3.11.egg/folder/x.py": b"",
    }
    found = find(SYSTEM, layer)
    assert owned(found.packages, layer) == set(layer)
    assert {(one.name, one.version) for one in found.packages} == {
        ("old-one", "1.0"),
        ("Zipped", "2.1"),
        ("folder", "3"),
    }


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("METADATA", b"", "it gives no name"),
        ("METADATA", b"\xff\xfe\0" * 1000, "it gives no name"),
        ("METADATA", b"Name: " + b"x" * 1_000_000, "it gives no name"),
        ("RECORD", b"a\0b,,\n", "it holds NULs"),
        ("RECORD", b'"' + b"x" * 200_000 + b'",,\n', "no CSV"),
        ("RECORD", b"x" * (16 * 1024 * 1024 + 1), "are more than is read"),
    ],
)
def test_broken_records_are_noted(name: str, content: bytes, why: str) -> None:
    folder = f"{SITE}/broken-2.dist-info"
    layer = {f"{folder}/METADATA": b"Name: broken\nVersion: 2\n\n", f"{folder}/{name}": content}
    found = find(SYSTEM, {**layer, f"{SITE}/broken.py": b""})
    (package,) = found.packages
    assert (package.name, package.version, list(package.paths)) == ("broken", "2", [])
    (note,) = found.notes
    assert note.startswith(f"python: {folder}/{name}: ")
    assert why in note


def test_many_broken_records_are_few_notes() -> None:
    layer = {f"{SITE}/p{number}-1.dist-info/METADATA": b"" for number in range(50)}
    notes = find(SYSTEM, layer).notes
    assert len(notes) == 11
    assert notes[-1] == "python: 40 more like these"


def test_files_of_these_names_elsewhere_are_nothing() -> None:
    layer = {"srv/RECORD": b"\0", "srv/METADATA": b"", "srv/x/PKG-INFO": b"", "a.egg-info": b""}
    assert find(SYSTEM, layer) == find(SYSTEM, {})


def test_links_in_the_way_lead_nowhere_else() -> None:
    layer = {**distribution("a", "m/x.py,,\n"), f"{SITE}/m": Symlink("m")}
    (package,) = find(SYSTEM, layer).packages
    assert list(package.paths) == [f"{SITE}/m/x.py".encode()]
