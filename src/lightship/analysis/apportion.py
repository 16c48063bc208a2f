"""Sharing out a whole number in proportion to weights, so that the shares add up exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` into one share a weight, by largest remainder; of equal ones the first wins.

    No share is more than one away from its exact part. Without any weight above zero the first
    gets all.

    Args:
        total: not negative.
        weights: at least one, none negative.

    Source: Hamilton's method (Balinski and Young, "Fair Representation", 1982).
    """
    whole = sum(weights)
    if not whole:
        return [total, *[0] * (len(weights) - 1)]
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    if left:
        order = sorted(range(len(weights)), key=lambda at: -(total * weights[at] % whole))
        for at in order[:left]:
            shares[at] += 1
    return shares
