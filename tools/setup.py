"""Sets lightship up, from nothing but Python 3 and git.

    python3 tools/setup.py GOAL     as `make GOAL`, where even make may be missing: demo, test...
    python3 tools/setup.py base     .venv with lightship and what it needs to run
    python3 tools/setup.py dev      the same, with the tools and libraries of its tests
    python3 tools/setup.py full     the same, and the system packages of tools/system-packages.txt
    python3 tools/setup.py tools    only make and venv, where they are missing

As root it installs what is missing; otherwise it prints the one command that helps. SYSTEM=no
leaves the system packages out. Nothing is fetched when everything is there.
"""

# Any Python 3 must be able to parse this file, so that an old one can say which newer one to use:
# no f-strings, no annotations, nothing but the standard library.

import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys

OLDEST_PYTHON = (3, 11)
OTHER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SYSTEM_LIST = os.path.join(ROOT, "tools", "system-packages.txt")

# What `pip install` is given; a later one holds all of an earlier one.
EXTRAS = {"base": "", "dev": "[dev]"}
LEVELS = ("base", "dev")
GOALS_WITH_SYSTEM = ("setup", "test", "acceptance", "bench")

STAMP_NAME = "lightship-setup.json"
STAMP_FORMAT = 1
# A change of anything else in pyproject.toml leaves what is installed as it was.
INSTALLED_PARTS = (
    "name",
    "requires-python",
    "dependencies",
    "optional-dependencies",
    "scripts",
    "gui-scripts",
    "entry-points",
)

POLICY = "/usr/sbin/policy-rc.d"
POLICY_TEXT = (
    "#!/bin/sh\n# lightship's tools/setup.py: no service starts while it installs\nexit 101\n"
)
APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")


class SetupError(Exception):
    """What is wrong, and what to do about it."""


def say(text):
    sys.stderr.write("setup: " + text + "\n")
    sys.stderr.flush()


# The interpreter


def version_of(program):
    """(major, minor) of the interpreter `program`, None if it does not run."""
    # A name on PATH proves nothing: version managers leave shims for what is not installed.
    code = "import sys; print('%d %d' % sys.version_info[:2])"
    try:
        words = subprocess.check_output([program, "-c", code], stderr=subprocess.DEVNULL).split()
    except (OSError, subprocess.CalledProcessError):
        return None
    return (int(words[0]), int(words[1])) if len(words) == 2 else None


def find_python():
    """Path of a Python on PATH that is new enough, None if there is none."""
    for name in OTHER_PYTHONS:
        path = shutil.which(name)
        if path is not None and (version_of(path) or (0, 0)) >= OLDEST_PYTHON:
            return path
    return None


def hand_over(argv):
    """Goes on in a Python that is new enough; an old one has nothing more to do here."""
    path = find_python()
    if path is None:
        install([["python3.11"], ["python3.11-venv"]], "lightship needs Python 3.11 or newer")
        path = find_python()
    if path is None:
        raise SetupError("python3.11 was installed, but is not on PATH: " + os.environ["PATH"])
    os.execv(path, [path, os.path.abspath(__file__)] + argv)


def base_python():
    """The interpreter under the running one: a venv must not be built upon a venv."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


# System packages


def read_system_list(path=SYSTEM_LIST):
    """Rows of the list: dicts of `packages` and `commands` (each: any one is enough) and `reason`."""
    rows = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            text, _, reason = line.partition("#")
            packages, _, commands = text.partition(":")
            if packages.strip():
                row = {"packages": alternatives(packages), "commands": alternatives(commands)}
                row["reason"] = reason.strip()
                rows.append(row)
    return rows


def alternatives(text):
    return [word.strip() for word in text.split("|")]


def has_command(name):
    # Daemons live in sbin, which is not on everybody's PATH.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin:/usr/sbin:/sbin"])
    return shutil.which(name, path=path) is not None


def missing_rows(rows):
    return [row for row in rows if not any(has_command(name) for name in row["commands"])]


def system_wanted():
    return os.environ.get("SYSTEM", "").lower() != "no"


def apt_knows(package):
    command = ["apt-cache", "show", "--no-all-versions", package]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.call(command, **quiet) == 0


def choose(packages):
    """The first name that apt has, else the last: the oldest, which most releases have."""
    if shutil.which("apt-cache") is not None:
        for package in packages:
            if apt_knows(package):
                return package
    return packages[-1]


def choose_all(wanted):
    return sorted({choose(packages) for packages in wanted})


def missing_system_packages():
    """Missing rows of the list, shown before anything is installed."""
    rows = missing_rows(read_system_list()) if system_wanted() else []
    if rows:
        say("the tests use these system packages, which are missing here:")
        for row in rows:
            say("  {:<24} {}".format(" | ".join(row["packages"]), row["reason"]))
    return [row["packages"] for row in rows]


def missing_tools(with_make):
    """Packages (lists of alternatives) of the tools this file itself needs."""
    missing = []
    if with_make and shutil.which("make") is None:
        missing.append(["make"])
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        missing.append(["python{}.{}-venv".format(*sys.version_info[:2]), "python3-venv"])
    return missing


def install(wanted, reason, otherwise=""):
    """Installs one of each list of alternatives in `wanted`, or says which one command does."""
    if not wanted:
        return
    if shutil.which("apt-get") is None:
        text = "{}. Here is no apt-get; install what Debian calls:\n\n  {}{}"
        raise SetupError(text.format(reason, " ".join(choose_all(wanted)), otherwise))
    if os.geteuid() != 0:
        command = " ".join(list(APT_INSTALL) + choose_all(wanted))
        raise SetupError("{}. Run:\n\n  sudo {}{}".format(reason, command, otherwise))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    # --no-remove: better to stop than to replace another maker's packages of the same programs.
    options = ["--no-remove", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"]
    with one_at_a_time(os.path.dirname(POLICY)), no_service_starts():
        subprocess.call(["apt-get", "update", "-q"], env=environment)
        command = list(APT_INSTALL) + options + choose_all(wanted)
        say(" ".join(command))
        status = subprocess.call(command, env=environment)
    if status != 0:
        text = "{}, and apt-get could not install them; its words are above. Once it can, run:\n\n  {}{}"
        command = " ".join(list(APT_INSTALL) + choose_all(wanted))
        raise SetupError(text.format(reason, command, otherwise))


@contextlib.contextmanager
def no_service_starts(policy=POLICY):
    """Keeps the services of new packages from starting; a policy already there stays as it is."""
    if is_our_policy(policy):
        os.unlink(policy)  # a run that was killed left it
    try:
        handle = os.open(policy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
    except FileExistsError:
        say("{} exists and decides which services start".format(policy))
        yield
        return
    # dpkg must not be cut off half-way: a signal is heeded once apt-get has ended.
    heard = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, lambda n, _: heard.append(n))) for number in numbers]
    try:
        with os.fdopen(handle, "w") as file:
            file.write(POLICY_TEXT)
        os.chmod(policy, 0o755)  # whatever the umask
        yield
    finally:
        os.unlink(policy)
        for number, handler in before:
            signal.signal(number, handler)
        if heard:
            sys.exit(128 + heard[0])


def is_our_policy(policy):
    try:
        with open(policy, encoding="utf-8", errors="replace") as file:
            return file.read() == POLICY_TEXT
    except FileNotFoundError:
        return False


# The virtual environment


def fingerprint(root):
    """Digest of what decides the content of .venv: parts of pyproject.toml, and the place."""
    import tomllib

    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        document = tomllib.load(file)
    project = document.get("project", {})
    parts = {
        "place": os.path.realpath(root),  # scripts of a venv name their interpreter's full path
        "build-system": document.get("build-system"),
        "hatch": document.get("tool", {}).get("hatch"),
        "project": {name: project.get(name) for name in INSTALLED_PARTS},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def stamp_for(root, level):
    return {
        "format": STAMP_FORMAT,
        "level": level,
        "python": "{} {}".format(base_python(), sys.version.split()[0]),
        "project": fingerprint(root),
    }


def read_stamp(venv):
    """The stamp of a finished .venv, None where it is missing, half-written or its Python is gone."""
    if not os.path.exists(os.path.join(venv, "bin", "python")):
        return None
    try:
        with open(os.path.join(venv, STAMP_NAME), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) and stamp.get("level") in LEVELS else None


def write_stamp(venv, stamp):
    path = os.path.join(venv, STAMP_NAME)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file)
    os.replace(path + ".new", path)


def throw_away(path):
    if os.path.islink(path):
        os.unlink(path)
    elif os.path.exists(path):
        shutil.rmtree(path)


@contextlib.contextmanager
def one_at_a_time(folder):
    """Two set-ups that work on `folder` wait for each other."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make_venv(venv):
    # In a process of its own: the running Python may be of the .venv that was just thrown away.
    if subprocess.call([base_python(), "-I", "-m", "venv", venv]) != 0:
        raise SetupError("python -m venv failed; its words are above")


def pip_install(root, venv, level):
    # -I keeps PYTHONPATH and the user's own packages out; pip's settings stay the machine's.
    command = [os.path.join(venv, "bin", "python"), "-I", "-m", "pip", "install", "--quiet"]
    environment = dict(os.environ)
    environment.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    target = root + EXTRAS[level]
    if subprocess.call(command + ["--editable", target], env=environment) != 0:
        raise SetupError(
            "pip could not install; its words are above. The first time needs a package index; "
            "once one can be reached, run:\n\n  {} {} {}".format(
                shlex.quote(sys.executable), shlex.quote(os.path.abspath(__file__)), level
            )
        )


def ensure_venv(level, root=ROOT, create=make_venv, fill=pip_install):
    """Makes `root`/.venv hold at least `level`; does nothing where its stamp says it does."""
    venv = os.path.join(root, ".venv")
    with one_at_a_time(root):
        wanted = stamp_for(root, level)
        stamp = read_stamp(venv)
        if stamp is None or dict(stamp, level=level) != wanted:
            say("making .venv ({})".format(level))
            throw_away(venv)
            create(venv)
        elif LEVELS.index(stamp["level"]) >= LEVELS.index(level):
            return
        else:
            say("adding to .venv ({})".format(level))
            os.unlink(os.path.join(venv, STAMP_NAME))
        fill(root, venv, level)
        write_stamp(venv, wanted)  # last: without it, what is there counts as half-made


# Goals


def ensure_packages(with_make, with_system):
    """Installs what is missing in one go, so that without root one command is enough."""
    wanted = missing_tools(with_make)
    reason = "The set-up needs {}Python's venv".format("make and " if with_make else "")
    system = missing_system_packages() if with_system else []
    if not system:
        install(wanted, reason)
        return
    otherwise = (
        "\n\nor leave out the tests that need them:\n\n  SYSTEM=no python3 tools/setup.py test"
    )
    install(wanted + system, "The tests need system packages", otherwise)


def run(argv):
    goal = argv[0] if argv else "help"
    if goal in ("-h", "--help"):
        sys.stdout.write(__doc__)
        return
    for word in argv:  # NAME=value means the same as it does for make
        if word.startswith("SYSTEM="):
            os.environ["SYSTEM"] = word.partition("=")[2]
    if sys.version_info < OLDEST_PYTHON:
        hand_over(argv)
    if goal == "tools":
        ensure_packages(True, False)
    elif goal in LEVELS or goal == "full":
        ensure_packages(False, goal == "full")
        ensure_venv("dev" if goal == "full" else goal)
    else:
        ensure_packages(True, goal in GOALS_WITH_SYSTEM)
        sys.stdout.flush()
        python = "PYTHON=" + base_python()
        os.execvp("make", ["make", "--no-print-directory", "-C", ROOT, python] + argv)


def main(argv):
    try:
        run(argv)
    except SetupError as error:
        say(str(error) + "\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
