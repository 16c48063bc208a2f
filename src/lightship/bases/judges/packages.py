"""Whether what the application uses of its distribution's packages can be had on the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.bases.installing import installing_on
from lightship.bases.package_wants import wants_of_packages
from lightship.bases.reasoning import listed, reason
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.bases.indexes.index import PackageIndex, Provider
    from lightship.bases.installing import Installing
    from lightship.bases.move import Move
    from lightship.bases.package_wants import Want
    from lightship.model.results.base_verdict import Reason

_KIND = "packages"


def judge(move: Move) -> Iterator[Reason]:
    """Of the same release they are the same; else an index of the base's system says."""
    base = installing_on(move.candidate)
    landing = move.landing
    wants = wants_of_packages(move)
    if landing is not None and landing.is_same_system:
        yield from _brought(move, base)
        yield from _missing([one for one in wants if one.kind != "package"], base)
        return
    if move.application.inside.base_layers is None and move.application.packages:
        says = (
            "nobody knows where its own base ends: which of its packages the application needs,"
            " beyond what it is seen to use, cannot be told"
        )
        yield reason(_KIND, "unproven", says)
    wants = tuple(one for one in wants if one.kind != "package" or one.name not in base.present)
    if not wants:
        return
    index = move.indexes.of(base.system, base.package_format)
    if index is not None:
        yield from _by_index(wants, base, index)
    else:
        yield _untold(wants, base)


def _brought(move: Move, base: Installing) -> Iterator[Reason]:
    """Packages of the same release: the landing has them as they are."""
    landing = move.landing
    if landing is None or not landing.brought:
        return
    packages = move.application.inside.ledger.ownership.packages
    names = listed(packages[number].name for number in sorted(landing.brought))
    count = len(landing.brought)
    if base.manager is not None:
        says = f"{_packages(count)} of {base.system} are installed there as well"
        if move.application.inside.base_layers is not None:
            yield reason(_KIND, "note", says, evidence=names)
            return
        # Nobody knows that the application's own instructions install them.
        brought = [packages[number] for number in sorted(landing.brought)]
        needed = {name for one in brought for name in one.depends}
        owner_of = move.application.inside.ledger.ownership.owner_of
        started = {owner_of[one.record] - 1 for one in move.application.entrypoint.files}
        asked = [
            packages[number].name
            for number in sorted(landing.brought)
            if number in started or packages[number].name not in needed
        ]
        todo = base.instruction(asked or [one.name for one in brought])
        yield reason(_KIND, "carry" if todo else "unproven", says, evidence=names, todo=todo)
    else:
        says = (
            f"{_packages(count)} of {base.system} cannot be installed there, as it has no package"
            " manager: their files would have to be copied"
        )
        yield reason(_KIND, "unproven", says, evidence=names)


def _missing(wants: Sequence[Want], base: Installing) -> Iterator[Reason]:
    """What its old base had and this one has not; of one release the packages' names are one."""
    if not wants:
        return
    names = list(dict.fromkeys(one.package.name for one in wants))
    says = f"it uses {_packages(len(names))} of its own base that this one lacks"
    todo = base.instruction(names)
    yield reason(_KIND, "carry" if todo else "unproven", says, evidence=listed(names), todo=todo)


class _Sorted(Struct):
    """What was wanted, by what an index says of it."""

    found: list[tuple[Want, Provider]]
    lost: list[Want]


def _by_index(wants: Sequence[Want], base: Installing, index: PackageIndex) -> Iterator[Reason]:
    sorted_out = _sorted_out(wants, index)
    if sorted_out.found:
        yield from _to_install(sorted_out.found, base, index)
    name = index.system or base.system or "the base's system"
    certain = [one for one in sorted_out.lost if one.is_certain and one.kind != "package"]
    doubtful = [one for one in sorted_out.lost if one not in certain]
    for one in certain:
        is_proven = index.is_whole and index.system == base.system
        says = f"the {one.kind} {one.name}, without which it does not start, is in no package"
        yield reason(
            _KIND,
            "blocks" if is_proven else "unproven",
            f"{says} of {name}" if is_proven else f"{says} of the given indexes of {name}",
            one.by or None,
        )
    if doubtful:
        says = f"of what it uses of packages, {len(doubtful)} are in no given index of {name}"
        yield reason(_KIND, "unproven", says, evidence=listed(map(_what, doubtful)))


def _sorted_out(wants: Sequence[Want], index: PackageIndex) -> _Sorted:
    result = _Sorted([], [])
    for want in wants:
        provider = _provider(want, index)
        if provider is None:
            result.lost.append(want)
        else:
            result.found.append((want, provider))
    return result


def _provider(want: Want, index: PackageIndex) -> Provider | None:
    if want.kind == "library":
        return index.provider_of_library(want.name)
    if want.kind == "program":
        return index.provider_of_program(want.name)
    return index.named(want.name)


def _to_install(
    found: Sequence[tuple[Want, Provider]], base: Installing, index: PackageIndex
) -> Iterator[Reason]:
    names = list(dict.fromkeys(provider.package.name for _, provider in found))
    missing = [name for name in names if name not in base.present]
    if missing:
        cost = index.cost(missing, base.present)
        says = (
            f"{_packages(len(missing))} to be installed there: with what they need"
            f" {_packages(len(cost.packages))}, {format_bytes(cost.download_bytes)} to download,"
            f" {format_bytes(cost.installed_bytes)} installed"
        )
        todo = base.instruction(missing)
        if todo is None:
            says += ", and it has no package manager"
        yield reason(
            _KIND, "carry" if todo else "unproven", says, evidence=listed(missing), todo=todo
        )
        if cost.unmet:
            says = f"these packages need {len(cost.unmet)} more that no given index has"
            yield reason(_KIND, "unproven", says, evidence=listed(cost.unmet))
    says = "they are other builds than those that it was made with"
    if index.system is None:
        says += ", and the index does not tell of which system it is"
    yield reason(_KIND, "unproven", says, evidence=listed(_builds(found)))


def _builds(found: Sequence[tuple[Want, Provider]]) -> Iterator[str]:
    for want, provider in found:
        package = provider.package
        sure = "" if provider.is_certain else ", by its name alone"
        has = want.package
        yield (
            f"{_what(want)}: {has.name} {has.version or '?'} now,"
            f" {package.name} {package.version or '?'} there{sure}"
        )


def _what(want: Want) -> str:
    return want.name if want.kind == "package" else f"{want.kind} {want.name}"


def _untold(wants: Sequence[Want], base: Installing) -> Reason:
    if not base.package_format:
        says = "it has no packages: what the application uses of them would have to be copied"
    elif base.system is None:
        says = f"nobody knows which packages it can install: no index of {base.package_format}"
        says += " at hand; give one with --index"
    else:
        says = f"no index of {base.system} at hand: give one with --index"
    return reason(_KIND, "unproven", says, evidence=listed(map(_what, wants)))


def _packages(count: int) -> str:
    return "1 package" if count == 1 else f"{count} packages"
