from __future__ import annotations

import pytest

from lightship.rules.multistage.launching import Launch, launch_of
from lightship.rules.multistage.plan import CannotTell, NotItsProgram

from .reading import single


def launch(text: str) -> Launch:
    return launch_of(single(f"FROM debian:12\n{text}\n").steps)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('CMD ["/app", "-v"]', ("/app", "-v")),
        ('ENTRYPOINT ["/app"]\nCMD ["-v"]', ("/app", "-v")),
        ('ENTRYPOINT ["/app"]\nCMD []', ("/app",)),
        ("CMD /app -v", ("/app", "-v")),
        ("CMD exec /app -v", ("/app", "-v")),
        ("CMD '/my app' \"a b\"", ("/my app", "a b")),
        ("ENTRYPOINT /app\nCMD ignored", ("/app",)),
    ],
)
def test_a_plain_command_needs_no_shell(text: str, words: tuple[str, ...]) -> None:
    found = launch(text)
    assert found.words == words
    assert found.program == words[0]
    assert all(one.shell is None for one in found.all)


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("CMD /app $PORT", ("/app",)),
        ("CMD cd /srv && exec ./app", ("./app",)),
        ("CMD /app > /var/log/app", ("/app",)),
        ("CMD LANG=C /app", ("/app",)),
        ("CMD /app *.txt", ("/app",)),
        ("CMD migrate && serve", ("migrate", "serve")),
        ("CMD /app &", ("/app",)),
        ('CMD ["sh", "-c", "/app $PORT"]', ("/app",)),
        ('ENTRYPOINT ["/bin/bash", "-lc", "/app"]', ("/app",)),
    ],
)
def test_anything_else_needs_the_shell(text: str, programs: tuple[str, ...]) -> None:
    found = launch(text)
    assert found.words is None
    assert found.command[0].programs == programs
    assert found.command[0].shell in ("sh", "bash")


def test_a_health_check_counts() -> None:
    plain = launch('CMD ["/app"]\nHEALTHCHECK --interval=3s CMD ["/app", "ask"]').health
    assert plain is not None
    assert (plain.programs, plain.shell) == (("/app",), None)
    shell = launch('CMD ["/app"]\nHEALTHCHECK CMD curl -f http://localhost || exit 1').health
    assert shell is not None
    assert (shell.programs, shell.shell) == (("curl",), "sh")
    assert launch('CMD ["/app"]\nHEALTHCHECK NONE').health is None


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("RUN true", "neither CMD nor ENTRYPOINT"),
        ('CMD ["/a"]\nCMD ["/b"]', "there are 2"),
        ('ENTRYPOINT ["/a"]\nCMD b c', "in shell form behind an ENTRYPOINT"),
        ("CMD $PROGRAM", r"\$PROGRAM"),
        ("CMD if", "is not clear"),
        ("CMD []", "its command is empty"),
        ('SHELL ["pwsh", "-c"]\nCMD Get-Date', "no sh or bash"),
    ],
)
def test_what_is_not_clear_is_said(text: str, missing: str) -> None:
    with pytest.raises(CannotTell, match=missing):
        launch(text)


def test_no_command_at_all_is_an_answer_of_its_own() -> None:
    with pytest.raises(NotItsProgram):
        launch("RUN true")


@pytest.mark.parametrize(
    "text",
    [
        'ENTRYPOINT ["/sbin/tini", "-g", "--", "/app", "-v"]',
        'ENTRYPOINT ["tini", "--"]\nCMD ["/app", "-v"]',
        "CMD dumb-init /app -v",
    ],
)
def test_an_init_starts_the_program(text: str) -> None:
    found = launch(text)
    assert found.program == "/app"
    assert {name for one in found.all for name in one.programs} > {"/app"}
