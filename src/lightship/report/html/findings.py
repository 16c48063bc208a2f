"""Findings: what each is, what it saves, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.html.elements import Html, bar, cell, element, foreign, joined, table
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.finding import Evidence, Finding
    from lightship.model.results.inspect import InspectResult

_CONFIDENCE = {"certain": "", "likely": "likely", "guess": "a guess"}


def findings(result: InspectResult) -> Html:
    """What matters; then, folded up, what is good to know and what is suppressed."""
    if result.contents is None and not result.findings:
        return Html()
    heard = [one for one in result.findings if one.suppressed is None]
    matter = [one for one in heard if one.severity != "info"]
    infos = [one for one in heard if one.severity == "info"]
    silent = [one for one in result.findings if one.suppressed is not None]
    whole = result.image.unpacked_bytes
    freed = result.removable_bytes
    note = f"together {format_bytes(freed)} unpacked" if freed else "unpacked bytes"
    parts = [_finding(one, whole) for one in matter]
    if not parts:
        parts = [element("p", "Nothing found that is worth acting on.", class_="good")]
    return element(
        "section",
        element("h2", "What to act on", " ", element("small", note)),
        *parts,
        _folded(f"{counted(len(infos), 'more finding')}, good to know", infos, whole),
        _folded(f"{len(silent)} suppressed", silent, whole),
        id="findings",
    )


def _folded(title: str, found: list[Finding], whole: int) -> Html:
    if not found:
        return Html()
    return element(
        "details",
        element("summary", title),
        *(_finding(one, whole) for one in found),
        class_="others",
    )


def _finding(finding: Finding, whole: int) -> Html:
    freed = finding.removable_bytes
    facts = [f"{about(finding.wire_bytes, estimated=True)} wire"] if finding.wire_bytes else []
    facts += [counted(finding.files, "file")] if finding.files else []
    facts += filter(None, [_CONFIDENCE[finding.confidence]])
    saves = Html()
    if freed:
        saves = element(
            "div",
            element("b", format_bytes(freed)),
            bar(freed, whole, "removable"),
            element("small", ", ".join(facts)),
            class_="saves",
        )
    elif facts:
        saves = element("div", element("small", ", ".join(facts)), class_="saves")
    suppressed = Html()
    if finding.suppressed is not None:
        suppressed = element("p", "Suppressed: ", foreign(finding.suppressed))
    return element(
        "article",
        element(
            "div",
            element(
                "h3",
                element("i", finding.severity, class_=f"mark {finding.severity}"),
                foreign(finding.title),
            ),
            element("p", _prose(finding.message)),
            element("p", _prose(finding.advice), class_="advice"),
            suppressed,
            element(
                "div",
                _evidence(finding),
                element("p", element("code", f"lightship explain {finding.rule}"), class_="rule"),
                class_="proof",
            ),
        ),
        saves,
        class_=f"finding {finding.severity}",
    )


def _prose(sentence: str) -> Html:
    """What stands in backquotes is code: an instruction, a command."""
    pieces = sentence.split("`")
    return joined(
        *(element("code" if at % 2 else "bdi", piece) for at, piece in enumerate(pieces) if piece)
    )


def _evidence(finding: Finding) -> Html:
    if not finding.evidence:
        return Html()
    rows = [_piece(one) for one in finding.evidence]
    columns = [("bytes", "n"), ("layer", "n"), ("where", "")]
    more = max(finding.evidence_count - len(rows), 0)
    count = max(finding.evidence_count, len(rows))
    return element(
        "details",
        element("summary", counted(count, "place")),
        table("sortable evidence", "Evidence", columns, rows),
        element("p", f"and {more:,} more") if more else "",
    )


def _piece(evidence: Evidence) -> list[Html]:
    told: list[Html] = []
    if evidence.path is not None:
        path = f"/{evidence.path.lstrip('/')}"
        told.append(element("code", foreign(path), data_path=path))
    if evidence.note:
        told.append(element("span", foreign(evidence.note)))
    if evidence.created_by:
        made_by = element("code", foreign(readable_instruction(evidence.created_by)), class_="dim")
        told.append(made_by)
    size = format_bytes(evidence.bytes) if evidence.bytes else ""
    return [
        cell(size, class_="n", value=evidence.bytes),
        cell("" if evidence.layer is None else str(evidence.layer), class_="n"),
        cell(joined(*told), class_="long"),
    ]
