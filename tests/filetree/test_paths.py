"""Links that cost more than any real image's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lightship
from lightship.filetree import paths
from lightship.testing import Symlink, build_image

if TYPE_CHECKING:
    from pathlib import Path


def test_links_that_lead_nowhere_in_many_steps_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each path through `long` takes a thousand steps; the image has twenty of them."""
    layer = {"a/x": b"", "long": Symlink("a/../" * 500 + "a")}
    layer |= {f"long/{number}/f": b"x" for number in range(20)}
    reference = build_image([layer], directory=tmp_path)
    assert lightship.inspect(reference, cache=None).image.files == 21
    monkeypatch.setattr(paths, "MAX_LINK_STEPS", 15_000)
    with pytest.raises(lightship.LightshipError, match="15000 steps of symbolic links") as caught:
        lightship.inspect(reference, cache=None)
    assert caught.value.exit_code == 4
