"""Runs shell scripts in a root of their own, where every program is a stub or a busybox applet.

A program for `unshare`, by the standard library alone. It reads one JSON request a line:

- `programs`: names of programs there shall be, as stubs; `folders` that shall be there;
- `runs`: each with `arguments` (of the shell, the script last), `environment` and `folder`;
- `failing`: the calls that fail, each `NUMBER<TAB>WORDS`: the NUMBERth call with these words.

and writes one line: `status` of the last run (the first that fails ends it; -1 if it took too
long), `calls` in their order and `files` of the root afterwards. Its argument is a folder with
`dash`, `bash`, `busybox`, their libraries and the stub (`make_tools`).
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHELLS = ("dash", "bash", "busybox")
_NAMES = """
[ awk basename cat chmod chown cp cut dirname echo env expr false find grep head ln ls mkdir mv
printf pwd readlink rm rmdir sed seq sleep sort tail tee test touch tr true uname uniq wc xargs
"""
APPLETS = tuple(_NAMES.split())
# Those that change files are called like the stubs: written down, and failing when they have to.
_WRITERS = ("chmod", "chown", "cp", "ln", "mkdir", "mv", "rm", "rmdir", "sed", "touch")
_SECONDS = 5.0
_MOST_BYTES = 100_000
_BIND, _READ_ONLY, _REMOUNT = 4096, 1, 32
_KEPT = (".tools", "dev")
_STUB = r"""#!/.tools/dash
trap '' PIPE
name=${0##*/}
key=$name
for word; do
    case $name:$word in
    *:--no-cache-dir | uv:--no-cache | apk:--no-cache | sudo:--no-cache) ;;
    *) key="$key $word" ;;
    esac
done
number=1
while IFS= read -r line; do
    [ "$line" != "$key" ] || number=$((number + 1))
done < /.log/keys
printf '%s\n' "$key" >> /.log/keys
exported=$(export -p)
printf '%s\t%s\036%s\036%s\n\035' "$number" "$key" "$PWD" "$exported" >> /.log/calls
while IFS= read -r line; do
    [ "$line" != "$number	$key" ] || exit 1
done < /.log/failing
case $key in
"apt-get update"* | "apt update"*) : > /var/lib/apt/lists/list ;;
"curl "* | "wget "*)
    last=
    for word; do
        case $last:$word in
        -*[oO]:[!-]* | --output:* | --output-document:*) : >> "$word" ;;
        *://*/?*) : >> "${word##*/}" ;;
        esac
        last=$word
    done 2> /dev/null ;;
"git clone "*)
    for word; do
        case $word in *://*/?*) word=${word##*/}; last=${word%.git} ;; -*) ;; *) last=$word ;; esac
    done
    /.tools/busybox mkdir -p "$last/.git" 2> /dev/null ;;
"apk del "* | "apt-get purge "* | "dnf remove "*)
    for word; do /.tools/busybox rm -f "/.bin/$word"; done ;;
"mktemp"*)
    case $key in *" -d"*) /.tools/busybox mkdir "/tmp/$number" ;; *) : > "/tmp/$number" ;; esac
    printf '/tmp/%s\n' "$number"
    exit ;;
"sudo "*)
    while case $1 in -*) ;; *) false ;; esac; do shift; done
    exec "$@" ;;
esac
[ ! -e "/.tools/writers/$name" ] || exec /.tools/busybox "$name" "$@"
printf '%s\n' "$name" 2> /dev/null
exit 0
"""


def make_tools(folder: Path) -> None:
    """Copy the shells and their libraries, and write the stub."""
    (folder / "lib").mkdir(parents=True)
    (folder / "applets").mkdir()
    (folder / "writers").mkdir()
    libraries: set[str] = set()
    for name in SHELLS:
        program = shutil.which(name)
        if program is None:
            message = f"{name} is not installed"
            raise FileNotFoundError(message)
        shutil.copy(program, folder / name)
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
        words = listed.stdout.split() if not listed.returncode else []
        libraries.update(word for word in words if word.startswith("/"))
    for library in libraries:
        shutil.copy(library, folder / "lib" / Path(library).name)
    (folder / "libraries").write_text("\n".join(sorted(libraries)), encoding="utf-8")
    for name in APPLETS:
        if name in _WRITERS:
            (folder / "writers" / name).touch()
        else:
            (folder / "applets" / name).symlink_to("../busybox")
    (folder / "stub").write_text(_STUB, encoding="utf-8")
    (folder / "stub").chmod(0o755)


def _mount(source: str, target: str, kind: str, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, None):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def _make_root(tools: Path) -> Path:
    root = Path(tempfile.mkdtemp())
    _mount("tmpfs", str(root), "tmpfs", 0)
    (root / ".tools").mkdir()
    (root / "dev").mkdir()
    (root / "dev" / "null").touch()
    _mount("/dev/null", f"{root}/dev/null", "", _BIND)
    _mount(str(tools), f"{root}/.tools", "", _BIND)
    _mount("", f"{root}/.tools", "", _BIND | _REMOUNT | _READ_ONLY)
    return root


def _fill(root: Path, request: dict[str, Any]) -> None:
    """Empty the root, and put in what a request asks for."""
    for path in root.iterdir():
        if path.name not in _KEPT:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    for name in ("/.log", "/.bin", "/tmp", "/root", *request["folders"]):  # noqa: S108 - in the scratch root
        Path(f"{root}{name}").mkdir(parents=True, exist_ok=True)
    for name in ("keys", "calls", "failing"):
        (root / ".log" / name).touch()
    (root / ".log" / "failing").write_text(
        "".join(f"{line}\n" for line in request["failing"]), encoding="latin-1"
    )
    for library in (root / ".tools" / "libraries").read_text(encoding="utf-8").split():
        _link(root, library, f"/.tools/lib/{Path(library).name}")
    for name in ("/bin/sh", "/bin/dash", "/.bin/sh", "/.bin/dash"):
        _link(root, name, "/.tools/dash")
    for name in ("/bin/bash", "/.bin/bash", "/usr/bin/bash"):
        _link(root, name, "/.tools/bash")
    for name in (*_WRITERS, *request["programs"]):
        _link(root, name if "/" in name else f"/.bin/{name}", "/.tools/stub")


def _link(root: Path, name: str, target: str) -> None:
    path = Path(f"{root}{name}")
    with contextlib.suppress(FileExistsError, NotADirectoryError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def _run(root: Path, run: dict[str, Any], deadline: float) -> int:
    child = os.fork()
    if not child:
        try:
            os.setsid()
            null = os.open("/dev/null", os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.chroot(root)
            os.chdir(run["folder"])
            program, *arguments = run["arguments"]
            os.execve(program, [program, *arguments], run["environment"])  # noqa: S606 - no shell wanted
        finally:
            os._exit(126)
    ended = os.pidfd_open(child)
    try:
        in_time = select.select([ended], [], [], max(0.0, deadline - time.monotonic()))[0]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    finally:
        os.close(ended)
    if not in_time:
        return -1
    return os.waitstatus_to_exitcode(status) % 256


def _files(root: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for folder, names, files in os.walk(root):
        if folder == str(root):
            names[:] = [name for name in names if name not in (".tools", ".log", ".bin", "dev")]
        for name in (*names, *files):
            path = Path(folder, name)
            state = path.lstat()
            content = str(path.readlink()) if path.is_symlink() else None
            if stat.S_ISREG(state.st_mode):
                content = path.read_bytes()[:_MOST_BYTES].decode("latin-1")
            found[str(path)[len(str(root)) :]] = [state.st_mode, content]
    return found


def _answer(root: Path, request: dict[str, Any]) -> dict[str, Any]:
    _fill(root, request)
    status, deadline = 0, time.monotonic() + _SECONDS
    for run in request["runs"]:
        Path(f"{root}{run['folder']}").mkdir(parents=True, exist_ok=True)
        status = _run(root, run, deadline)
        if status:
            break
    calls = (root / ".log" / "calls").read_bytes().decode("latin-1")
    return {"status": status, "calls": calls.split("\x1d")[:-1], "files": _files(root)}


def main() -> None:
    """Answer requests until there are no more."""
    root = _make_root(Path(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(root, json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
