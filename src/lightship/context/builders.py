"""Builders, and which ignore file each reads.

Sources: BuildKit, frontend/dockerui/config.go and namedcontext.go; docker/cli, build context;
containers/buildah, `.containerignore` and `--ignorefile`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Builder: TypeAlias = Literal["buildkit", "legacy", "buildah"]
"""`buildkit` is docker build as it is today, `legacy` docker build without BuildKit, `buildah`
buildah and podman build."""


def ignore_names(builder: Builder, dockerfile: str | None) -> Iterator[str]:
    """Names of ignore files, from the context's root, the first that exists counts.

    Args:
        builder: that reads it.
        dockerfile: its path from the root; None where there is none.
    """
    if dockerfile is not None:
        if builder == "buildkit":
            yield f"{dockerfile}.dockerignore"
        elif builder == "buildah":
            # Where both stand there buildah takes this one (pkg/parse, ContainerIgnoreFile).
            yield f"{dockerfile}.dockerignore"
            yield f"{dockerfile}.containerignore"
    if builder == "buildah":
        yield ".containerignore"
    yield ".dockerignore"
