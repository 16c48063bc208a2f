"""What a registry says of a base: index, manifests and configs; no layer is asked for.

A manifest never changes under its digest: what was learnt of it before is not asked for again.
"""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from lightship.bases.refreshed import PlatformFacts, RefreshedRow
from lightship.catalogue.end_of_life import product_of_image
from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.documents import INDEXES, MANIFESTS, Index, Manifest
from lightship.model.platform import Platform
from lightship.transports.described import diff_ids
from lightship.transports.oci_layout import is_image_config
from lightship.transports.registry.client import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.api.base_update_manners import Manners
    from lightship.model.documents import Config, Descriptor
    from lightship.transports.access import Access
    from lightship.transports.registry.names import RegistryName

MAX_BLOB_BYTES = 1 << 45
_MOST_PLATFORMS, _MOST_LAYERS = 64, 1000
_MOST_CHARACTERS = 200
_PLATFORM = re.compile(r"[a-z0-9]{1,20}/[a-z0-9_]{1,20}(?:/[a-z0-9.]{1,20})?")
_MEANT = {("arm64", "v8"), ("amd64", "v1")}
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]|\Z)")
_FIRST_DAY, _SPARE_DAYS = date(2000, 1, 1), 2
READ_FACTS = ("system", "libc", "package_manager", "shell", "packages")
"""What only reading an image tells."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A base that is asked for.

    Attributes:
        image, tag: as a FROM instruction names them.
        where: who is asked for it.
        place: the same for people.
        platforms: whose manifests are asked for; empty for all there are.
    """

    image: str
    tag: str
    where: RegistryName
    place: str
    platforms: tuple[Platform, ...]

    @property
    def name(self) -> str:
        """`python:3.13-slim`."""
        return f"{self.image}:{self.tag}"

    def wants(self, platform: Platform) -> bool:
        """Whether a platform's manifest is asked for."""
        return not self.platforms or any(platform.matches(one) for one in self.platforms)


def ask_registry(
    wanted: Wanted, before: RefreshedRow | None, access: Access, manners: Manners, today: date
) -> RefreshedRow:
    """What its registry says of a base.

    Args:
        wanted: the base.
        before: what was learnt of it earlier.
        access: how registries are reached.
        manners: kept.
        today: the day of what is learnt.

    Raises:
        LightshipError: nothing is learnt, and why.
    """
    repository = Repository(wanted.where.host, wanted.where.repository, access)
    return _Asking(wanted, before, repository, manners, today).row()


class _Asking:
    def __init__(
        self,
        wanted: Wanted,
        before: RefreshedRow | None,
        repository: Repository,
        manners: Manners,
        today: date,
    ) -> None:
        self._wanted = wanted
        self._before = before
        self._repository = repository
        self._manners = manners
        self._host = wanted.where.host
        self._today = today

    def row(self) -> RefreshedRow:
        wanted, before = self._wanted, self._before
        if before is not None and before.top_digest and is_complete(before, wanted):
            named = self._manners.ask(self._host, lambda: self._repository.named(wanted.where.tag))
            if named is not None and str(named) == before.top_digest:
                return replace(before, source=wanted.place, seen=self._today)
        served = self._manners.ask(
            self._host, lambda: self._repository.manifest(wanted.where.selector)
        )
        top = str(served.digest)
        if isinstance(served.document, Manifest):
            config_bytes, config = self._config(served.document)
            platforms = {_named(config.platform()): _facts(top, served.document, config_bytes)}
            return self._made(top, platforms, _said(wanted, config, config_bytes, self._today))
        return self._of_index(top, served.document)

    def _of_index(self, top: str, index: Index) -> RefreshedRow:
        platforms: dict[str, PlatformFacts] = {}
        said: dict[str, Any] | None = None
        for platform, descriptor in _images(index, self._wanted.name):
            name = _named(platform)
            known = self._known(name, descriptor)
            if known is not None or not self._wanted.wants(platform):
                platforms[name] = known or PlatformFacts(digest=descriptor.digest)
                if known is not None and said is None:
                    said = self._said_before()
                continue
            served = self._manners.ask(self._host, partial(self._repository.described, descriptor))
            if not isinstance(served.document, Manifest):
                raise CorruptInputError(f"{self._wanted.name} nests indexes for {name}")
            config_bytes, config = self._config(served.document)
            platforms[name] = _facts(descriptor.digest, served.document, config_bytes)
            if said is None:
                said = _said(self._wanted, config, config_bytes, self._today)
        if not platforms:
            raise CorruptInputError(f"{self._wanted.name} is an index that names no platform")
        return self._made(top, platforms, said or {})

    def _known(self, name: str, descriptor: Descriptor) -> PlatformFacts | None:
        """What was learnt of this very manifest."""
        facts = self._before.platforms.get(name) if self._before is not None else None
        same = facts is not None and facts.digest == descriptor.digest
        return facts if same and facts is not None and facts.wire_bytes is not None else None

    def _said_before(self) -> dict[str, Any]:
        before = self._before
        return {one: getattr(before, one) for one in ("created", "version", "user")}

    def _config(self, manifest: Manifest) -> tuple[bytes, Config]:
        """An image's config, held against its manifest."""
        kind, layers = manifest.config.media_type, len(manifest.layers or [])
        if kind and not is_image_config(kind):
            raise UnreachableError(f"{self._wanted.name} is no image but an artifact, {kind}")
        if layers > _MOST_LAYERS:
            raise CorruptInputError(f"{self._wanted.name} has more than {_MOST_LAYERS} layers")
        found = self._manners.ask(self._host, lambda: self._repository.config(manifest.config))
        diff_ids(found[1], layers, self._repository.where)
        return found

    def _made(
        self, top: str, platforms: dict[str, PlatformFacts], said: dict[str, Any]
    ) -> RefreshedRow:
        if self._before is not None and any(one.unpacked_bytes for one in platforms.values()):
            said = {**{one: getattr(self._before, one) for one in READ_FACTS}, **said}
        return RefreshedRow(
            image=self._wanted.image,
            tag=self._wanted.tag,
            source=self._wanted.place,
            seen=self._today,
            top_digest=top,
            platforms=platforms,
            **said,
        )


def is_complete(row: RefreshedRow, wanted: Wanted) -> bool:
    """Whether all is known that a registry tells of the wanted platforms."""
    return all(
        facts.wire_bytes is not None
        for name, facts in row.platforms.items()
        if wanted.wants(_parsed(name))
    )


def _parsed(name: str) -> Platform:
    system, architecture, *variant = name.split("/")
    return Platform(system, architecture, "/".join(variant))


def _images(index: Index, name: str) -> Iterator[tuple[Platform, Descriptor]]:
    """The images of an index whose platform it tells, each platform once as Docker picks it."""
    seen: set[str] = set()
    for descriptor in index.manifests or []:
        fields = descriptor.platform
        if descriptor.is_attestation or fields is None or not fields.architecture:
            continue
        if descriptor.media_type in INDEXES or descriptor.media_type not in {*MANIFESTS, None}:
            continue
        platform = fields.platform()
        key = _named(platform)
        if key in seen or not _PLATFORM.fullmatch(key):
            continue
        seen.add(key)
        if len(seen) > _MOST_PLATFORMS:
            raise CorruptInputError(f"{name} is an index of more than {_MOST_PLATFORMS} platforms")
        yield platform, descriptor


def _named(platform: Platform) -> str:
    """`linux/arm64` also for `linux/arm64/v8`, which is the same."""
    if (platform.architecture, platform.variant) in _MEANT:
        return f"{platform.os}/{platform.architecture}"
    return str(platform)


def _facts(digest: str, manifest: Manifest, config: bytes) -> PlatformFacts:
    layers = manifest.layers or []
    if any(not 0 <= one.blob_bytes <= MAX_BLOB_BYTES for one in layers):
        raise CorruptInputError(f"a layer of the manifest {digest[:19]} claims a senseless size")
    distinct = {one.digest: one.blob_bytes for one in layers}
    return PlatformFacts(
        digest=digest,
        wire_bytes=len(config) + sum(distinct.values()),
        layer_wire_bytes=tuple(one.blob_bytes for one in layers),
    )


class _ShellForm(Struct):
    shell: list[str] | None = msgspec.field(name="Shell", default=None)


class _Raw(Struct):
    config: _ShellForm | None = None


def _said(wanted: Wanted, config: Config, raw: bytes, today: date) -> dict[str, Any]:
    """What a config tells; what it tells not, or not plainly, is left out."""
    execution = config.config
    said: dict[str, Any] = {
        "created": _day(config.created, today),
        "user": _plain((execution.user if execution else None) or "root"),
    }
    product = product_of_image(wanted.image)
    if product is not None and product.variable:
        values = _values((execution.env if execution else None) or [], product.variable)
        said["version"] = _plain(next(iter(values), ""))
    try:
        shell = msgspec.json.decode(raw, type=_Raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        shell = _Raw()
    if shell.config is not None and shell.config.shell:
        said["shell"] = _plain(shell.config.shell[0])
    return {name: value for name, value in said.items() if value is not None}


def _values(environment: Sequence[str], name: str) -> Iterator[str]:
    for one in reversed(environment):
        key, _, value = one.partition("=")
        if key == name:
            yield value


def _plain(text: str) -> str | None:
    """A short foreign text that is one word of plain characters."""
    fine = 0 < len(text) <= _MOST_CHARACTERS and text.isascii() and text.isprintable()
    return text if fine else None


def _day(text: str | None, today: date) -> date | None:
    """The day of a date that an image can be of: a build that hides its own says 1970."""
    found = _DAY.match(text or "")
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return day if day and day >= _FIRST_DAY and (day - today).days <= _SPARE_DAYS else None
