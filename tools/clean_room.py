"""Shows the two commands on a machine that has only Python 3 and git.

    .venv/bin/python tools/clean_room.py [STEP...]

Makes a minimal Debian root with mmdebstrap, clones this repository's HEAD into it and runs each
STEP there (by default: the demo, the demo once more without any network, and every test). Each step
has mount and process namespaces of its own, so that none of its mounts and daemons outlives it.

Needs root. Where this machine reaches its packages in a way of its own (apt sources, pip's
configuration, certificates, proxies), the room reaches them in the same way.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKOUT = "/srv/lightship"
HOME = Path("/srv/home")
STEPS = ("python3 tools/setup.py demo", "unshare --net make demo", "make test")
PACKAGES = "python3,git,ca-certificates"

APT_OPTIONS = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries")
PIP_CONFIGURATION = ("/etc/pip.conf", "/etc/xdg/pip", "~/.pip", "~/.config/pip")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PASSED_ON = re.compile(
    r"PIP_.*|.*_PROXY|.*CERT.*|.*CA_?(BUNDLE|FILE|INFO|PATH)|SYSTEM", re.IGNORECASE
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def say(text: str) -> None:
    print(f"clean room: {text}", file=sys.stderr, flush=True)


def apt_sources(suite: str) -> list[str]:
    """This machine's apt sources that name `suite`; none means mmdebstrap's own mirror."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    fitting = [path for path in files if path.suffix in {".list", ".sources"} and path.is_file()]
    return sorted(str(path) for path in fitting if suite in path.read_text(encoding="utf-8"))


def apt_options() -> list[str]:
    """How this machine's apt reaches its sources: proxies, checks, retries."""
    shown = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True)
    return [line for line in shown.stdout.splitlines() if line.startswith(APT_OPTIONS)]


def make_root(root: Path, suite: str) -> None:
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={PACKAGES}"]
    command += [f"--aptopt={option}" for option in apt_options()]
    subprocess.run([*command, suite, str(root), *apt_sources(suite)], check=True)
    # mmdebstrap numbers the files it was given; an installed Debian has them by their own names.
    for path in (root / "etc/apt/sources.list.d").glob("0000*"):
        path.rename(path.with_name(path.name.removeprefix("0000")))


def pip_configuration() -> list[Path]:
    paths = [Path(name).expanduser() for name in PIP_CONFIGURATION]
    return [path for path in paths if path.exists()]


def copy_settings(root: Path) -> None:
    """Copies what decides how packages are reached: certificates and pip's configuration."""
    if Path(CERTIFICATES).exists():
        shutil.copy(CERTIFICATES, root / CERTIFICATES.lstrip("/"))
    (root / str(HOME).lstrip("/")).mkdir()
    shutil.copy("/etc/hosts", root / "etc/hosts")
    for path in pip_configuration():
        own = path.is_relative_to(Path.home())
        inside = HOME / path.relative_to(Path.home()) if own else path
        target = root / str(inside).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copy(path, target)


def pip_folders() -> list[Path]:
    """Folders of this machine that pip's configuration names as sources of packages."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    folders = set()
    for scheme, name in re.findall(r"(?<![\w/:])(file://)?(/[^\s'\"\\,]+)", shown):
        # An index in files points to its packages by relative links out of its own folder.
        path = Path(name).parent if scheme else Path(name)
        if path.is_dir() and path != Path("/"):
            folders.add(path)
    return sorted(folders)


def clone(root: Path) -> None:
    target = root / CHECKOUT.lstrip("/")
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(target)], check=True)


def mount_script(root: Path) -> list[str]:
    """Shell lines that furnish the room; they run in a mount namespace of their own."""
    place = shlex.quote(str(root))
    lines = [
        f"mount --bind {place} {place}",
        f"mount -t proc proc {place}/proc",
        f"mount --rbind /sys {place}/sys",
        f"mount --rbind /dev {place}/dev",
    ]
    for folder in pip_folders():
        inside = shlex.quote(f"{root}{folder}")
        lines.append(f"mkdir -p {inside}")
        lines.append(f"mount --bind -o ro {shlex.quote(str(folder))} {inside}")
    return lines


def run_inside(root: Path, step: str) -> int:
    """Runs the shell command `step` in the checkout inside `root`; returns its exit code."""
    inside = f"cd {CHECKOUT} && {step}"
    # A root of its own, not just another folder as root: engines refuse to work in a chroot.
    enter = [f"cd {shlex.quote(str(root))}", "pivot_root . .", "umount -l ."]
    step_line = f"exec /bin/sh -c {shlex.quote(inside)}"
    script = "\n".join(["set -e", *mount_script(root), *enter, step_line])
    environment = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    environment |= {"PATH": PATH, "HOME": str(HOME), "LANG": "C.UTF-8", "TERM": "dumb"}
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return subprocess.run(
        [*namespaces, "sh", "-c", script], check=False, env=environment
    ).returncode


def run_steps(root: Path, steps: list[str]) -> list[str]:
    """Runs `steps` in order up to the first that fails; returns a line for each."""
    lines = []
    for step in steps:
        say(step)
        start = time.monotonic()
        status = run_inside(root, step)
        lines.append(f"exit {status} after {time.monotonic() - start:.0f} s: {step}")
        if status:
            break
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("steps", nargs="*", metavar="STEP", help="shell command to run in it")
    parser.add_argument("--suite", default="bookworm", help="Debian release (default: bookworm)")
    options = parser.parse_args()
    if os.geteuid() != 0:
        say("needs root: run it with sudo")
        return 2
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="lightship-clean-room-") as folder:
        root = Path(folder) / "root"
        say(f"a minimal {options.suite} with {PACKAGES}")
        make_root(root, options.suite)
        copy_settings(root)
        clone(root)
        lines = run_steps(root, options.steps or list(STEPS))
    for line in lines:
        say(line)
    return 0 if all(line.startswith("exit 0 ") for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
