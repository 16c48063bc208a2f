"""Secrets: what in a text is a key, a token or a password, by the forms their makers give them.

Nothing here returns a secret: only what kind it is.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.layers.captures import CaptureRequest
from lightship.model.finding import Confidence  # noqa: TC001 - msgspec reads it

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.captures import Content

READER = "secrets"
_HEAD_BYTES = 256 * 1024


class SecretKind(Struct, frozen=True):
    """One kind of secret: what it is called, and how sure its form is."""

    title: str
    confidence: Confidence


# Formats: the makers' documentation of their tokens; RFC 7468 for the PEM labels.
_TABLE: tuple[tuple[str, Confidence, bytes], ...] = (
    ("AWS access key", "likely", rb"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    ("GitHub token", "certain", rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})"),
    ("GitLab token", "certain", rb"\bgl(?:pat|dt|rt|cbt|ptt)-[\w-]{20,255}"),
    ("Slack token", "certain", rb"\bxox[abeoprs]-[\w-]{10,255}"),
    ("Google API key", "likely", rb"\bAIza[\w-]{35}(?![\w-])"),
    ("PyPI token", "certain", rb"\bpypi-AgEI[\w-]{50,255}"),
    ("npm token", "certain", rb"\bnpm_[A-Za-z0-9]{36}\b"),
    ("Hugging Face token", "certain", rb"\bhf_[A-Za-z0-9]{34,40}\b"),
    ("Docker token", "certain", rb"\bdckr_(?:pat|oat)_[\w-]{20,255}"),
    ("OpenShift token", "certain", rb"\bsha256~[\w-]{43}(?![\w-])"),
    (
        "password in a URL",
        "likely",
        (
            rb"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>{}$]{1,100}"
            rb":(?!\$|x{3}|\*|pass(?:word|wd)?@|secret@)[^\s/@'\"<>{}$%]{3,100}@[A-Za-z0-9\[]"
        ),
    ),
)
_FORMS: tuple[tuple[SecretKind, re.Pattern[bytes]], ...] = tuple(
    (SecretKind(title, confidence), re.compile(pattern)) for title, confidence, pattern in _TABLE
)
_PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----\s")
_LOCKED_KEY = re.compile(rb"BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED")
# What tools keep credentials in, by file: a line there that sets one.
_SETTING = re.compile(
    rb"(?im)^[ \t{\"'/\w.:@-]{0,200}?(?:_authtoken|_password|_auth|secret_access_key|secret_key|"
    rb"aws_secret_access_key|gs_secret_access_key|client-key-data|\"auth\"|identitytoken|"
    rb"password|passwd|api[_-]?key|token|secret)"
    rb"[\"']?\s*[=:]\s*[\"']?(?P<value>[^\s\"'#,;]{6,})"
)
_WORDS = re.compile(rb"(?i)\b(?:password|passwd)\s+(?P<value>\S{3,})")
_STORES = frozenset((b".p12", b".pfx", b".jks", b".keystore", b".kdbx", b".ppk"))
_CREDENTIAL_FILES = {
    b".npmrc": "npm settings with a token",
    b".pypirc": "PyPI password",
    b".netrc": "netrc with a password",
    b".pgpass": "PostgreSQL password file",
    b".git-credentials": "Git credentials",
    b".s3cfg": "S3 keys",
    b".boto": "cloud storage keys",
    b".dockercfg": "registry credentials",
    b".dockerconfigjson": "registry credentials",
    b"rclone.conf": "rclone settings with keys",
    b"credentials": "cloud credentials",
    b"auth.json": "registry credentials",
    b"config.json": "registry credentials",
    b"kubeconfig": "Kubernetes credentials",
    b".vault-token": "Vault token",
    b".env": "environment file with a secret",
    b"wp-config.php": "database password",
    b".my.cnf": "MySQL password",
}
# These say little by their own name; only in these folders are they what they seem.
_ONLY_IN = {
    b"credentials": frozenset((b".aws", b".oci", b".config")),
    b"auth.json": frozenset((b"containers", b".composer", b"composer")),
    b"config.json": frozenset((b".docker",)),
}
_KEY_NAMES = frozenset((b"identity", b"id_rsa", b"id_dsa", b"id_ecdsa", b"id_ed25519"))
_WHOLE_IS_SECRET = frozenset((b".git-credentials", b".pgpass", b".vault-token"))
_PLACEHOLDER = re.compile(
    rb"(?i)^(?:\$|<|\{|%|x{3,}|\*+$|your|change|example|dummy|none$|null$|true$|false$|todo|"
    rb"env[.:(]|process\.|password|secret|test|redacted|[0-]+$)"
)
# The name of a variable that holds a secret. What ends in _FILE, _PATH and so on only names one.
_VARIABLE = re.compile(
    r"(?i)(?:^|[_-])(?:password|passwd|pwd|secret|token|api_?key|access_?key(?:_id)?|"
    r"private_?key|secret_?key|credentials?|passphrase|auth_?token)$"
    r"|(?:PASSWORD|PASSWD|SECRET|TOKEN|APIKEY)$"
)
# BuildKit and the classic builder write the arguments of a build before its command: `|1 A=b`.
_ARGUMENTS = re.compile(r"^(?:RUN )?\|(?P<count>\d{1,3}) (?P<rest>.*)", re.DOTALL)
_ASSIGNED = re.compile(r"^(?:/bin/sh -c #\(nop\)\s+)?(?:ENV|ARG) (?P<rest>.*)", re.DOTALL)
_NOT_SECRET = frozenset(("PWD", "OLDPWD"))
_TESTS = frozenset(("test", "tests", "testdata", "fixtures", "__tests__", "__fixtures__", "spec"))


def is_among_tests(path: str) -> bool:
    """Whether a path lies in a directory of tests: keys there are mostly made for them."""
    return not _TESTS.isdisjoint(path.lower().split("/")[:-1])


def secrets_request() -> CaptureRequest:
    """Asks for the files that tools keep secrets in, and for PEM files."""
    return CaptureRequest(
        name=READER,
        version=1,
        basenames=frozenset((*_CREDENTIAL_FILES, *_KEY_NAMES)),
        suffixes=frozenset((*_STORES, b".pem", b".key", b".env", b".tfvars")),
        magics=frozenset((b"----",)),
        head_bytes=_HEAD_BYTES,
        extract=_extract,
    )


def _extract(content: Content) -> bytes:
    """Kinds of secrets in a file, as JSON; which of its names matters is not known here."""
    return _extract_of(bytes(content.head))


def _extract_of(data: bytes) -> bytes:
    if data.startswith(b"-----BEGIN") and b"PRIVATE KEY" not in data:
        return b""  # certificates, of which an image has hundreds
    kinds = {kind.title: kind.confidence for kind in kinds_in(data)}
    sets = any(
        not _PLACEHOLDER.match(found["value"])
        for pattern in (_SETTING, _WORDS)
        for found in pattern.finditer(data)
    )
    if not kinds and not sets and not data.strip():
        return b""
    return msgspec.json.encode(_Extract(kinds, sets))


class _Extract(Struct, frozen=True, array_like=True):
    kinds: dict[str, Confidence]
    sets: bool


def kinds_in(data: bytes) -> Iterator[SecretKind]:
    """The kinds of secrets that a text holds, each once."""
    if _PRIVATE_KEY.search(data):
        locked = _LOCKED_KEY.search(data) is not None
        yield (
            SecretKind("private key (encrypted)", "guess")
            if locked
            else SecretKind("private key", "certain")
        )
    for kind, pattern in _FORMS:
        if pattern.search(data):
            yield kind


def kinds_of_file(directory: bytes, name: bytes, extract: bytes) -> list[SecretKind]:
    """What secrets a captured file holds, by its place and what was seen in it."""
    if not extract:
        return []
    seen = msgspec.json.decode(extract, type=_Extract)
    kinds = [SecretKind(title, confidence) for title, confidence in seen.kinds.items()]
    if name[name.rfind(b".") :].lower() in _STORES:
        kinds.append(SecretKind("key store", "likely"))
    title = _CREDENTIAL_FILES.get(name)
    folders = _ONLY_IN.get(name)
    if title is not None and (folders is None or directory.rpartition(b"/")[2] in folders):
        if name in _WHOLE_IS_SECRET or seen.sets:
            kinds.append(SecretKind(title, "certain" if name in _WHOLE_IS_SECRET else "likely"))
    elif name.endswith((b".env", b".tfvars")) and seen.sets:
        kinds.append(SecretKind("environment file with a secret", "likely"))
    return kinds


def kind_of_name(path: str, data: bytes | None = None) -> SecretKind | None:
    """What secret a file holds, by its path and, if somebody has read it, its content.

    Without the content it is likely at best: `.npmrc` may hold no token, `server.pem` a
    certificate.
    """
    directory, _, name = path.encode("utf-8", "surrogateescape").rpartition(b"/")
    if data is not None:
        extract = _extract_of(data)
        return next(iter(kinds_of_file(directory, name, extract)), None)
    suffix = name[name.rfind(b".") :].lower()
    if name in _KEY_NAMES:
        return SecretKind("private key", "likely")
    if suffix in _STORES:
        return SecretKind("key store", "likely")
    title, folders = _CREDENTIAL_FILES.get(name), _ONLY_IN.get(name)
    if title is not None and (folders is None or directory.rpartition(b"/")[2] in folders):
        return SecretKind(title, "likely")
    return SecretKind("key or certificate", "guess") if suffix in (b".pem", b".key") else None


def kind_of_variable(name: str, value: str) -> SecretKind | None:
    """What secret an environment variable or a build argument holds; None if it seems none.

    References to other variables, paths, and placeholders are none.
    """
    data = value.strip().encode("utf-8", "surrogatepass")
    for kind in kinds_in(data):
        return kind
    if name in _NOT_SECRET or not _VARIABLE.search(name) or len(data) < 3:
        return None
    if _PLACEHOLDER.match(data) or data.startswith(b"/") or b"$" in data:
        return None
    return SecretKind("value of a variable that is named like a secret", "likely")


def secrets_of_instruction(line: str) -> Iterator[tuple[str, SecretKind]]:
    """Each variable that an instruction gives a secret, or `""` for one elsewhere in its text."""
    named = False
    for name, value in _assignments(line):
        kind = kind_of_variable(name, value)
        if kind is not None:
            named = True
            yield name, kind
    if not named:
        for kind in kinds_in(line.encode("utf-8", "surrogatepass")):
            yield "", kind


def _assignments(line: str) -> Iterator[tuple[str, str]]:
    arguments, assigned = _ARGUMENTS.match(line), _ASSIGNED.match(line)
    if arguments is not None:
        words = arguments["rest"].split(" ")[: int(arguments["count"])]
    elif assigned is not None:
        words = _words(assigned["rest"])
    else:
        return
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield name, value


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is never closed
        return text.split()


def struck(line: str) -> str:
    """An instruction with `***` in place of every secret that is found in it."""
    for name, value in _assignments(line):
        if kind_of_variable(name, value) is not None:
            line = line.replace(value, "***")
    data = line.encode("utf-8", "surrogatepass")
    for pattern in (form for _, form in _FORMS):
        data = pattern.sub(b"***", data)
    return data.decode("utf-8", "surrogatepass")
