"""Where `make install` and the like put what they install."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Ran, Single

_DEFAULT = "/usr/local"
_SYSTEM = frozenset(("/", "/usr", "/bin", "/lib", "/etc", "/var"))
# Images with nothing of their own in /usr/local.
_PLAIN = frozenset(("debian", "ubuntu", "alpine", "buildpack-deps"))
_OUTSIDE = re.compile(r"--(?:sysconfdir|localstatedir|datadir|libdir|bindir|sbindir)=(/\S+)")


def prefixes(single: Single) -> tuple[str, ...]:
    """The folders that are installed into; empty if nothing is.

    Raises:
        CannotTell: it is the system's own, or holds what the image came with.
    """
    found = {}
    for ran in single.ran:
        if _installs(ran):
            found[_prefix(single, ran)] = ran
    for folder, ran in found.items():
        line = ran.step.line
        if folder in _SYSTEM:
            raise CannotTell(
                f"which files line {line} installs: they go into {folder}, among the system's"
            )
        if folder == _DEFAULT and single.image.repository not in _PLAIN:
            raise CannotTell(
                f"which files line {line} installs: {single.image_text} has its own in {folder}"
            )
        for other in _outside(single, folder):
            raise CannotTell(f"which files line {line} installs into {other}, outside {folder}")
    return tuple(sorted(found))


def _installs(ran: Ran) -> bool:
    words = [word.text for word in ran.command.operands("-C", "-j", "-f", "--target")]
    target = ran.option("--target", "-t")
    if ran.name in ("make", "gmake", "ninja", "meson", "samu"):
        return any(re.fullmatch(r"install(?:[-/]\w+)?", word) for word in words)
    is_target = target is not None and target.text.startswith("install")
    return ran.name == "cmake" and (ran.command.has("--install") or is_target)


def _prefix(single: Single, ran: Ran) -> str:
    settings = dict(
        word.text.partition("=")[::2] for word in ran.command.arguments if "=" in word.text
    )
    settings |= {name: value for name, value in ran.known.items() if name == "DESTDIR" and value}
    destination = settings.get("DESTDIR", "")
    given = settings.get("PREFIX") or settings.get("prefix")
    option = ran.option("--prefix")
    prefix = given or (option.text if option is not None else None) or _configured(single, ran)
    if prefix is None:
        prefix = _DEFAULT
    path = f"{destination}{prefix}"
    if "$" in path or not path.startswith("/"):
        raise CannotTell(f"where line {ran.step.line} installs: {path[:60]}")
    if destination:
        raise CannotTell(
            f"where the files of line {ran.step.line} go from {destination[:60]}: DESTDIR only"
            " collects them"
        )
    return path.rstrip("/") or "/"


def _configured(single: Single, install: Ran) -> str | None:
    """The prefix that the configuration before it in the same folder, or at all, gives."""
    found = None
    for ran in single.ran:
        if ran.step.position > install.step.position:
            break
        for word in ran.command.arguments:
            match = re.fullmatch(
                r"(?:--prefix|-DCMAKE_INSTALL_PREFIX(?::PATH)?|-Dprefix)=(\S+)", word.text
            )
            if match is not None:
                text = ran.text(word)
                found = text.partition("=")[2] if text is not None else match[1]
        if ran.name in ("configure", "meson") and (option := ran.option("--prefix")) is not None:
            found = ran.text(option) or option.text
    return found


def _outside(single: Single, folder: str) -> Iterator[str]:
    for ran in single.ran:
        for word in ran.command.arguments:
            match = _OUTSIDE.fullmatch(word.text)
            if match is not None and not f"{match[1]}/".startswith(f"{folder}/"):
                yield match[1]
