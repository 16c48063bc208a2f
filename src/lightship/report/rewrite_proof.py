"""What was proven of a rewrite, as a document to keep beside the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.proof import ProofList
from lightship.report.json import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.proof import ProofDocument


def proof_json(proofs: Sequence[ProofDocument]) -> str:
    """The document; of several platforms a list of them."""
    return to_json(proofs[0] if len(proofs) == 1 else ProofList(proofs=tuple(proofs)))
