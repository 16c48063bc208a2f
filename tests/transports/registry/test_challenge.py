import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.transports.registry.challenge import (
    MAX_CHALLENGE_TEXT,
    Challenge,
    parse_challenges,
)

HUB = (
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
    'scope="repository:library/ubuntu:pull"'
)


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        ("", []),
        ("   ", []),
        (", ,", []),
        ("Basic", [("basic", {})]),
        ('Basic realm="a"', [("basic", {"realm": "a"})]),
        ('BASIC REALM="a"', [("basic", {"realm": "a"})]),
        ("Bearer realm=plain", [("bearer", {"realm": "plain"})]),
        ('Bearer realm = "a" , service\t=\t"b"', [("bearer", {"realm": "a", "service": "b"})]),
        (r'Bearer realm="a\"b\\c"', [("bearer", {"realm": 'a"b\\c'})]),
        ('Bearer realm="a,b", scope="c d"', [("bearer", {"realm": "a,b", "scope": "c d"})]),
        (
            'Basic realm="a", Bearer realm="b"',
            [("basic", {"realm": "a"}), ("bearer", {"realm": "b"})],
        ),
        ('Basic, Bearer realm="b"', [("basic", {}), ("bearer", {"realm": "b"})]),
        ('Negotiate, Basic realm="x"', [("negotiate", {}), ("basic", {"realm": "x"})]),
        ('NTLM TlRMTVNTUAAB==, Basic realm="x"', [("ntlm", {}), ("basic", {"realm": "x"})]),
        (',, Bearer realm="b",,', [("bearer", {"realm": "b"})]),
        ('Bearer realm="first",realm="second"', [("bearer", {"realm": "first"})]),
        ('Bearer realm=""', [("bearer", {"realm": ""})]),
        # What is no header of this kind: what came before counts.
        ('Bearer realm="open', [("bearer", {})]),
        ('Bearer realm="a" service="b"', [("bearer", {"realm": "a"})]),
        ('Basic realm="a", Bearer realm="open', [("basic", {"realm": "a"}), ("bearer", {})]),
        ("=", []),
        ('"quoted"', []),
        ("Bearer =", [("bearer", {})]),
    ],
)
def test_headers_as_servers_send_them(header: str, challenges: list[object]) -> None:
    assert [(c.scheme, c.parameters) for c in parse_challenges(header)] == challenges


def test_docker_hub() -> None:
    (challenge,) = parse_challenges(HUB)
    assert challenge == Challenge(
        "bearer",
        {
            "realm": "https://auth.docker.io/token",
            "service": "registry.docker.io",
            "scope": "repository:library/ubuntu:pull",
        },
    )


_TOKENS = st.from_regex(r"[a-z][a-z0-9!#$%&'*+.^_`|~-]{0,8}", fullmatch=True)
_VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12)
_CHALLENGES = st.lists(
    st.tuples(_TOKENS, st.dictionaries(_TOKENS, _VALUES, max_size=3)).map(
        lambda pair: Challenge(*pair)
    ),
    max_size=4,
)


@settings(deadline=None)
@given(_CHALLENGES, st.data())
def test_any_spelling_of_some_challenges_is_read_back(
    challenges: list[Challenge], data: st.DataObject
) -> None:
    spaces = st.sampled_from(["", " ", "\t "])
    written = []
    for challenge in challenges:
        pairs = []
        for name, value in challenge.parameters.items():
            escaped = "".join(
                f"\\{char}" if char in '"\\' or data.draw(st.booleans()) else char for char in value
            )
            pairs.append(f'{name}{data.draw(spaces)}={data.draw(spaces)}"{escaped}"')
        written.append(" ".join([challenge.scheme, f"{data.draw(spaces)},".join(pairs)]).rstrip())
    assert list(parse_challenges(f"{data.draw(spaces)}, ".join(written))) == challenges


@settings(deadline=None)
@given(st.text() | st.text(alphabet='Bearer realm="a\\",= \t', max_size=200))
def test_any_text_gives_some_challenges(text: str) -> None:
    for challenge in parse_challenges(text):
        assert challenge.scheme == challenge.scheme.lower() != ""
        assert "" not in challenge.parameters


@pytest.mark.parametrize(
    "piece", ['a="', "a,", "a ", "a=b,", '"', "\\", "a=", "a a=b, ", "Basic a=="]
)
def test_a_long_header_is_read_to_its_limit(piece: str) -> None:
    many = parse_challenges(piece * 1_000_000)
    assert len(many) <= MAX_CHALLENGE_TEXT
