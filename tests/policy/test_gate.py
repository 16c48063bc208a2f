"""Where limits come from, and who wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.errors import UsageError
from lightship.policy.gate import Gate, gate_from, places
from lightship.policy.profiles import BUILT_IN, RAHTI
from lightship.settings import load_settings, user_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def gate(folder: Path, environment: dict[str, str] | None = None, **given: object) -> Gate:
    settings = load_settings({}, environment={}, directory=folder)
    found = places(given, environment or {}, settings.sections["check"])
    return gate_from(found, settings.sections["profiles"])


def rows(gate: Gate) -> dict[str, tuple[str, str]]:
    return {name: (written, origin) for name, written, origin in gate.rows()}


def test_the_first_place_that_speaks_wins(project: Path) -> None:
    def wire(environment: dict[str, str] | None = None, **given: object) -> tuple[str, str]:
        return rows(gate(project, environment, **given))["max-wire"]

    user = write(user_file(), '[check]\nmax-wire = "5MB"\nprofile = "rahti"\n')
    assert wire() == ("5MB", f"{user} [check]")
    shared = write(project / "pyproject.toml", '[tool.lightship.check]\nmax-wire = "4MB"\n')
    assert wire() == ("4MB", f"{shared} [tool.lightship.check]")
    own = write(project / "lightship.toml", '[check]\nmax_wire = "3MB"\n')
    assert wire() == ("3MB", f"{own} [check]")
    environment = {"LIGHTSHIP_CHECK_MAX_WIRE": "2MB"}
    assert wire(environment) == ("2MB", "environment, LIGHTSHIP_CHECK_MAX_WIRE")
    assert wire(environment, max_wire="1MB") == ("1MB", "command line")


def test_each_limit_comes_from_its_own_place(project: Path) -> None:
    file = write(project / "lightship.toml", '[check]\nprofile = "rahti"\nmax-dead = 0\n')
    assert rows(gate(project, warn_wire="2GB")) == {
        "max-wire": ("5GiB", "profile rahti"),
        "warn-wire": ("2GB", "command line"),
        "max-blob": ("5GiB", "profile rahti"),
        "max-dead": ("0", f"{file} [check]"),
    }


def test_none_lifts_a_limit_and_a_profile(project: Path) -> None:
    write(project / "lightship.toml", '[check]\nprofile = "rahti"\nmax-dead = 0\n')
    assert "warn-wire" not in rows(gate(project, warn_wire="none"))
    left = gate(project, profile="none")
    assert left.profile is None
    assert list(rows(left)) == ["max-dead"]


def test_patterns_add_up(project: Path) -> None:
    write(user_file(), '[check]\nforbid = ["*.pem"]\nwarn-path = "*.bak"\n')
    write(project / "lightship.toml", '[check]\nforbid = ["**/.git", "*.key"]\n')
    found = gate(project, forbid=("*.key", "id_rsa"))
    assert [(one.pattern.written, one.budget) for one in found.forbidden] == [
        ("*.key", "forbid"),
        ("id_rsa", "forbid"),
        ("**/.git", "forbid"),
        ("*.pem", "forbid"),
        ("*.bak", "warn-path"),
    ]


def test_own_profiles(project: Path) -> None:
    file = write(
        project / "lightship.toml",
        '[check]\nprofile = "edge"\n'
        '[profiles.edge]\nplatform = "arm64"\nmax-wire = "50MB"\nforbid = ["*.pem"]\n',
    )
    write(user_file(), '[profiles.edge]\nmax-wire = "1MB"\n[profiles.other]\nmax-layers = 3\n')
    edge = gate(project)
    origin = f"profile edge, {file} [profiles.edge]"
    assert edge.profile is not None
    assert str(edge.profile.platform) == "linux/arm64"
    assert rows(edge) == {"max-wire": ("50MB", origin), "forbid": ("*.pem", origin)}
    assert list(rows(gate(project, profile="other"))) == ["max-layers"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[check]\nmax-wide = "1MB"', "no limit 'max-wide'. Did you mean 'max-wire'?"),
        ("[check]\nzzz = 1", "no limit 'zzz'. Known: max-wire"),
        ('[check]\nmax-wire = "much"', "max-wire: 'much' is no size"),
        ("[check]\nforbid = [1]", "forbid: [1] is no list of patterns"),
        ("[check]\nprofile = 3", "profile: 3 is no text"),
        ('[check]\nprofile = "rathi"', "no profile 'rathi'. Did you mean 'rahti'?"),
        ("check = 3", "check is no table"),
        ("profiles = 3", "profiles is no table"),
        ('[check]\nprofile = "x"\n[profiles]\nx = 3', "[profiles.x] is no table"),
        ('[check]\nprofile = "x"\n[profiles.rahti]\n', "'rahti' is a profile of lightship's own"),
        ('[check]\nprofile = "x"\n[profiles.x]\nplatform = "a/b/c/d"', "is no platform"),
        ('[check]\nprofile = "x"\n[profiles.x]\nprofile = "rahti"', "cannot stand on another"),
        ('[check]\nprofile = "x"\n[profiles.x]\nmax-wide = 1', "no limit 'max-wide'"),
        ('[check]\nprofile = "x"\n[profiles.x]\nmax-wire = "much"', "'much' is no size"),
        # Never network, cache or output: what a project may not set is no limit either.
        ('[check]\nbaseline = "x.example/y"', "no limit 'baseline'"),
        ('[check]\ncache-dir = "/tmp"', "no limit 'cache-dir'"),
    ],
)
def test_mistakes_are_said_with_their_place(text: str, said: str, project: Path) -> None:
    file = write(project / "lightship.toml", text + "\n")
    with pytest.raises(UsageError) as raised:
        gate(project)
    assert str(file) in str(raised.value)
    assert said in str(raised.value)


def test_a_limit_from_higher_up_does_not_excuse_a_mistake_below(project: Path) -> None:
    write(project / "lightship.toml", '[check]\nmax-wire = "much"\n')
    with pytest.raises(UsageError, match="much"):
        gate(project, max_wire="1MB")


def test_a_mistake_in_the_environment_names_the_variable(project: Path) -> None:
    with pytest.raises(UsageError, match="LIGHTSHIP_CHECK_MAX_FILES: max-files"):
        gate(project, {"LIGHTSHIP_CHECK_MAX_FILES": "many"})


def test_a_variable_that_names_no_limit_is_said(project: Path) -> None:
    with pytest.raises(UsageError, match=r"MAX_WIDE: .* Did you mean LIGHTSHIP_CHECK_MAX_WIRE"):
        gate(project, {"LIGHTSHIP_CHECK_MAX_WIDE": "1MB"})
    others = {"LIGHTSHIP_CHECK_MAX_WIDE": "", "LIGHTSHIP_CHECK_BASELINE": "x", "LIGHTSHIP_TOP": "1"}
    assert not gate(project, others)


def test_rahti_is_what_openshift_counts() -> None:
    found = gate_from(places({"profile": "rahti"}, {}, ()), ())
    amounts = {name: limit.amount for name, limit in found.limits.items()}
    assert amounts == {
        "max-wire": 5_368_709_120,
        "max-blob": 5_368_709_120,
        "warn-wire": 1_000_000_000,
    }
    assert str(RAHTI.platform) == "linux/amd64"


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_profiles_say_where_they_come_from(name: str) -> None:
    profile = BUILT_IN[name]
    assert "202" in profile.source
    assert gate_from(places({"profile": name}, {}, ()), ()).profile == profile
    assert set(profile.reasons) <= set(profile.limits)
