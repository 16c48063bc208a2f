"""An application on a base: what the judges are asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.bases.application import Application
    from lightship.bases.candidate import Candidate


class Move(Struct, frozen=True, dict=True):
    """One application, one candidate."""

    application: Application
    candidate: Candidate
