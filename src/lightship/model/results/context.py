"""What `context` answers. Sizes are bytes of regular files as they lie on disk, uncompressed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.finding import Confidence, Severity  # noqa: TC001 - for who decodes


class Amount(Struct, frozen=True):
    """How much of something there is: names of regular files, and their content bytes."""

    files: int
    content_bytes: int


class ContextPath(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What becomes of one path.

    Attributes:
        path: as it was asked for.
        ignored: whether it stays out of the build context.
        pattern: that decides, as a builder holds it; None where none matches.
        line: of the ignore file, from 1; None where none decides.
        path_base64: its bytes, if text cannot give them back.
    """

    path: str
    ignored: bool
    pattern: str | None
    line: int | None
    path_base64: str | None = None


class WhyResult(Struct, frozen=True, kw_only=True):
    """Which lines decide about paths, in the order in which they were asked for."""

    paths: tuple[ContextPath, ...]
    schema: str = "lightship.context/1"


class ContextFinding(Struct, frozen=True, kw_only=True):
    """What a rule says about a build context.

    Attributes:
        rule, title, severity, confidence, message, advice: as for `lint`.
        file: the ignore file or the Dockerfile that it points at, from the root; None for neither.
        line: in `file`, from 1; None without one.
        paths: in the context, the largest or first ones.
        amount: how much it is about; None where that is no question.
    """

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    message: str
    advice: str
    file: str | None = None
    line: int | None = None
    paths: tuple[str, ...] = ()
    amount: Amount | None = None


class IgnoreLine(Struct, frozen=True, kw_only=True):
    """A line of the ignore file.

    Attributes:
        line: its number, from 1.
        pattern: as a builder holds it.
        amount: what is left out because of it; for an exception what it lets in is not counted.
            None if nobody looked.
        is_exception: whether it lets in what lines before it leave out.
    """

    line: int
    pattern: str
    amount: Amount | None
    is_exception: bool


class ContextUse(Struct, frozen=True, kw_only=True):
    """An instruction of the Dockerfile that takes files of the context.

    Attributes:
        line: in the Dockerfile, from 1.
        instruction: as it is written, in one line.
        sources: that it asks for, from the root; they may have wildcards.
        amount: what it takes; several may take the same file. `COPY --exclude` is not counted:
            what it leaves out is sent as well.
        is_known: whether every source is known. If not, anything may be taken.
    """

    line: int
    instruction: str
    sources: tuple[str, ...]
    amount: Amount
    is_known: bool


class ContextNode(Struct, frozen=True, kw_only=True):
    """A file or directory of the context, in a tree.

    Attributes:
        path: from the root, which is empty; of a `rest` that of the directory it is in.
        kind: what it is; `rest` for smaller ones in the directory above, together.
        depth: 0 for the root.
        sent: what of it is sent or read (regular files not ignored).
        used: what of `sent` the Dockerfile takes; equal to it without one.
        ignored: what of it is left out.
        line: of the ignore file, that leaves it out as a whole; None if it is not.
        uses: lines of the Dockerfile whose instructions take something of it.
        path_base64: its bytes, if text cannot give them back.
    """

    path: str
    kind: Literal["file", "directory", "rest"]
    depth: int
    sent: Amount
    used: Amount
    ignored: Amount
    line: int | None = None
    uses: tuple[int, ...] = ()
    path_base64: str | None = None


class ContextResult(Struct, frozen=True, kw_only=True):
    """What a build of a folder sends.

    Attributes:
        folder: as it was named.
        builder: `buildkit`, `legacy` or `buildah`.
        dockerfile, ignore_file: from the root; None without one.
        target: the stage that is built; None for the last.
        sent: what no line leaves out. The legacy builder sends and buildah reads it all.
        used: what of it the Dockerfile's instructions take: what BuildKit sends. None without a
            Dockerfile.
        ignored: what lines leave out; None if nobody looked.
        others: links, devices and the like that no line leaves out; they have no content.
        lines: of the ignore file, in their order.
        uses: what instructions take, in the order of the Dockerfile.
        tree: depth first, largest first; what is small is folded into `rest`.
        findings: what rules say.
        unreadable: directories that could not be read, and why.
        warnings: what a person should know about the answer.
    """

    folder: str
    builder: Literal["buildkit", "legacy", "buildah"]
    dockerfile: str | None
    ignore_file: str | None
    target: str | None
    sent: Amount
    used: Amount | None
    ignored: Amount | None
    others: int
    lines: tuple[IgnoreLine, ...]
    uses: tuple[ContextUse, ...]
    tree: tuple[ContextNode, ...]
    findings: tuple[ContextFinding, ...]
    unreadable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    schema: str = "lightship.context-show/1"

    @property
    def transferred(self) -> Amount:
        """What the builder is sent, or reads: of BuildKit only what is used."""
        return self.used if self.builder == "buildkit" and self.used is not None else self.sent


class IgnoredGroup(Struct, frozen=True, kw_only=True):
    """Lines of a written ignore file that belong together.

    Attributes:
        name: of the group, stable.
        title: for people; it stands as a comment above them.
        patterns: the lines.
        amount: what they keep out of this context.
    """

    name: str
    title: str
    patterns: tuple[str, ...]
    amount: Amount


class InitResult(Struct, frozen=True, kw_only=True):
    """A `.dockerignore` that was written for a folder.

    Attributes:
        folder: as it was named.
        path: where the file belongs, from the folder.
        text: of the whole file.
        kinds: what the project is: `python`, `node`...
        groups: what is in it.
        before, after: what is sent without and with it.
        notes: what a person should know: lines that were not translated, exceptions that a COPY
            needed.
        written: whether it was written, or only shown.
    """

    folder: str
    path: str
    text: str
    kinds: tuple[str, ...]
    groups: tuple[IgnoredGroup, ...]
    before: Amount
    after: Amount
    notes: tuple[str, ...]
    written: bool
    schema: str = "lightship.context-init/1"
