"""How installers of languages are told to leave out what only development needs.

As of November 2026: npm 11, Yarn 1.22, pnpm 10, Composer 2.9, Bundler 4, Poetry 2, PDM 2.26,
uv 0.9, Pipenv 2025. Source: their documentation.
"""

from __future__ import annotations

from typing import NamedTuple


class DevInstaller(NamedTuple):
    """An installer that takes what development needs along, if nothing is said.

    Attributes:
        programs: names it is called by.
        verbs: subcommands that install a project, each with all its words; "" for none at all.
        said: options that say something about it.
        variables: that say something about it, whatever they say.
        flag: to add; empty where there is none that fits every version.
        instead: what to do where there is no such flag.
        prunes: subcommands that take it away again.
        pruning: options that they need for it.
        manifest: file of the project that lists it, and `marks`: what it says if there is any.
        with_value: options that take the next word.
    """

    programs: frozenset[str]
    verbs: tuple[str, ...]
    said: tuple[str, ...]
    flag: str
    variables: tuple[str, ...] = ()
    prunes: tuple[str, ...] = ()
    manifest: str = ""
    marks: tuple[str, ...] = ()
    with_value: tuple[str, ...] = ()
    instead: str = ""


DEV_INSTALLERS = (
    DevInstaller(
        programs=frozenset(("npm",)),
        verbs=("ci", "install", "i", "clean-install"),
        said=("--omit", "--production", "--only", "--prod", "--include", "-g", "--global"),
        flag="--omit=dev",
        variables=("NODE_ENV", "npm_config_omit", "NPM_CONFIG_OMIT", "NPM_CONFIG_PRODUCTION"),
        prunes=("prune",),
        manifest="package.json",
        marks=("devDependencies",),
        with_value=("--prefix", "-C", "-w", "--workspace", "--registry", "--cache"),
    ),
    DevInstaller(
        programs=frozenset(("yarn", "yarnpkg")),
        verbs=("", "install"),
        said=("--production", "--prod", "--immutable", "--version", "-v", "--mode", "--help"),
        flag="--production",
        variables=("NODE_ENV", "YARN_PRODUCTION"),
        prunes=("install", ""),
        manifest="package.json",
        marks=("devDependencies",),
        with_value=("--cwd", "--registry", "--network-timeout", "--cache-folder"),
    ),
    DevInstaller(
        programs=frozenset(("pnpm",)),
        verbs=("install", "i"),
        said=("--prod", "--production", "-P", "--dev", "-D", "-g", "--global"),
        flag="--prod",
        variables=("NODE_ENV",),
        prunes=("prune",),
        manifest="package.json",
        marks=("devDependencies",),
        with_value=("-C", "--dir", "--filter", "-F"),
    ),
    DevInstaller(
        programs=frozenset(("composer", "composer.phar")),
        verbs=("install", "i"),
        said=("--no-dev",),
        flag="--no-dev",
        variables=("COMPOSER_NO_DEV",),
        prunes=("install",),
        manifest="composer.json",
        marks=("require-dev",),
        with_value=("-d", "--working-dir"),
    ),
    DevInstaller(
        programs=frozenset(("bundle", "bundler")),
        verbs=("install",),
        said=("--without", "--only"),
        flag="",
        variables=("BUNDLE_WITHOUT", "BUNDLE_ONLY"),
        manifest="Gemfile",
        marks=("group", "groups"),
        with_value=("--jobs", "-j", "--retry", "--gemfile", "--path"),
        instead="no option says it in every version; set BUNDLE_WITHOUT",
    ),
    DevInstaller(
        programs=frozenset(("poetry",)),
        verbs=("install", "sync"),
        said=("--only", "--without", "--no-dev", "--only-root", "--with"),
        flag="--only=main",
        variables=("POETRY_WITHOUT", "POETRY_ONLY"),
        manifest="pyproject.toml",
        marks=("[tool.poetry.group.", "[tool.poetry.dev-dependencies]", "[dependency-groups]"),
        with_value=("-C", "--directory", "-P", "--project", "-E", "--extras"),
    ),
    DevInstaller(
        programs=frozenset(("pdm",)),
        verbs=("install", "sync"),
        said=("--prod", "--production", "--without", "--no-default", "-G", "--group"),
        flag="--prod",
        manifest="pyproject.toml",
        marks=("[tool.pdm.dev-dependencies]", "[dependency-groups]"),
        with_value=("-p", "--project", "-L", "--lockfile"),
    ),
    DevInstaller(
        programs=frozenset(("uv",)),
        verbs=("sync",),
        said=("--no-dev", "--no-default-groups", "--only-group", "--no-group", "--only-dev"),
        flag="--no-dev",
        variables=("UV_NO_DEV", "UV_NO_DEFAULT_GROUPS"),
        prunes=("sync",),
        manifest="pyproject.toml",
        marks=("[dependency-groups]", "dev-dependencies"),
        with_value=("--project", "--directory", "--python", "-p", "--extra"),
    ),
)
