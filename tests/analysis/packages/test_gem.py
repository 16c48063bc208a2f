from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, layer_of, owned, plain, survives
from lightship.analysis.packages.gem import SYSTEM, extract

if TYPE_CHECKING:
    from pathlib import Path

BASE = "var/lib/gems/3.1.0"
SPEC = """Gem::Specification.new do |s|
  s.name = "{name}"
  s.version = "{version}"
  s.summary = "{name}"
  s.authors = ["x"]
  s.files = ["lib/{name}.rb", "bin/{name}"]
  s.executables = ["{name}"]
  s.bindir = "bin"
  {more}
end
"""


def build(folder: Path, name: str, version: str, more: str = "") -> Path:
    source = folder / name
    for path, text in ((f"lib/{name}.rb", "X = 1\n"), (f"bin/{name}", "#!/usr/bin/ruby\n")):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text)
    (source / f"{name}.gemspec").write_text(SPEC.format(name=name, version=version, more=more))
    gem(source, "build", f"{name}.gemspec")
    return source / f"{name}-{version}.gem"


def gem(folder: Path, *arguments: str | Path) -> None:
    environment = {**os.environ, "HOME": str(folder), "GEM_HOME": str(folder / "home")}
    subprocess.run(
        ["gem", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # that no licence is given
    )


@pytest.mark.system("ruby")
def test_what_rubygems_installs_is_owned_to_the_last_file(tmp_path: Path) -> None:
    archives = [
        build(tmp_path, "leaf", "1.2.3"),
        build(tmp_path, "top-gem", "0.4.0.pre", 's.add_runtime_dependency("leaf", ">= 1")'),
    ]
    installed = tmp_path / "gems"
    for archive in archives:
        gem(tmp_path, "install", "--local", "--force", "--no-document", "-i", installed, archive)
    layer = layer_of(installed, BASE)
    found = find(SYSTEM, layer)
    packages = by_name(found)
    assert {name: one.version for name, one in packages.items()} == {
        "leaf": "1.2.3",
        "top-gem": "0.4.0.pre",
    }
    assert packages["top-gem"].depends == ("leaf",)
    assert f"{BASE}/bin/leaf" in layer
    assert owned(found.packages, layer) == set(layer)
    assert found.notes == []


def test_all_places_of_a_gem() -> None:
    full = "nokogiri-1.16.0-x86_64-linux-gnu"
    layer = {
        f"{BASE}/specifications/{full}.gemspec": b"",
        f"{BASE}/specifications/default/json-2.6.1.gemspec": b"",
        f"{BASE}/gems/{full}/lib/nokogiri.rb": b"",
        f"{BASE}/extensions/x86_64-linux/3.1.0/{full}/gem.build_complete": b"",
        f"{BASE}/doc/{full}/ri/x.ri": b"",
        f"{BASE}/cache/{full}.gem": b"",
        f"{BASE}/build_info/{full}.info": b"",
        f"{BASE}/gems/nokogiri-1.15.0/left": b"",
    }
    found = find(SYSTEM, layer)
    assert {(one.name, one.version) for one in found.packages} == {
        ("nokogiri", "1.16.0-x86_64-linux-gnu"),
        ("json", "2.6.1"),
    }
    assert set(layer) - owned(found.packages, layer) == {f"{BASE}/gems/nokogiri-1.15.0/left"}


def test_what_bundler_took_out_of_git() -> None:
    folder = "app/vendor/bundle/ruby/3.1.0/bundler/gems/rails-0123456789ab"
    layer = {
        f"{folder}/rails.gemspec": b"raise",
        f"{folder}/activejob.gemspec": b"",
        f"{folder}/activejob/activejob.gemspec": b"",
        f"{folder}/lib/rails.rb": b"",
    }
    found = find(SYSTEM, layer)
    assert [(one.name, one.version, one.requested) for one in found.packages] == [
        ("activejob", None, True)
    ]
    assert owned(found.packages, layer) == set(layer)
    assert found.notes == []


def test_a_gemspec_is_text_and_never_run() -> None:
    code = b'`touch /tmp/x`; exec("rm -rf /")\ns.add_dependency(%q<rack>.freeze, ["~> 2"])\n'
    layer = {
        f"{BASE}/specifications/evil-1.0.gemspec": code
        + b"s.executables = [`id`, '../../x', 'ok']",
        f"{BASE}/specifications/rack-2.0.gemspec": b"\xff\0" * 10,
        f"{BASE}/bin/ok": b"",
    }
    evil = by_name(find(SYSTEM, layer))["evil"]
    assert evil.depends == ("rack",)
    assert f"{BASE}/bin/ok".encode() in set(evil.paths)
    assert not any(b".." in path for path in evil.paths)


def test_what_names_no_gem_is_noted_and_gemspecs_elsewhere_are_nothing() -> None:
    layer = {
        f"{BASE}/specifications/noversion.gemspec": b"",
        f"{BASE}/specifications/big-1.gemspec": b" " * (1024 * 1024 + 1),
        f"{BASE}/gems/a-1/a.gemspec": b"",
        "srv/app/app.gemspec": b"",
    }
    found = find(SYSTEM, layer)
    assert [one.name for one in found.packages] == ["big"]
    assert found.notes == [
        f"gem: {BASE}/specifications/big-1.gemspec: 1048577 bytes are more than is read",
        f"gem: {BASE}/specifications/noversion.gemspec: no name and version in its name",
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    needs = b's.add_runtime_dependency(%q<rake>.freeze, [">= 0"])\n'
    found = plain(survives(extract, needs + b"\n" + data))
    assert isinstance(found, list)
    assert found[0][0] == "rake"
    survives(extract, b"s.executables = [" + data)
