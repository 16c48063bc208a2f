"""Python's ordering of versions (PyPA's version specifiers specification, once PEP 440)."""

from __future__ import annotations

import re

from lightship.bases.versions.numbers import Number, checked, number

_VERSION = re.compile(
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_number>[0-9]*))?"
    r"(?:-(?P<post_implied>[0-9]+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_number>[0-9]*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_number>[0-9]*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.ASCII,
)
_PHASES = {"alpha": 1, "a": 1, "beta": 2, "b": 2, "preview": 3, "pre": 3, "c": 3, "rc": 3}
_DEV_ONLY, _RELEASED = 0, 4
_Step = tuple[int, Number]
_NOTHING: Number = number("")


def key(
    version: str,
) -> tuple[Number, tuple[Number, ...], _Step, _Step, _Step, tuple[_Step | tuple[int, str], ...]]:
    """A key that orders like the version.

    Raises:
        ValueError: it is no version by the specification.
    """
    found = _VERSION.fullmatch(checked(version).strip().lower())
    if found is None:
        raise ValueError("no version of Python's")
    release = [number(digits) for digits in found["release"].split(".")]
    while release and release[-1] == _NOTHING:
        release.pop()
    has_post = bool(found["post"] or found["post_implied"])
    pre: _Step = (_RELEASED, _NOTHING)
    if found["pre"]:
        pre = (_PHASES[found["pre"]], number(found["pre_number"]))
    elif found["dev"] and not has_post:
        pre = (_DEV_ONLY, _NOTHING)
    post = number(found["post_implied"] or found["post_number"] or "")
    return (
        number(found["epoch"] or ""),
        tuple(release),
        pre,
        (1, post) if has_post else (0, _NOTHING),
        (0, number(found["dev_number"])) if found["dev"] else (1, _NOTHING),
        tuple(map(_local, re.split(r"[-_.]", found["local"]))) if found["local"] else (),
    )


def _local(segment: str) -> _Step | tuple[int, str]:
    return (1, number(segment)) if segment.isdigit() else (0, segment)
