"""Whether programs that the application's sources start are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.source_words import source_words
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

# They build and install: what they start is not needed to run.
_BUILDERS = frozenset(
    (
        *("pip", "setuptools", "wheel", "distutils", "Cython", "cffi", "numpy", "meson", "build"),
        *("poetry", "npm", "corepack", "yarn", "node-gyp", "bundler", "rake"),
    )
)


def judge(move: Move) -> Iterator[Reason]:
    """What is there now and not on the base leaves a doubt: nobody knows that it is called."""
    landing = move.landing
    if landing is None:
        return
    missing: dict[bytes, bytes] = {}
    known: dict[bytes, bool] = {}
    for path, word in _called(move):
        if word not in known:
            now = move.application.scene.program(word)
            known[word] = now is not None and landing.program(word) is None
        if known[word]:
            missing.setdefault(word, path)
    if missing:
        count = len(missing)
        which = "1 program" if count == 1 else f"{count} programs"
        told = (f"{text_of(word)}: in {text_of(path)}" for word, path in missing.items())
        says = f"{which} that the application's sources may start would not be there"
        yield reason("source_calls", "unproven", says, evidence=listed(told))


def _called(move: Move) -> Iterator[tuple[bytes, bytes]]:
    application = move.application
    ownership = application.inside.ledger.ownership
    records = application.scene.records
    paths = {one.record: one.path for one in records.of("source-words")}
    for record, found in source_words(records).items():
        if record not in application.carried:
            continue
        package = ownership.package_of(record)
        if package is not None and package.name in _BUILDERS:
            continue
        for word in found.programs:
            yield paths[record], word
