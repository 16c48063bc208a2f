"""Files of any kind and of none: one clear line, never anything else."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bases.advisories.made import ALPINE, BOOKWORM, TRACKER, package
from lightship.bases.advisories import osv_zip
from lightship.bases.advisories.advisory import Advisories, Book, Ecosystem
from lightship.bases.advisories.counting import known
from lightship.bases.advisories.ecosystems import Installed
from lightship.bases.advisories.reading import read_book
from lightship.errors import CorruptInputError

ECOSYSTEMS = [BOOKWORM, ALPINE, Ecosystem("python")]
RECORD = {
    "id": "CVE-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "x"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        }
    ],
}
SECDB = {
    "distroversion": "v3.20",
    "reponame": "main",
    "packages": [{"pkg": {"name": "x", "secfixes": {"2-r0": ["CVE-2026-2"]}}}],
}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def ask(data: bytes) -> None:
    """Everything that is done with a file; only an error of ours may come of it."""
    line = ""
    book: Book | None = None
    try:
        book = read_book("made", io.BytesIO(data), None)
    except CorruptInputError as problem:
        line = str(problem)
    if book is None:
        assert line.startswith("made: ")
        assert "\n" not in line
        return
    for ecosystem in ECOSYSTEMS:
        installed = Installed(ecosystem, 1, [package("x", "1"), package("tar", "1")])
        (one,) = known([installed], Advisories((book,)))
        assert all(note.startswith("made: ") for note in one.notes)


def kind(data: bytes) -> str:
    return read_book("made", io.BytesIO(data), None).source.kind


def test_each_kind_is_told_by_what_is_in_it() -> None:
    assert kind(json.dumps(TRACKER).encode()) == "Debian security tracker"
    assert kind(json.dumps(SECDB).encode()) == "Alpine secdb"
    for content in (RECORD, [RECORD], {"vulns": [RECORD]}):
        assert kind(json.dumps(content).encode()) == "OSV"
    assert kind(zipped({"CVE-2026-1.json": json.dumps(RECORD).encode()})) == "OSV"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "advisories"),
        (b"{}", "no advisories that are read"),
        (b"[1, 2]", "no advisories can be read"),
        (b'{"a": {"b": 1}}', "no advisories that are read"),
        (b'{"results": [{}]}', "names no packages"),
        (b'{"document": {"category": "csaf_vex"}}', "Debian's security tracker"),
        (b"<oval_definitions/>", "no advisories can be read"),
        (b"[" * 100_000, "no advisories can be read"),
        (b'{"a": ' * 100_000, "no advisories can be read"),
        (b'{"packages": 5}', "no advisories can be read"),
        (b"\xff\xfe{}", "no advisories can be read"),
        (b"PK\x03\x04 no archive", "no advisories can be read"),
        (zipped({"readme.txt": b"x"}), "0 JSON files"),
        (zipped({"a.json": b"no json"}), "no advisories can be read"),
    ],
    ids=range(14),
)
def test_what_is_none_says_so_in_one_line(data: bytes, says: str) -> None:
    with pytest.raises(CorruptInputError, match=says) as caught:
        read_book("made", io.BytesIO(data), None)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=5), st.sampled_from(["0", "PyPI"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["packages", "pkg", "name", "secfixes", "vulns", "id", "modified", "affected",
                 "package", "ecosystem", "ranges", "events", "releases", "bookworm", "x", "tar"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)  # fmt: skip


@given(content=JSON)
def test_any_json_is_read_or_refused(content: object) -> None:
    ask(json.dumps(content).encode())


@given(data=st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    wholes = [
        *(json.dumps(one).encode() for one in (TRACKER, SECDB, [RECORD])),
        zipped({"a.json": json.dumps(RECORD).encode(), "b.json": json.dumps(RECORD).encode()}),
    ]
    whole = bytearray(data.draw(st.sampled_from(wholes)))
    del whole[data.draw(st.integers(0, len(whole))) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    ask(bytes(whole))


def test_a_broken_record_among_others_is_said() -> None:
    archive = zipped({"a.json": json.dumps(RECORD).encode(), "b.json": b"{"})
    book = read_book("made", io.BytesIO(archive), None)
    assert book.covers(Ecosystem("python"))
    assert book.missing(Ecosystem("python"), [book]) == "1 of the records cannot be read"


def test_a_bomb_of_one_record_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"a.json": b" " * (osv_zip.MAX_RECORD_BYTES + 1)})
    assert len(bomb) < 50_000
    with pytest.raises(CorruptInputError, match="longer than"):
        read_book("made", io.BytesIO(bomb), None)


def test_a_bomb_of_many_records_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv_zip, "MAX_ALL_BYTES", 1_000_000)
    files = {f"{number}.json": json.dumps(RECORD).encode() + b" " * 300_000 for number in range(4)}
    with pytest.raises(CorruptInputError, match="unpacks to more"):
        read_book("made", io.BytesIO(zipped(files)), None)
