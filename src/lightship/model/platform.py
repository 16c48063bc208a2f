"""Platforms: operating system, architecture, variant (OCI image-spec, image-index.md)."""

from __future__ import annotations

import os

from msgspec import Struct

_MACHINES = {
    "x86_64": ("amd64", ""),
    "amd64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "arm64": ("arm64", ""),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "i386": ("386", ""),
    "i686": ("386", ""),
}
# Variants that containerd's normalisation drops or fills in: arm64 is arm64/v8, arm is arm/v7.
_SAME = {("arm64", "v8"): "", ("amd64", "v1"): ""}


class Platform(Struct, frozen=True):
    """One platform; `variant` is empty where there is none."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read `linux/arm64/v8`, `linux/amd64` or `arm64` (then the system is linux).

        Raises:
            ValueError: there are more than three parts, or an empty one.
        """
        parts = text.strip().lower().split("/")
        if len(parts) == 1:
            parts.insert(0, "linux")
        if len(parts) > 3 or not all(parts):
            raise ValueError(f"{text!r} is no platform")
        system, machine, *variant = parts
        architecture, implied = _MACHINES.get(machine, (machine, ""))
        return cls(system, architecture, variant[0] if variant else implied)

    @classmethod
    def here(cls) -> Platform:
        """`linux/<this machine's>`: containers are Linux also where the machine is not."""
        machine = os.uname().machine.lower()
        architecture, variant = _MACHINES.get(machine, (machine, ""))
        return cls("linux", architecture, variant)

    def matches(self, wanted: Platform) -> bool:
        """Whether an image of this platform serves one who wants `wanted`."""
        if (self.os, self.architecture) != (wanted.os, wanted.architecture):
            return False
        mine = _SAME.get((self.architecture, self.variant), self.variant)
        theirs = _SAME.get((wanted.architecture, wanted.variant), wanted.variant)
        return not theirs or mine == theirs
