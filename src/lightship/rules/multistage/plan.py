"""What a language says about a Dockerfile that builds in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.edit import Edit
    from lightship.rules.multistage.single import Single


class CannotTell(Exception):  # noqa: N818 - no error: an answer that ends the looking
    """What is missing for a rewrite, as one clause without a full stop: nothing is written."""


class NotItsProgram(CannotTell):
    """What the container starts is not what is built: nothing says that the build has to go."""


class Kept(Struct, frozen=True):
    """What is copied from the builder into the final stage.

    Attributes:
        sources: absolute paths in the builder; files, or one directory.
        target: where to: a file's own path, or a directory with a slash at its end.
        why: in a few words, for people: `the program`.
        owner: for `--chown`; empty for as it is, None for the user that builds, if it is not root.
    """

    sources: tuple[str, ...]
    target: str
    why: str
    owner: str | None = None


class FinalBase(Struct, frozen=True, kw_only=True):
    """The image that the final stage begins from.

    Attributes:
        image: `scratch`, `debian:bookworm-slim`.
        why: one clause.
        system: whose packages it can install: `debian` (Ubuntu too), `alpine`; None for a base
            without shell and package manager.
        has: programs that it has beside those of every such system: `python3`, `node`.
        unpacked_bytes: of its files, roughly; None if it is not known.
        entrypoint: whether it has an ENTRYPOINT of its own. Where the builder's image has none, or
            has one and this has not, the file has to say its own.
    """

    image: str
    why: str
    system: str | None = None
    has: frozenset[str] = frozenset()
    unpacked_bytes: int | None = None
    entrypoint: bool = False


class Plan(Struct, frozen=True, kw_only=True):
    """What the final stage needs.

    Attributes:
        language: for people: `Go`.
        base: what it begins from.
        kept: what is copied from the builder, in this order.
        packages: of the base's system, to be installed.
        commands: shell commands to run once all is copied: `ldconfig`.
        edits: of the builder's instructions.
        edited: positions of the instructions that `edits` are in.
        tools: what the builder keeps for itself, for people: `the Go toolchain`.
        left: what else is left out and why, each one clause.
        starts: the command line of the final stage instead of the file's ENTRYPOINT and CMD, which
            stay in the builder; empty for the base's own; None for the file's.
        unneeded: variables of ENV that only the builder reads; `*` at the end stands for any rest.
        repeats: positions of COPY, ADD and RUN that the final stage has too, as they are written;
            the builder loses those behind its last own one.
        recommends: whether `packages` are installed with what they recommend.
        notes: what a person has to check, each one sentence.
    """

    language: str
    base: FinalBase
    kept: tuple[Kept, ...]
    packages: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    edited: frozenset[int] = frozenset()
    tools: str
    left: tuple[str, ...] = ()
    starts: tuple[str, ...] | None = None
    unneeded: tuple[str, ...] = ()
    repeats: frozenset[int] = frozenset()
    recommends: bool = False
    notes: tuple[str, ...] = ()


class Language(Struct, frozen=True):
    """One language.

    Attributes:
        name: for people.
        builds: whether the stage builds in it at all; quick, and never raises.
        recognise: the plan. Raises `CannotTell`. Only asked where `builds` says yes.
        last: whether it is only asked where no other language builds: what builds in it also
            builds parts of programs in others.
    """

    name: str
    builds: Callable[[Single], bool]
    recognise: Callable[[Single], Plan]
    last: bool = False
