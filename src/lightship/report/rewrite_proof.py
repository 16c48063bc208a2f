"""What was proven of a rewrite, as a document to keep beside the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.rewrite import RewriteList
from lightship.report.json import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.rewrite import RewriteResult


def proof_json(results: Sequence[RewriteResult]) -> str:
    """The whole results: which image became which, and what of it was compared."""
    return to_json(results[0] if len(results) == 1 else RewriteList(rewrites=tuple(results)))
