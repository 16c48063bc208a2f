"""`base compare` as Markdown: for comments on pull requests, and summaries of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_compare_rows import in_common, notes, only_here, rows, verdict
from lightship.report.base_list_markdown import starred
from lightship.report.markdown import code, fitting, prose, table

if TYPE_CHECKING:
    from lightship.model.results.base_compare import BaseCompareResult


def base_compare_markdown(result: BaseCompareResult) -> str:
    """The answer, a table with a column for each image, and what they have in common."""
    body = [[row.label, *(starred(cell.text) for cell in row.cells)] for row in rows(result)]
    own = [f"- only in {code(name)}: {prose(packages)}" for name, packages in only_here(result)]
    told = [f"- {prose(sentence)}" for sentence in in_common(result)]
    marks = [f"- {prose(note)}" for note in (*result.warnings, *notes(result))]
    blocks = [
        "### lightship base compare",
        f"{prose(verdict(result))}.",
        table(("", *(code(one.name) for one in result.images)), body),
        "\n".join(told),
        "\n".join(own),
        "\n".join(marks),
    ]
    return fitting(block for block in blocks if block)
