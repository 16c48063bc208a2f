from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.settings import (
    SECTIONS,
    SETTINGS,
    Section,
    Setting,
    load_settings,
    parse_file,
    user_file,
)

if TYPE_CHECKING:
    from lightship.settings import Settings


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository's folder, and a user without settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def load(folder: Path, **environment: str) -> Settings:
    return load_settings({}, environment=environment, directory=folder)


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_defaults(project: Path, tmp_path: Path) -> None:
    settings = load(project)
    assert {value.origin for value in settings.values.values()} == {"default"}
    assert settings["bandwidth"] == 12_500_000
    assert settings["cache-dir"] == tmp_path / "cache" / "lightship"
    assert settings["data-dir"] == tmp_path / "data" / "lightship"
    assert settings["cache-max"] == 2_000_000_000
    assert settings["max-unpacked"] == 256 * 1024**3
    assert settings["platform"] is None
    assert settings["offline"] is False


def test_the_first_place_that_speaks_wins(project: Path) -> None:
    def top(arguments: dict[str, object], **environment: str) -> tuple[int, str]:
        value = load_settings(arguments, environment=environment, directory=project).values["top"]
        return value.value, value.origin

    assert top({}) == (10, "default")
    user = write(user_file(), "top = 2\n")
    assert top({}) == (2, str(user))
    shared = write(project / "pyproject.toml", "[tool.lightship]\ntop = 3\n")
    assert top({}) == (3, f"{shared} [tool.lightship]")
    own = write(project / "lightship.toml", "top = 4\n")
    assert top({}) == (4, str(own))
    assert top({}, LIGHTSHIP_TOP="5") == (5, "environment, LIGHTSHIP_TOP")
    assert top({}, LIGHTSHIP_TOP="") == (4, str(own))
    assert top({"top": 6}, LIGHTSHIP_TOP="5") == (6, "command line")
    assert top({"top": None}, LIGHTSHIP_TOP="5") == (5, "environment, LIGHTSHIP_TOP")


def test_a_project_is_found_up_to_its_repository_and_no_further(project: Path) -> None:
    inner = project / "a" / "b"
    inner.mkdir(parents=True)
    write(project.parent / "lightship.toml", "top = 99\n")
    assert load(inner)["top"] == 10
    write(project / "lightship.toml", "top = 4\n")
    assert load(inner)["top"] == 4
    write(project / "a" / "lightship.toml", "top = 5\n")
    assert load(inner)["top"] == 5


def test_outside_a_repository_only_the_folder_itself_counts(tmp_path: Path) -> None:
    inner = tmp_path / "shared" / "inner"
    inner.mkdir(parents=True)
    write(tmp_path / "shared" / "lightship.toml", "top = 99\n")
    assert load(inner)["top"] == 10
    write(inner / "lightship.toml", "top = 5\n")
    assert load(inner)["top"] == 5


def test_a_pyproject_without_our_table_is_passed_over(project: Path) -> None:
    inner = project / "package"
    write(inner / "pyproject.toml", "[project]\nname = 'lightship-plugin'\n")
    write(project / "lightship.toml", "top = 4\n")
    assert load(inner)["top"] == 4


def test_another_tools_broken_pyproject_is_not_ours_to_complain_about(project: Path) -> None:
    file = write(project / "pyproject.toml", "[tool.black\n")
    assert load(project)["top"] == 10
    write(file, "[tool.lightship\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml: no TOML"):
        load(project)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_what_a_project_may_set(setting: Setting, project: Path) -> None:
    there = write(project / "there.pem", "")
    samples = {
        "bandwidth": '"1Gbit/s"',
        "platform": '"linux/arm64"',
        "top": "3",
        "color": '"never"',
        "context-builder": '"legacy"',
        "jobs": "2",
        "max-unpacked": '"1GB"',
        "max-entries": "1000",
        "max-depth": "10",
        "cache-dir": '"/tmp/x"',
        "data-dir": '"/tmp/x"',
        "cache-max": "1000",
        "offline": "true",
        "plain-http": '["localhost:5000"]',
        "ca-file": f'"{there}"',
        "auth-file": f'"{there}"',
    }
    line = f"{setting.name} = {samples[setting.name]}\n"
    write(project / "lightship.toml", line)
    if setting.name in {"bandwidth", "platform", "top", "context-builder"}:
        assert load(project).values[setting.name].origin == str(project / "lightship.toml")
    else:
        with pytest.raises(UsageError, match="a project may not set") as raised:
            load(project)
        assert setting.variable in str(raised.value)
        assert str(user_file()) in str(raised.value)
    (project / "lightship.toml").unlink()
    write(user_file(), line)
    assert load(project).values[setting.name].origin == str(user_file())


def test_keys_may_be_written_with_underscores(project: Path) -> None:
    write(user_file(), "max_unpacked = '1MB'\n")
    assert load(project)["max-unpacked"] == 1_000_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bandwith = '1Gbit/s'", "no setting 'bandwith'. Did you mean 'bandwidth'?"),
        ("zzz = 1", "no setting 'zzz'. Known: bandwidth"),
        ("bandwidth = 'fast'", "bandwidth: 'fast' is no bandwidth"),
        ("bandwidth = 5", "bandwidth: 5 is no text"),
        ("top = 0", "top: 0 is no number"),
        ("top = true", "top: True is no number"),
        ("top = 'ten'", "top: 'ten' is no number"),
        ("platform = ''", "platform: '' is no text"),
        ("top = ", "no TOML"),
        ("[budgets]\nx = 1", "no setting 'budgets'"),
    ],
)
def test_mistakes_in_a_file_are_said_with_its_name(line: str, said: str, project: Path) -> None:
    file = write(project / "lightship.toml", line)
    with pytest.raises(UsageError) as raised:
        load(project)
    assert str(raised.value).startswith(f"{file}: ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("LIGHTSHIP_OFFLINE", "perhaps", "neither true nor false"),
        ("LIGHTSHIP_COLOR", "green", "none of auto, always, never"),
        ("LIGHTSHIP_JOBS", "-1", "is no number"),
        ("LIGHTSHIP_CACHE_MAX", "much", "is no size"),
    ],
)
def test_mistakes_in_the_environment_are_said_with_the_variable(
    variable: str, text: str, said: str, project: Path
) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        load(project, **{variable: text})
    assert variable in str(raised.value)


def test_values_from_the_environment(project: Path) -> None:
    settings = load(
        project,
        LIGHTSHIP_OFFLINE="Yes",
        LIGHTSHIP_CACHE_MAX="5GiB",
        LIGHTSHIP_CACHE_DIR="~/x",
        LIGHTSHIP_JOBS="3",
    )
    assert settings["offline"] is True
    assert settings["cache-max"] == 5 * 2**30
    assert settings["cache-dir"] == Path.home() / "x"
    assert settings["jobs"] == 3


def test_a_setting_from_higher_up_does_not_excuse_a_mistake_below(project: Path) -> None:
    write(project / "lightship.toml", "top = 0\n")
    with pytest.raises(UsageError, match="top"):
        load_settings({"top": 3}, environment={}, directory=project)


def test_hosts(project: Path) -> None:
    assert load(project)["plain-http"] == frozenset()
    hosts = load(project, LIGHTSHIP_PLAIN_HTTP=" LOCALHOST:5000, 10.0.0.1,, [::1]:5000")
    assert hosts["plain-http"] == {"localhost:5000", "10.0.0.1", "[::1]:5000"}
    for wrong in ("http://localhost", "a b", "a/b", "host:port"):
        with pytest.raises(UsageError, match="is no host"):
            load(project, LIGHTSHIP_PLAIN_HTTP=wrong)


def test_files_that_must_be_there(project: Path) -> None:
    file = write(project / "ca.pem", "")
    assert load(project, LIGHTSHIP_CA_FILE=str(file))["ca-file"] == file
    with pytest.raises(UsageError, match=r"'/nowhere\.pem' is no file"):
        load(project, LIGHTSHIP_CA_FILE="/nowhere.pem")
    with pytest.raises(UsageError, match="is no file"):
        load(project, LIGHTSHIP_AUTH_FILE=str(project))


def test_tables_are_kept_with_their_origins_the_nearest_first(project: Path) -> None:
    user = write(user_file(), "top = 2\n[check]\nmax-wire = 1\n[profiles.a]\nb = 1\n")
    shared = write(project / "pyproject.toml", "[tool.lightship.check]\nanything = 2\n")
    settings = load(project)
    assert settings["top"] == 2
    assert settings.sections == {
        "check": (
            Section({"anything": 2}, f"{shared} [tool.lightship.check]"),
            Section({"max-wire": 1}, f"{user} [check]"),
        ),
        "lint": (),
        "profiles": (Section({"a": {"b": 1}}, f"{user} [profiles]"),),
        "rules": (),
    }


@pytest.mark.parametrize("name", SECTIONS)
def test_a_table_is_a_table(name: str, project: Path) -> None:
    file = write(project / "lightship.toml", f"{name} = 3\n")
    with pytest.raises(UsageError) as raised:
        load(project)
    assert str(raised.value).startswith(f"{file}: {name} is no table")


def test_what_is_no_file_is_no_settings_file(project: Path) -> None:
    (project / "lightship.toml").mkdir()
    assert load(project)["top"] == 10


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
@given(value=st.one_of(st.text(), st.integers(), st.booleans(), st.floats(), st.lists(st.none())))
def test_any_value_is_read_or_a_usage_error(setting: Setting, value: object) -> None:
    with suppress(UsageError):
        setting.parse(value)


@pytest.mark.parametrize("name", ["x" * 300, "\udcff", "a/" * 3000])
def test_a_name_that_no_file_can_have_is_no_file(name: str) -> None:
    with pytest.raises(UsageError, match="is no file"):
        parse_file(name)
