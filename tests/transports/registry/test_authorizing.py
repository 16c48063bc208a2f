import json
from collections.abc import Mapping
from pathlib import Path
from threading import Barrier, Thread

import pytest
from msgspec.structs import replace

from lightship.net.client import Client, Response
from lightship.net.options import NetOptions
from lightship.net.origins import parse_target
from lightship.net.secret import Secret
from lightship.transports.access import Access
from lightship.transports.registry.authorizing import MAX_REFUSALS, Authorizer

ORIGIN = parse_target("https://quay.io").origin
BEARER = 'Bearer realm="https://quay.io/token",service="quay.io",scope="repository:a/b:pull"'
PAIR = {"auth": "bWU6cGFzcw=="}


class Service(Client):
    """Gives another token each time."""

    def __init__(self) -> None:
        super().__init__(NetOptions())
        self.given = 0
        self.from_afar: bool | None = None

    def get(
        self,
        url: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002 - as the real one
        authorization: Secret | None = None,  # noqa: ARG002
        from_afar: bool = False,
    ) -> Response:
        self.from_afar = from_afar
        assert limit
        self.given += 1
        return Response(url, 200, {}, json.dumps({"token": f"t{self.given}"}).encode())


def refused(challenge: str = BEARER) -> Response:
    return Response("https://quay.io/v2/", 401, {"www-authenticate": challenge}, b"")


@pytest.fixture
def service() -> Service:
    return Service()


def authorizer(service: Service, home: Path, auths: object = None) -> Authorizer:
    if auths is not None:
        (home / ".docker").mkdir()
        (home / ".docker" / "config.json").write_text(json.dumps({"auths": auths}))
    access = Access(environment={"HOME": str(home)})
    return Authorizer(service, access, "quay.io", "a/b", ORIGIN)


def revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


def test_nothing_is_sent_until_it_is_asked_for(service: Service, tmp_path: Path) -> None:
    one = authorizer(service, tmp_path, {"quay.io": PAIR})
    session = one.session()
    assert session(None) is None
    assert revealed(session(refused('Basic realm="x"'))) == "Basic bWU6cGFzcw=="
    assert revealed(one.session()(None)) == "Basic bWU6cGFzcw=="  # asked once for all


def test_a_token_comes_before_a_password(service: Service, tmp_path: Path) -> None:
    session = authorizer(service, tmp_path, {"quay.io": PAIR}).session()
    assert revealed(session(refused(f'Basic realm="x", {BEARER}'))) == "Bearer t1"


def test_a_registry_token_is_the_answer_to_any_challenge(service: Service, tmp_path: Path) -> None:
    session = authorizer(service, tmp_path, {"quay.io": {"registrytoken": "mine"}}).session()
    assert revealed(session(refused())) == "Bearer mine"
    assert revealed(session(refused())) == "Bearer mine"
    assert service.given == 0


def test_one_request_is_refused_so_often_and_no_more(service: Service, tmp_path: Path) -> None:
    session = authorizer(service, tmp_path).session()
    answers = [revealed(session(refused())) for _ in range(10)]
    assert answers == [f"Bearer t{min(n, MAX_REFUSALS)}" for n in range(1, 11)]
    assert service.given == MAX_REFUSALS
    assert revealed(session(None)) == f"Bearer t{MAX_REFUSALS}"
    assert revealed(session(refused())) == f"Bearer t{MAX_REFUSALS + 1}"


@pytest.mark.parametrize("challenge", ["", "Negotiate", "Bearer", 'Basic realm="x"'])
def test_without_an_answer_the_same_is_returned(
    service: Service, tmp_path: Path, challenge: str
) -> None:
    session = authorizer(service, tmp_path).session()
    assert session(refused(challenge)) is None


def test_threads_that_are_refused_together_share_one_new_token(
    service: Service, tmp_path: Path
) -> None:
    one = authorizer(service, tmp_path)
    sessions = [one.session() for _ in range(8)]
    assert revealed(sessions[0](refused())) == "Bearer t1"
    assert {revealed(session(None)) for session in sessions} == {"Bearer t1"}
    together = Barrier(len(sessions), timeout=20)
    answers: list[str | None] = []

    def work(number: int) -> None:
        together.wait()
        answers.append(revealed(sessions[number](refused())))

    threads = [Thread(target=work, args=(number,)) for number in range(len(sessions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["Bearer t2"] * len(sessions)
    assert service.given == 2


def test_what_to_do_says_whose_credentials_were_not_enough(
    service: Service, tmp_path: Path
) -> None:
    one = authorizer(service, tmp_path, {"quay.io": PAIR})
    assert "a registry?" in one.advice()
    one.session()(refused())
    assert str(tmp_path / ".docker" / "config.json") in one.advice()
    nobody = authorizer(service, tmp_path / "nobody")
    nobody.session()(refused())
    assert "docker login quay.io" in nobody.advice()


def test_a_token_service_may_be_here_only_where_the_registry_is(
    service: Service, tmp_path: Path
) -> None:
    elsewhere = authorizer(service, tmp_path).session()
    elsewhere(None)
    elsewhere(refused())
    assert service.from_afar is True
    here = authorizer(service, tmp_path).session()
    here(None)
    here(replace(refused(), is_local=True))
    assert service.from_afar is False
