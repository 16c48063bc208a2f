"""A project of npm: its package.json, and what installs and builds it.

Source: docs.npmjs.com (package.json, npm ci, npm prune), classic.yarnpkg.com, pnpm.io.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from lightship.catalogue.node_packages import BUILDERS, MANAGERS
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.rules.multistage.single import Ran, Single

_MANAGERS = frozenset(("npm", "yarn", "yarnpkg", "pnpm"))
_INSTALLS = frozenset(("ci", "install", "i", "clean-install", "add"))
_WITH_VALUE = tuple(
    """
    --prefix -C --registry --cache --cwd --dir --network-timeout --loglevel --fetch-retries
    --maxsockets --network-concurrency
    """.split()  # noqa: SIM905 - one to a line is a page
)
_OMITS = ("--omit=dev", "--production", "--only=production", "--only=prod", "--prod", "-P")
_NOT_RUNNING = re.compile(
    r"(?:.*/)?(?:tests?|__tests__|__mocks__|specs?|e2e|cypress|stories|docs|examples?)/.*"
    r"|.*[._-](?:test|spec|stories|config|conf|d)\.[cm]?[jt]sx?"
    r"|(?:.*/)?(?:gulpfile|Gruntfile|webpack|rollup|vite|jest|karma|babel|eslint|\.eslintrc"
    r"|setupTests|tailwind|postcss|\.prettierrc|next-env|vitest|commitlint)[\w.-]*",
    re.IGNORECASE,
)
_SOURCE = re.compile(r".*\.[cm]?[jt]sx?")
_IMPORT = re.compile(
    r"(?:\brequire\(\s*|\bimport\(\s*|\bfrom\s+|\bimport\s+)[\"']((?:@[\w.-]+/)?[\w.-]+)"
)
_TYPES = re.compile(r"\b(?:im|ex)port\s+type\s[^;]{0,2000}?\bfrom\s+[\"'][^\"']+[\"']")


class Project(Struct, frozen=True):
    """A project in the builder.

    Attributes:
        folder: absolute.
        scripts: of package.json.
        depends, develops: names of dependencies and devDependencies.
        is_berry: whether it is for Yarn 2 or newer.
    """

    folder: str
    scripts: Mapping[str, str]
    depends: frozenset[str]
    develops: frozenset[str]
    is_berry: bool


def is_manager(ran: Ran) -> bool:
    """Whether it is a package manager, or a program of a package."""
    return ran.name in _MANAGERS or ran.name in ("npx", "corepack", "pnpx", "lerna", "tsc", "ng")


def is_global(ran: Ran) -> bool:
    """Whether it installs programs for the whole image."""
    words = [word.text for word in ran.command.operands(*_WITH_VALUE)]
    return (ran.name in ("npm", "pnpm") and ran.command.has("-g", "--global")) or (
        ran.name == "yarn" and words[:1] == ["global"]
    )


def global_packages(ran: Ran) -> frozenset[str]:
    """Names of what it installs for the whole image, without versions."""
    words = [word.text for word in ran.command.operands(*_WITH_VALUE)]
    found = [word for word in words if word not in (*_INSTALLS, "global")]
    return frozenset(re.sub(r"(?<=.)@[^/]*\Z", "", word) for word in found)


def only_builds(ran: Ran) -> bool:
    """Whether what a global installation brings only builds."""
    return global_packages(ran) <= BUILDERS | MANAGERS


def project_installs(single: Single) -> tuple[Ran, ...]:
    """The commands that install the project's dependencies, in order."""
    found = []
    for ran in single.ran:
        words = [word.text for word in ran.command.operands(*_WITH_VALUE)]
        bare = ran.name in ("yarn", "yarnpkg") and not words and not ran.command.has("--version")
        installs = bare or bool(words and words[0] in _INSTALLS)
        if ran.name in _MANAGERS and not is_global(ran) and installs:
            found.append(ran)
    return tuple(found)


def place_of(ran: Ran) -> str | None:
    """The folder of the project that a package manager is called for."""
    option = ran.option("--prefix", "--cwd", "--dir", "-C")
    return ran.path(option) if option is not None else ran.directory


def is_build(ran: Ran) -> bool:
    """Whether a command builds, rather than installs."""
    words = [word.text for word in ran.command.operands(*_WITH_VALUE)]
    if ran.name in _MANAGERS:
        return bool(words) and (
            words[0] in ("run", "run-script", "exec", "x") or _is_script(words[0])
        )
    return ran.name in ("npx", "tsc", "ng", "webpack", "vite", "gulp", "grunt")


def _is_script(word: str) -> bool:
    return re.fullmatch(r"build(?:[:-].*)?|compile|bundle|generate", word) is not None


def omits(ran: Ran) -> bool:
    """Whether an installation leaves out what only development needs."""
    words = {word.text for word in ran.command.arguments}
    texts = " ".join(word.text for word in ran.command.arguments)
    said = bool(words & set(_OMITS)) or "--omit dev" in texts
    return said or ran.known.get("NODE_ENV") == "production"


def takes_development(single: Single, installs: tuple[Ran, ...]) -> bool:
    """Whether what only development needs is there in the end."""
    if omits(installs[-1]):
        return False
    return not any(ran.name in _MANAGERS and _verb(ran) == "prune" for ran in single.ran)


def _verb(ran: Ran) -> str:
    words = ran.command.operands(*_WITH_VALUE)
    return words[0].text if words else ""


def project_of(single: Single, installs: tuple[Ran, ...]) -> Project:
    """The project that is installed. Raises `CannotTell`."""
    folders = {place_of(ran) for ran in installs}
    if len(folders) != 1 or None in folders:
        raise CannotTell("which of several projects runs: packages are installed in more folders")
    folder = next(iter(folders)) or "/"
    for ran in single.ran:
        place = place_of(ran)
        if is_manager(ran) and not is_global(ran) and not f"{place}/".startswith(f"{folder}/"):
            raise CannotTell(f"which project runs: line {ran.step.line} works outside {folder}")
    if folder == "/":
        raise CannotTell("which files are the application's: it is installed into /")
    text = single.sources.texts.get(posixpath.join(folder, "package.json"))
    if text is None:
        why = single.sources.missing or "no line copies it"
        raise CannotTell(f"what package.json says: {why}")
    try:
        read: Any = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise CannotTell("what package.json says: it is no JSON object")
    if read.get("workspaces"):
        raise CannotTell("which of its workspaces runs")
    manager = str(read.get("packageManager", ""))
    depends = {**_table(read, "dependencies"), **_table(read, "optionalDependencies")}
    rc = single.sources.texts.get(posixpath.join(folder, ".yarnrc.yml"))
    return Project(
        folder=folder,
        scripts={name: str(value) for name, value in _table(read, "scripts").items()},
        depends=frozenset(depends),
        develops=frozenset(_table(read, "devDependencies")) - set(depends),
        is_berry=rc is not None or bool(re.match(r"yarn@[2-9]", manager)),
    )  # fmt: skip


def _table(read: dict[str, Any], key: str) -> dict[str, Any]:
    found = read.get(key)
    return found if isinstance(found, dict) else {}


def check_imports(single: Single, project: Project) -> None:
    """See that no source that may run imports what only development needs. Raises `CannotTell`."""
    for path, text in single.sources.texts.items():
        if not path.startswith(f"{project.folder}/") or not _SOURCE.fullmatch(path):
            continue
        if _NOT_RUNNING.fullmatch(path[len(project.folder) + 1 :]):
            continue
        for name in _IMPORT.findall(_TYPES.sub("", text)):
            if name in project.develops:
                raise CannotTell(
                    f"whether {name[:60]} is needed when it runs: {path.rpartition('/')[2][:60]}"
                    " imports it, and it is a dependency of development"
                )


def locked(single: Single, project: Project) -> frozenset[str]:
    """All packages that the lock file names, or those that package.json does."""
    names = set(project.depends)
    for file, pattern in (
        ("package-lock.json", r'"node_modules/(?:[^"]*node_modules/)?([^"]+)": \{'),
        ("yarn.lock", r'^"?((?:@[\w.-]+/)?[\w.-]+)@'),
        ("pnpm-lock.yaml", r"^  '?/?((?:@[\w.-]+/)?[\w.-]+)[@/]"),
    ):
        text = single.sources.texts.get(posixpath.join(project.folder, file))
        if text is not None:
            names.update(re.findall(pattern, text, re.MULTILINE))
    return frozenset(names)
