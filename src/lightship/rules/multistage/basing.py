"""What a final stage begins from, for programs that are static and for those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.multistage.carrying import makes_accounts, needs_shell
from lightship.rules.multistage.installing import needed
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
    shell = needs_shell(single, kept)
    packages = needed(single)
    if shell is not None or packages:
        why = shell or f"{packages[0]} is installed"
        return (single.system or System("debian", None)).small(why), ()
    accounts: tuple[Kept, ...] = ()
    if makes_accounts(single, kept):
        accounts = tuple(
            Kept((path,), path, "the users that were made", owner="")
            for path in ("/etc/passwd", "/etc/group")
        )
    if wanted is not None:
        return FinalBase(image=_STATIC_IMAGE, why=wanted, unpacked_bytes=2 << 20), accounts
    why = "the program is static and needs no other file"
    return FinalBase(image="scratch", why=why, unpacked_bytes=0), accounts


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
    return single.system.final(single.image_text, why, only_libc=only_libc)
