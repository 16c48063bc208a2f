"""Holds lightship to the independent applier on one random stack of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightship
from independent.applier import apply_layers
from independent.names import CorruptError
from lightship.testing import build_image
from properties.ours import disagreements, fingerprinted, read_ours

if TYPE_CHECKING:
    from pathlib import Path

    from independent.random_stacks import RandomStack


def disagree(stack: RandomStack, directory: Path) -> list[str]:
    """What lightship and the applier say differently; both may refuse."""
    reference = build_image(
        stack.layers,
        directory=directory,
        form=stack.form,
        codec=stack.codecs,
        tar_format=stack.tar_format,
    )
    try:
        theirs = fingerprinted(apply_layers(stack.tars()))
    except CorruptError as reason:
        return _not_refused(reference, str(reason))
    try:
        ours = read_ours(reference)
    except lightship.LightshipError as error:
        return [f"only lightship refuses: {error}"]
    return disagreements(theirs, ours)


def _not_refused(reference: str, reason: str) -> list[str]:
    try:
        lightship.inspect(reference, cache=None)
    except lightship.LightshipError as error:
        return [] if error.exit_code == 4 else [f"exit code {error.exit_code}, not 4: {error}"]
    return [f"only the applier refuses: {reason}"]
