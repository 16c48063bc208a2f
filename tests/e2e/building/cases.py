"""Cases: a Dockerfile, what it copies, and what a fix of it is to change, and nothing else.

A file in `cases/` holds a list under `cases`. Each case has

- `name`, `dockerfile` and, as name and content, `files`; content is text, or `{payload: bytes}`;
- `fixes`: the rules of which fixes are made, in any order; none: the file must stay as it is;
- `gone`: what is no more in the tree afterwards, each with all below it; `*` is anything in a name;
- `says`: something that the container's command prints, before and after;
- `select`: the rules that are asked; without it all, but those that must be asked by name;
- `unsafe`: whether unsafe fixes are made too;
- `tree: new` where the image is another one afterwards, and only its command says the same;
- `writes`: something that the fixed Dockerfile says;
- `builder: classic` for Docker's old builder; `when: acceptance` for `make acceptance` only.

`@SITE@` in a Dockerfile is the address of the loopback server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, convert

from lightship.catalogue.patterns import ROOT_HOME

from .registries import payload

_FOLDER = Path(__file__).parent / "cases"
FILES = ("apt", "other_packages", "languages", "downloads", "copies", "merging", "multi_stage")


class Payload(Struct, frozen=True, forbid_unknown_fields=True):
    """So many bytes that no compression makes fewer."""

    payload: int


class Case(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the module's docstring."""

    name: str
    dockerfile: str
    says: str
    files: dict[str, str | Payload] = {}
    fixes: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    unsafe: bool = False
    tree: str = "same"
    writes: str = ""
    builder: str = "buildkit"
    when: str = "always"

    def write_context(self, folder: Path) -> None:
        """The files that the Dockerfile copies."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content.encode() if isinstance(content, str) else payload(content.payload)
            path.write_bytes(data)
            if data.startswith(b"#!"):
                path.chmod(0o755)


def cases(file: str) -> list[Case]:
    """Those of `cases/FILE.yml`, with root's home for `@home@`."""
    text = (_FOLDER / f"{file}.yml").read_text(encoding="utf-8")
    read: Any = yaml.safe_load(text.replace("@home@", ROOT_HOME))
    return convert(read["cases"], list[Case])
