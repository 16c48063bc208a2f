"""Every name that a clean took out, and why, to be kept beside the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.rewrite import RewriteList
from lightship.printable import printable
from lightship.report.json import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.model.results.rewrite import RewriteResult


def clean_manifest(results: Sequence[RewriteResult], *, as_text: bool = False) -> str:
    """What went of an image, for one platform or for several.

    Args:
        results: as `clean` gives them.
        as_text: a line a name instead of JSON: unpacked bytes, layer, package, reason and path,
            with tabs between them; `-` where there is none.
    """
    if not as_text:
        return to_json(results[0] if len(results) == 1 else RewriteList(rewrites=tuple(results)))
    return "".join(f"{line}\n" for result in results for line in _lines(result))


def _lines(result: RewriteResult) -> Iterator[str]:
    place = result.destination or "nowhere yet"
    yield printable(f"# {result.source} ({result.platform}), cleaned to {place}")
    yield "# bytes\tlayer\tpackage\treason\tpath"
    for row in result.removed:
        reason = f"{row.rule}: {row.reason}" if row.rule else row.reason
        fields = (row.package or "-", reason, f"/{row.path}")
        told = "\t".join(map(printable, fields))
        yield f"{row.content_bytes}\t{row.layer}\t{told}"
