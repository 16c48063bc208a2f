"""Which JRE stands for a JDK: its image, or its package.

Source: the lists of tags of eclipse-temurin, openjdk, amazoncorretto, maven and gradle on Docker
Hub; packages.debian.org, pkgs.alpinelinux.org.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.rules.multistage.installing import installed, needed
from lightship.rules.multistage.plan import CannotTell, FinalBase

if TYPE_CHECKING:
    from lightship.rules.multistage.single import Single

IMAGES = frozenset(("eclipse-temurin", "openjdk", "amazoncorretto", "maven", "gradle"))
# Versions that eclipse-temurin has as a JRE.
_VERSIONS = frozenset(("8", "11", "17", "21", "25"))
_VARIANT = r"(?P<variant>-(?:alpine(?:-?[\d.]+)?|jammy|focal|noble|ubi\d+-minimal))?"
_TEMURIN = re.compile(rf"(?P<version>(?P<major>\d+)[\w.+]*?)(?:-jdk)?{_VARIANT}")
_OTHERS = {
    "openjdk": re.compile(
        r"(?P<major>\d+)(?:[.u][\w.]*)?(?:-jdk)?(?:-(?:slim|(?:slim-)?(?:buster|bullseye|bookworm|"
        r"stretch)|oracle|oraclelinux\d|oracular|(?P<alpine>alpine[\d.]*)))?"
    ),
    "amazoncorretto": re.compile(
        r"(?P<major>\d+)[\w.]*(?:-al20\d\d)?(?:-jdk)?(?P<alpine>-alpine[\d.]*)?"
    ),
    "maven": re.compile(
        rf"(?:[\w.]+-)?(?:eclipse-temurin|openjdk|jdk|amazoncorretto|adoptopenjdk|ibmjava)-"
        rf"(?P<major>\d+)(?:-slim|-al20\d\d|-debian|-bullseye)?{_VARIANT}"
    ),
    "gradle": re.compile(rf"(?:[\d.]+-)?jdk-?(?P<major>\d+)(?:-hotspot)?{_VARIANT}"),
}  # fmt: skip
_JDK = re.compile(r"(?P<name>openjdk-?\d+|default)(?:-jdk)?(?P<headless>-headless)?")
HAS = frozenset(("java", "keytool", "rmiregistry"))


def jre_base(single: Single) -> tuple[FinalBase, tuple[str, ...]]:
    """The final stage's base, and the package with the JRE if it is of no image of Java.

    Raises:
        CannotTell: it is not known which fits.
    """
    builder = single.builder
    entrypoint = builder is not None and builder.entrypoint
    repository, tag = single.image.repository, single.image.tag or ""
    if "$" in single.image_text:
        raise CannotTell(f"which Java {single.image_text} has: a build argument says it")
    if repository not in IMAGES:
        return _of_system(single)
    if repository == "eclipse-temurin":
        found = _TEMURIN.fullmatch(tag)
    else:
        found = _OTHERS[repository].fullmatch(tag)
    if found is None or found["major"] not in _VERSIONS:
        raise CannotTell(f"which JRE has the version of {single.image_text}: name it in the tag")
    groups = found.groupdict()
    variant = groups.get("variant") or ("-alpine" if groups.get("alpine") else "")
    version = groups.get("version") or found["major"]
    kind = "alpine" if "alpine" in variant else "debian"
    packages = needed(single)
    if packages and (repository in ("openjdk", "amazoncorretto") or "ubi" in variant):
        raise CannotTell(f"which package has what {packages[0]} has on another system")
    # Its own entrypoint runs what it is given, as the builder's does.
    base = FinalBase(
        image=f"eclipse-temurin:{version}-jre{variant}",
        why=f"it runs Java {found['major']}, without the compiler",
        system=kind,
        has=HAS,
        entrypoint=entrypoint,
    )
    return base, packages


def _of_system(single: Single) -> tuple[FinalBase, tuple[str, ...]]:
    system = single.system
    if system is None:
        raise CannotTell(f"which system {single.image_text} is of")
    if "slim" in (single.image.tag or ""):
        # Its packages link manual pages into a folder that slim images have not.
        raise CannotTell(f"how a JRE is installed on {single.image_text}")
    for one in installed(single):
        found = _JDK.fullmatch(one.name)
        if found is None:
            continue
        name = f"{found['name']}-jre{found['headless'] or ''}"
        why = "it is the one that it was built on"
        kind = "alpine" if system.is_musl else "debian"
        base = FinalBase(image=single.image_text, why=why, system=kind, has=HAS)
        rest = (one for one in needed(single) if not re.search(r"-j(?:re|dk)\b|openjdk", one))
        return base, (name, *rest)
    raise CannotTell("where Java comes from: no package of it is installed")
