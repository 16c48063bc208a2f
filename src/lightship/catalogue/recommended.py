"""What Debian's packages recommend and programs often need, for those that many images install.

As of November 2026: Debian 12 and 13, Ubuntu 24.04; by way of their libraries too (`curl` gets
`ca-certificates` through libcurl). Source: the fields Recommends of the archives' Packages files.
"""

from __future__ import annotations

RECOMMENDED: dict[str, tuple[str, ...]] = {
    "apache2": ("ssl-cert",),
    "build-essential": ("fakeroot", "libalgorithm-merge-perl"),
    "cmake": ("gcc", "make"),
    "cron": ("a mail server",),
    "curl": ("ca-certificates",),
    "docker.io": ("ca-certificates", "git", "xz-utils"),
    "gcc": ("libc6-dev",),
    "git": ("ca-certificates", "openssh-client", "patch", "less"),
    "imagemagick": ("ghostscript",),
    "libcurl4": ("ca-certificates",),
    "nodejs": ("ca-certificates",),
    "npm": ("git", "build-essential"),
    "openssh-client": ("xauth",),
    "php-cli": ("php-readline",),
    "python3-pip": ("build-essential", "python3-dev"),
    "r-base": ("r-recommended", "r-base-dev"),
    "r-base-core": ("r-recommended", "r-base-dev"),
    "software-properties-common": ("gnupg", "ca-certificates"),
    "texlive-latex-base": ("lmodern",),
    "wget": ("ca-certificates",),
    "youtube-dl": ("ffmpeg", "ca-certificates"),
    "yt-dlp": ("ffmpeg", "ca-certificates"),
}
