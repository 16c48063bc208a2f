from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.analysis.secrets import kind_of_variable, kinds_in, secrets_request, struck
from lightship.layers.captures import Content
from lightship.model.documents import Config, Execution, HistoryEntry
from lightship.rules.image.secrets import RULE
from lightship.rules.judging import judge
from rules.subjects import LISTED, found, subject_of

# Put together here, so that no scanner takes this file for a leak.
KEY = b"-----BEGIN " + b"OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END\n"
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TOKENS = {
    "AWS access key": "AKIA" + "QWERTYUIOPASDFGH",
    "GitHub token": "ghp_" + "a1B2" * 9,
    "GitLab token": "glpat-" + "x" * 20,
    "Slack token": "xoxb-" + "1234567890-abc",
    "Google API key": "AIza" + "s" * 35,
    "PyPI token": "pypi-AgEI" + "c" * 60,
    "npm token": "npm_" + "Z" * 36,
    "Hugging Face token": "hf_" + "Q" * 34,
    "Docker token": "dckr_pat_" + "k" * 27,
    "OpenShift token": "sha256~" + "o" * 43,
    "password in a URL": "https://me:" + "hunter22@example.org/simple",
}
SECRET = "correct" + "horse"


@pytest.mark.parametrize("title", TOKENS)
def test_a_token_is_told_by_its_form(title: str) -> None:
    text = f"export X='{TOKENS[title]}'\n".encode()
    assert [kind.title for kind in kinds_in(text)] == [title]
    assert list(kinds_in(text.replace(b"'", b"")[:14])) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://user:${PASSWORD}@example.org",
        "https://user:password@example.org/a",
        "http://example.org:8080/a@b",
        "git@github.com:team/project.git",
        "AKIAshort",
        "sha256:" + "a" * 64,
        "/usr/share/hf_models",
        "-----BEGIN PUBLIC KEY-----\nMII",
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert list(kinds_in(text.encode())) == []


@pytest.mark.parametrize(
    ("path", "content", "note"),
    [
        ("root/.ssh/id_rsa", KEY, "private key"),
        ("app/server.key", KEY, "private key"),
        ("etc/ssh/ssh_host_ed25519_key", KEY, "private key"),
        ("app/keys.p12", b"\x30\x82\x01", "key store"),
        ("root/.npmrc", b"//r.example/:_authToken=abcdef123456\n", "npm settings with a token"),
        ("root/.netrc", b"machine x login y password s3cr3tx\n", "netrc with a password"),
        ("root/.git-credentials", b"https://a:b@c\n", "Git credentials"),
        ("root/.aws/credentials", b"aws_secret_access_key = abcdefghij\n", "cloud credentials"),
        (
            "root/.docker/config.json",
            b'{"auths":{"r":{"auth":"dXNlcjpw"}}}',
            "registry credentials",
        ),
        ("root/.config/rclone/rclone.conf", b"secret_access_key = abcdefg\n", "rclone"),
        ("app/.env", b"DB_PASSWORD=" + SECRET.encode(), "environment file with a secret"),
    ],
)
def test_files_that_hold_one(path: str, content: bytes, note: str) -> None:
    (finding,) = found(RULE, {path: content})
    assert finding.severity == "error"
    (evidence,) = finding.evidence
    assert evidence.path == path
    assert evidence.note is not None
    assert evidence.note.startswith(note)
    assert SECRET not in repr(finding)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("etc/ssl/certs/a.pem", CERTIFICATE),
        ("app/tests/server.key", KEY),
        ("usr/local/lib/python3.11/test/keycert.pem", KEY),
        ("root/.npmrc", b"registry=https://r.example/\n"),
        ("root/.npmrc", b"//r.example/:_authToken=${NPM_TOKEN}\n"),
        ("app/config.json", b'{"auth": "abcdefgh"}'),
        ("app/.env", b"LOG_LEVEL=debug\n"),
        ("app/.env", b"DB_PASSWORD=changeme\n"),
        ("app/empty.key", b""),
        ("app/notes.txt", b"password: rosebud1\n"),
    ],
)
def test_files_that_hold_none(path: str, content: bytes) -> None:
    assert found(RULE, {path: content}) == ()


def test_a_deleted_key_is_still_there_and_that_is_said() -> None:
    (finding,) = found(RULE, {"root/id_rsa": KEY}, {"root/.wh.id_rsa": b""})
    (evidence,) = finding.evidence
    assert evidence.layer == 1
    assert evidence.note == "private key; layer 2 takes it away, but it is still pulled"


def test_what_a_package_brings_is_no_secret() -> None:
    subject = subject_of({"usr/share/x/demo.key": KEY}, rules=(RULE,))
    (record,) = subject.ledger.places[-1].records
    subject.ledger.ownership.owner_of[record] = 1
    assert judge(subject, (RULE,), listed=LISTED, ignores=()) == ()


def test_an_encrypted_key_is_a_guess() -> None:
    locked = KEY.replace(b"OPENSSH", b"ENCRYPTED")
    (finding,) = found(RULE, {"app/a.key": locked})
    assert (finding.severity, finding.confidence) == ("warning", "guess")


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("DB_PASSWORD", SECRET, True),
        ("API_KEY", SECRET, True),
        ("GITHUB_TOKEN", SECRET, True),
        ("MYSQL_ROOT_PASSWORD", SECRET, True),
        ("ANYTHING", TOKENS["GitHub token"], True),
        ("DB_PASSWORD_FILE", "/run/secrets/db", False),
        ("DB_PASSWORD", "/run/secrets/db", False),
        ("DB_PASSWORD", "$OTHER", False),
        ("DB_PASSWORD", "", False),
        ("PWD", "elsewhere", False),
        ("TOKENIZERS_PARALLELISM", "something", False),
        ("GPG_KEY", "E3FF2839C048B25C084DEBE9B26995E310250568", False),
        ("PATH", "/usr/bin", False),
        ("KEYBOARD", "german", False),
    ],
)
def test_variables(name: str, value: str, *, is_secret: bool) -> None:
    assert (kind_of_variable(name, value) is not None) is is_secret


def config(history: str = "", env: str = "A=b") -> Config:
    return Config(config=Execution(env=[env]), history=[HistoryEntry(created_by=history)])


@pytest.mark.parametrize(
    ("where", "note"),
    [
        (config(env=f"DB_PASSWORD={SECRET}"), "ENV DB_PASSWORD: "),
        (
            config(f"RUN |1 NPM_TOKEN={SECRET} /bin/sh -c npm ci"),
            "history, instruction 1: NPM_TOKEN: ",
        ),
        (config(f"|2 A=b API_KEY={SECRET} /bin/sh -c make"), "history, instruction 1: API_KEY: "),
        (config(f"/bin/sh -c #(nop)  ENV A=b TOKEN={SECRET}"), "history, instruction 1: TOKEN: "),
        (config(f"RUN curl -H 'x: {TOKENS['GitLab token']}' u"), "history, instruction 1: GitLab"),
        (config(f"ENV TOKEN='{SECRET}"), "history, instruction 1: TOKEN: "),
    ],
)
def test_the_config_and_its_history(where: Config, note: str) -> None:
    (finding,) = found(RULE, {"a": b"x"}, config=where)
    (evidence,) = finding.evidence
    assert evidence.note is not None
    assert evidence.note.startswith(note)
    assert SECRET not in repr(finding)
    assert "glpat" not in repr(finding)


def test_an_image_without_any() -> None:
    assert found(RULE, {"a": b"x"}, config=config("RUN |1 VERSION=1.2 /bin/sh -c make")) == ()
    assert found(RULE, {"a": b"x"}, config=replace(config(), config=None, history=None)) == ()


@given(st.binary(max_size=2000) | st.text("\n\t =:-pasword'\"", max_size=2000).map(str.encode))
def test_any_content_can_be_read(data: bytes) -> None:
    extract = secrets_request().extract(Content(memoryview(data), len(data)))
    assert extract is not None
    assert data not in extract or len(data) < 8


@pytest.mark.parametrize("line", [b"\n", b" ", b"a", b"'", b"token ", b"a://b:", b"-----BEGIN "])
def test_a_file_of_one_thing_again_and_again_takes_no_time_worth_telling(line: bytes) -> None:
    data = (line * 300_000)[: 256 * 1024]
    assert secrets_request().extract(Content(memoryview(data), len(data))) is not None


@pytest.mark.parametrize("line", ["RUN |1 API_KEY={} /bin/sh -c make", "ENV A=b TOKEN={}"])
def test_no_finding_prints_an_instruction_with_its_secret(line: str) -> None:
    text = struck(line.format(SECRET))
    assert text == line.format("***")
    (finding,) = found(RULE, {"a.key": KEY}, history=[f"RUN x {TOKENS['npm token']} > a.key"])
    made_by = {evidence.path: evidence.created_by for evidence in finding.evidence}
    assert made_by == {None: None, "a.key": "RUN x *** > a.key"}
    assert TOKENS["npm token"] not in repr(finding)
