import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.transports.references import parse
from lightship.transports.registry.names import RegistryName, parse_name, server_of

SHA256 = "sha256:" + "a" * 64
SHA512 = "sha512:" + "b" * 128


@pytest.mark.parametrize(
    ("text", "host", "repository", "selector"),
    [
        ("ubuntu", "docker.io", "library/ubuntu", "latest"),
        ("ubuntu:24.04", "docker.io", "library/ubuntu", "24.04"),
        ("library/ubuntu", "docker.io", "library/ubuntu", "latest"),
        ("bitnami/redis:7", "docker.io", "bitnami/redis", "7"),
        ("docker.io/ubuntu", "docker.io", "library/ubuntu", "latest"),
        ("index.docker.io/ubuntu", "docker.io", "library/ubuntu", "latest"),
        ("registry-1.docker.io/a/b:c", "docker.io", "a/b", "c"),
        ("quay.io/a/b/c:1", "quay.io", "a/b/c", "1"),
        ("localhost/x", "localhost", "x", "latest"),
        ("localhost:5000/x:y", "localhost:5000", "x", "y"),
        ("host:5000/x", "host:5000", "x", "latest"),
        ("127.0.0.1:5000/x", "127.0.0.1:5000", "x", "latest"),
        ("[::1]:5000/x", "[::1]:5000", "x", "latest"),
        ("Myhost/x", "Myhost", "x", "latest"),
        ("a__b/c-d--e.f", "docker.io", "a__b/c-d--e.f", "latest"),
        (f"quay.io/a/b@{SHA256}", "quay.io", "a/b", f"@{SHA256}"),
        (f"quay.io/a/b@{SHA512}", "quay.io", "a/b", f"@{SHA512}"),
        (f"quay.io/a/b:tag@{SHA256}", "quay.io", "a/b", f"@{SHA256}"),
        (f"ubuntu@{SHA256}", "docker.io", "library/ubuntu", f"@{SHA256}"),
        ("x:" + "t" * 128, "docker.io", "library/x", "t" * 128),
    ],
)
def test_names_are_read_as_docker_reads_them(
    text: str, host: str, repository: str, selector: str
) -> None:
    name = parse_name(text)
    assert (name.host, name.repository, name.selector) == (host, repository, selector)
    assert name.reference.location == f"{host}/{repository}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":tag",
        "a:",
        "/a",
        "a/",
        "a//b",
        "UPPER",
        "quay.io/Upper",
        "quay.io/a:.b",
        "quay.io/a:b c",
        "x:" + "t" * 129,
        "quay.io/" + "a" * 256,
        "quay.io/a@sha256:abc",
        "quay.io/a@md5:" + "a" * 32,
        f"quay.io/a@{SHA256}@{SHA256}",
        "quay.io/a@",
        "quay.io/../b",
        "quay.io/a/.b",
        "quay.io/a___b",
        "host:port/x",
        "host:123456/x",
        "-host.io/x",
        "user@host.io/x",
        "https://quay.io/x",
        "quay.io/a?b",
        "quay.io/a#b",
        "quay.io/a%2fb",
        "quay.io/a\nb",
        "quay.io/ä",
        "[::1/x",
    ],
)
def test_what_is_no_name_is_refused_before_anything_is_asked(text: str) -> None:
    with pytest.raises(UsageError):
        parse_name(text)


_COMPONENTS = st.from_regex(r"[a-z0-9]+((\.|_|__|-{1,2})[a-z0-9]+)*", fullmatch=True)
_NAMES = st.builds(
    RegistryName,
    host=st.sampled_from(
        ["docker.io", "quay.io", "localhost", "h:5000", "10.0.0.1", "[fe80::1]:1"]
    ),
    repository=st.lists(_COMPONENTS, min_size=2, max_size=4)
    .map("/".join)
    .filter(lambda repository: len(repository) <= 255),
    tag=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True),
)


@settings(deadline=None)
@given(_NAMES)
def test_what_is_printed_is_read_back(name: RegistryName) -> None:
    assert parse_name(str(name)) == name
    assert parse(str(name.reference)) == name.reference


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_name_or_a_mistake(text: str) -> None:
    try:
        name = parse_name(text)
    except UsageError:
        return
    assert parse_name(str(name)) == name
    assert "//" not in name.repository
    assert not set(name.repository) & set(" ?#%@:\\\n\r\t")


def test_docker_hub_is_asked_under_its_other_name() -> None:
    assert server_of("docker.io") == "registry-1.docker.io"
    assert server_of("quay.io") == "quay.io"
