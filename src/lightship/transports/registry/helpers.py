"""Programs that keep registry credentials (docker-credential-NAME).

Protocol: docker-credential-helpers (README, "Development"): the program is started with `get`,
reads the server's name, and writes one JSON object, or complains on standard output and fails.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError, UnreachableError, UsageError
from lightship.model import jsontext
from lightship.net.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SECONDS = 60.0
"""How long a program may take: it may ask its user for a password."""

MAX_ANSWER_BYTES = 64 * 1024

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_NOT_FOUND = "credentials not found"
_IS_TOKEN = "<token>"  # noqa: S105 - what stands for the user where the secret is a token


class HelperAnswer(Struct, frozen=True):
    """What a program knows; `identity_token` where the secret is one, else user and password."""

    user: str
    secret: Secret
    is_identity_token: bool


class _Found(Struct, frozen=True, rename="pascal"):
    username: str = ""
    secret: str = ""


def ask(
    name: str, server: str, environment: Mapping[str, str], *, seconds: float = MAX_SECONDS
) -> HelperAnswer | None:
    """Ask `docker-credential-NAME` for the credentials of a server; None if it has none.

    Raises:
        UsageError: the name is none that a program may have.
        UnreachableError: there is no such program, or it fails, takes too long, or answers
            something else. What it said is not repeated: it may hold secrets.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:60]!r} is no name of a credential helper",
            "Correct credsStore and credHelpers in the credentials file.",
        )
    program = f"docker-credential-{name}"
    path = shutil.which(program, path=environment.get("PATH", os.defpath))
    if path is None:
        raise UnreachableError(
            f"the credentials of {server} are kept by {program}, which is not installed",
            "Install it, or name another file with --auth-file.",
        )
    code, answer = _run(path, server, environment, seconds)
    if code is None or len(answer) > MAX_ANSWER_BYTES:
        why = f"took longer than {seconds:g} s" if code is None else "said too much"
        raise _failed(program, server, why)
    if code:
        if answer.decode("utf-8", "replace").strip().startswith(_NOT_FOUND):
            return None
        raise _failed(program, server, f"failed with exit code {code}")
    return _read(answer, program, server)


def _run(
    path: str, server: str, environment: Mapping[str, str], seconds: float
) -> tuple[int | None, bytes]:
    """The exit code (None after too long a time) and what was written, up to a byte too many."""
    timed_out: list[bool] = []
    with subprocess.Popen(
        [path, "get"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        start_new_session=True,
    ) as process:

        def stop() -> None:
            timed_out.append(True)
            _end_group(process)

        timer = Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        assert process.stdin is not None  # noqa: S101 - as asked for above
        assert process.stdout is not None  # noqa: S101
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(server.encode())
                process.stdin.close()
            answer = process.stdout.read(MAX_ANSWER_BYTES + 1)
            if len(answer) > MAX_ANSWER_BYTES:
                _end_group(process)
            code = process.wait()
        except BaseException:
            _end_group(process)
            raise
        finally:
            timer.cancel()
            timer.join()
    return (None if timed_out else code), answer


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the program with whatever it started: a child could hold the pipe open."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _read(answer: bytes, program: str, server: str) -> HelperAnswer | None:
    try:
        value = jsontext.decode(answer, _Found, what="answer", limit=MAX_ANSWER_BYTES)
    except CorruptInputError:
        raise _failed(program, server, "answered something else than credentials") from None
    if not value.secret:
        return None
    return HelperAnswer(value.username, Secret(value.secret), value.username == _IS_TOKEN)


def _failed(program: str, server: str, why: str) -> UnreachableError:
    return UnreachableError(
        f"{program}, asked for the credentials of {server}, {why}",
        f"`echo {server} | {program} get` shows what it says.",
    )
