"""What a system keeps about itself: no application, and nothing that a move takes along."""

from __future__ import annotations

ACCOUNT_FILES = frozenset(
    b"etc/" + name + end
    for name in (b"passwd", b"group", b"shadow", b"gshadow", b"subuid", b"subgid")
    for end in (b"", b"-")
)
_FILES = ACCOUNT_FILES | {
    b".dockerenv",
    b"etc/.pwd.lock",
    b"etc/hostname",
    b"etc/hosts",
    b"etc/ld.so.cache",
    b"etc/machine-id",
    b"etc/mtab",
    b"etc/os-release",
    b"etc/resolv.conf",
    b"usr/lib/os-release",
}
_FOLDERS = (
    b"dev/",
    b"etc/alternatives/",
    b"etc/apk/",
    b"etc/apt/",
    b"etc/dpkg/",
    b"etc/rpm/",
    b"etc/yum.repos.d/",
    b"lib/apk/",
    b"proc/",
    b"sys/",
    b"usr/lib/apk/",
    b"usr/lib/sysimage/",
    b"usr/share/doc/",
    b"usr/share/man/",
    b"var/cache/",
    b"var/lib/alternatives/",
    b"var/lib/apk/",
    b"var/lib/apt/",
    b"var/lib/dnf/",
    b"var/lib/dpkg/",
    b"var/lib/pam/",
    b"var/lib/rpm/",
    b"var/lib/systemd/",
    b"var/lib/ucf/",
    b"var/lib/yum/",
    b"var/log/",
)


def is_system_state(path: bytes) -> bool:
    """Whether a file is a system's account of itself: accounts, packages, caches, logs."""
    return path in _FILES or path.startswith(_FOLDERS)
