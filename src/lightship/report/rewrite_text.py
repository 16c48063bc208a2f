"""A rewrite for people: what came of it first, then each layer, what went, and what was proven."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from lightship.report.paper import Line, Look, Style, wrap, wrapped
from lightship.report.rewrite_cleaning import cleaning_lines
from lightship.report.rewrite_tables import choice_table, is_bound, layer_table
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.rewrite import ProofResult, RewriteResult, Sizes

_DONE = {
    "squash": "squashed",
    "clean": "cleaned",
    "recompress": "recompressed",
    "copy": "copied",
}
_ID = 12


def rewrite_all_text(results: Sequence[RewriteResult], look: Look, *, top: int = 10) -> str:
    """The reports of one image for several platforms, one after the other."""
    return "\n\n".join(rewrite_text(one, look, top=top) for one in results)


def rewrite_text(result: RewriteResult, look: Look, *, top: int = 10) -> str:
    """What was done, or would be; `top` rows of a list at most."""
    lines = _head(result, look)
    for part in (
        layer_table(result, look, top),
        choice_table(result, look),
        cleaning_lines(result, look, top),
        _told(result, look),
        _next(result, look),
    ):
        if part:
            lines += [[], *part]
    return look.render(lines)


def _head(result: RewriteResult, look: Look) -> list[Line]:
    named = f"{result.rewrite} {result.source}"
    if result.outcome == "nothing":
        lines = wrapped(f"{named}: nothing would be won, and nothing was written", look, "bold")
        lines += wrapped(f"{_sentence(result.why or '')}", look)
        return lines + wrapped(result.platform, look, "dim")
    if result.outcome == "planned":
        if result.why is not None:
            told = "nothing would be won"
            return [
                *wrapped(f"{named}: {told}", look, "bold"),
                *wrapped(_sentence(result.why), look),
            ]
        return wrapped(f"{named}, planned: {_sizes(result)}", look, "bold")
    done = f"{_DONE[result.rewrite]} {result.source}: {_sizes(result)}"
    facts = [f"written to {result.destination}", result.platform]
    if result.image_id:
        facts.append(f"image {result.image_id.partition(':')[2][:_ID]}")
    return [*wrapped(done, look, "bold"), *wrapped(", ".join(facts), look, "dim")]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _sizes(result: RewriteResult) -> str:
    before, after = result.before, result.after
    layers = counted(before.layers, "layer")
    if after.layers != before.layers:
        layers += f" to {after.layers:,}"
    old, new = before.wire_bytes, after.wire_bytes
    if new is None:
        return layers
    if is_bound(result):
        return f"{layers}, at most {_wire(before)} on the wire"
    if old is None or format_bytes(old) == format_bytes(new):
        return f"{layers}, {_wire(after)} on the wire"
    percent = round((new - old) / old * 100) if old else 0
    share = f" ({percent:+} %)" if percent else ""
    return f"{layers}, {_wire(before)} to {_wire(after)} on the wire{share}"


def _wire(sizes: Sizes) -> str:
    return about(sizes.wire_bytes or 0, estimated=sizes.wire_bytes_estimated)


def _told(result: RewriteResult, look: Look) -> list[Line]:
    """What was proven, what sharing is left, and what else there is to know."""
    lines: list[Line] = []
    if result.proof is not None:
        lines += _indented(f"Proven: {_proof(result, result.proof)}", look, "good")
    elif result.outcome == "written":
        lines += _indented(_copied(result), look, "good")
    if result.outcome != "nothing" and result.why is None and (shared := _sharing(result)):
        lines += _indented(shared, look, "warn" if result.sharing_lost_bytes else "plain")
    for note in result.notes:
        lines += _indented(f"note: {note}", look, "warn")
    return lines


def _indented(text: str, look: Look, style: Style) -> list[Line]:
    first, *rest = wrap(look.ink(text).text, max(look.width - 2, 20))
    lines: list[Line] = [[look.ink(first, style)]]
    return lines + [[look.ink(f"  {piece}", style)] for piece in rest]


def _copied(result: RewriteResult) -> str:
    """What of a copy is as it was."""
    if result.same_manifest:
        return "Verified: manifest, config and layers are as before, byte for byte"
    again = sum(row.fate == "recompressed" for row in result.layers)
    if not again:
        return "Verified: config and layers are as before, byte for byte; the manifest is new"
    layers = counted(again, "layer")
    how = "unpacked" if all(row.codec == "plain" for row in result.layers) else "compressed"
    return f"Verified: the image ID and all diff IDs are as before; {layers} {how} on the way"


def _proof(result: RewriteResult, proof: ProofResult) -> str:
    if all(row.fate != "written" for row in result.layers):
        return "every layer unpacks to the tar that it was, and the image ID is as before"
    names = f"{counted(proof.names, 'name')} {'is' if proof.names == 1 else 'are'} as before"
    if proof.files:
        files = counted(proof.files, "file")
        names = (
            f"{counted(proof.names, 'name')} and the SHA-256 of {files}"
            f" ({format_bytes(proof.content_bytes)}) are as before"
        )
    changed = [
        f"{counted(count, 'name')} {what}"
        for count, what in (
            (proof.removed, "went"),
            (proof.edited, "got another content"),
            (proof.linked, "became hard links"),
            (proof.clamped, "got an earlier time"),
            (proof.unmarked, "lost marks of overlayfs"),
        )
        if count
    ]
    return f"{names}; {', '.join(changed)}, all announced" if changed else names


def _sharing(result: RewriteResult) -> str:
    base, after = result.base_layers, result.after
    if not base or after.wire_bytes is None:
        return ""
    kept = result.layers[: min(result.kept_layers, base)]
    pull = after.wire_bytes - sum(row.wire_bytes or 0 for row in kept)
    pulled = about(pull, estimated=after.wire_bytes_estimated)
    if result.sharing_lost_bytes:
        lost = format_bytes(result.sharing_lost_bytes)
        return (
            f"Sharing: {lost} of the base's layers are not shared with other images any more;"
            f" a node that has the base pulls {pulled}"
        )
    layers = "layer stays" if base == 1 else f"{base} layers stay"
    return f"Sharing: the base's {layers} shared; a node that has the base pulls {pulled}"


def _dead(result: RewriteResult) -> str:
    """What a clean leaves to a squash."""
    dead = result.before.dead_bytes
    if result.rewrite != "clean" or not dead:
        return ""
    source = shlex.quote(result.source)
    return f"{format_bytes(dead)} are dead bytes: lightship squash {source} --plan says what goes"


def _next(result: RewriteResult, look: Look) -> list[Line]:
    if result.outcome == "nothing":
        hint = f"lightship copy {shlex.quote(result.source)} DEST writes the image as it is"
        if dead := _dead(result):
            hint = f"{dead}; {hint}"
    elif result.outcome == "planned":
        if result.why is not None:
            return wrapped(_dead(result), look, "dim") if _dead(result) else []
        hint = "Nothing was written; -o DEST writes it"
        if is_bound(result):
            hint += ", and tells how small the blobs are: each layer keeps the smaller one"
    elif (place := result.destination or "").endswith(":-"):
        return []  # it went down a pipe
    else:
        hint = f"lightship inspect {shlex.quote(place)} looks at it"
        kind, _, rest = place.partition(":")
        if kind == "docker-archive":
            file = rest.partition(":")[0]
            hint += f"; docker load -i {shlex.quote(file)} loads it"
    return wrapped(hint, look, "dim")
