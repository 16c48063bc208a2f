"""What a final stage begins from, for programs that are static and for those that are not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.catalogue.smaller_bases import smaller_bases
from lightship.rules.multistage.carrying import makes_accounts, needs_shell
from lightship.rules.multistage.installing import is_kept, needed
from lightship.rules.multistage.plan import CannotTell, FinalBase, Kept
from lightship.rules.multistage.systems import System

if TYPE_CHECKING:
    from lightship.rules.multistage.single import Single

_STATIC_IMAGE = "gcr.io/distroless/static-debian12"


def static_base(
    single: Single, kept: tuple[Kept, ...], wanted: str | None
) -> tuple[FinalBase, tuple[Kept, ...]]:
    """The base of a static program, and what is copied so that users have their names.

    Args:
        single: the stage.
        kept: what is copied from the builder.
        wanted: why it needs certificates, time zones, a list of users or /tmp, one clause; None if
            it does not.

    Raises:
        CannotTell: what the container needs is not clear.
    """
    why = needs_shell(single, kept) or _calls_others(single, kept)
    packages = needed(single)
    if why is not None or packages:
        why = why or f"{packages[0]} is installed"
        small = (single.system or System("debian", None)).small(why)
        return replace(small, image=_own_small(single) or small.image), ()
    accounts: tuple[Kept, ...] = ()
    if makes_accounts(single, kept) or _names_user(single):
        accounts = tuple(
            Kept((path,), path, "names of users", owner="")
            for path in ("/etc/passwd", "/etc/group")
        )
    if wanted is not None:
        return FinalBase(image=_STATIC_IMAGE, why=wanted, unpacked_bytes=2 << 20), accounts
    why = "the program is static and needs no other file"
    return FinalBase(image="scratch", why=why, unpacked_bytes=0), accounts


def _calls_others(single: Single, kept: tuple[Kept, ...]) -> str | None:
    """Which line starts a program that is not copied, one clause; None if none does."""
    for one in single.launch.all:
        for program in one.programs:
            if not any(is_kept(path, kept) for path in single.resolved(program)):
                return f"line {one.step.line} starts {program[:60]}"
    return None


def _names_user(single: Single) -> bool:
    """Whether a USER is a name, which a list of users has to have."""
    return any(
        step.keyword == "USER" and not re.fullmatch(r"\d+(?::\d+)?", step.instruction.value)
        for step in single.steps
    )


def shared_base(single: Single, *, only_libc: bool) -> FinalBase:
    """The base of a program that needs the C library that it was built with.

    Args:
        single: the stage.
        only_libc: whether it needs no other library of the system.

    Raises:
        CannotTell: nobody can say which system, or which release, the builder is of.
    """
    if single.system is None:
        raise CannotTell(f"which system {single.image_text} is of, whose C library it needs")
    why = "the program needs the C library that it was built with"
    own = _own_small(single)
    if own is not None:
        return replace(single.system.small(why), image=own)
    return single.system.final(single.image_text, why, only_libc=only_libc)


def _own_small(single: Single) -> str | None:
    """The builder's image itself where it is a small system's, or its small sibling.

    It is of the same release whichever that is.
    """
    name, system = single.image, single.system
    if system is None or name.repository != system.name or "$" in single.image_text:
        return None
    if system.name != "debian" or (name.tag or "").endswith("-slim"):
        return single.image_text
    row = smaller_bases()[system.name]
    tag = row.sibling(name.tag) if name.tag is not None and name.digest is None else None
    return None if tag is None else f"debian:{tag}"
