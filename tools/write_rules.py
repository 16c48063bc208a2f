"""Writes docs/reference/rules.md and a page for each rule: `make docs`.

A rule's page is its own `page`, which `lightship explain` prints as well; nothing is written here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lightship.api.rule_pages import rule_pages
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.rules import RulePage

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "reference" / "rules.md"
FOLDER = ROOT / "docs" / "reference" / "rules"
_NOTICE = "<!-- Written by tools/write_rules.py; the text stands in the rule. -->"
_HEAD = f"""{_NOTICE}

# Rules

What `lightship inspect` looks for in an image. `lightship explain RULE` prints a rule's page, and
[Findings](../how-to/findings.md) says how to read, suppress and resolve what they find.

A warning that frees little is an info: from how many bytes on it warns stands on its page.

| rule | severity | remedy | what it finds |
|---|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Each page that is written, with its text."""
    rules = rule_pages().rules
    rows = [
        f"| [{rule.name}](rules/{rule.name}.md) | {rule.severity} | {rule.remedy} | {rule.title} |"
        for rule in rules
    ]
    written = {LIST: _HEAD + "\n".join(rows) + "\n"}
    return written | {FOLDER / f"{rule.name}.md": _page(rule) for rule in rules}


def stale() -> list[Path]:
    """Pages of rules that there are no more."""
    return sorted(set(FOLDER.glob("*.md")) - set(pages()))


def _page(rule: RulePage) -> str:
    quiet = ""
    if rule.severity == "warning" and rule.remedy != "change" and rule.quiet_below_bytes:
        quiet = f" from {format_bytes(rule.quiet_below_bytes)}, else info"
    return f"""{_NOTICE}

# {rule.title}

| rule | severity | confidence | remedy |
|---|---|---|---|
| `{rule.name}` | {rule.severity}{quiet} | {rule.confidence} | {rule.remedy} |

{rule.page.strip()}

## Suppress it

```toml
[[rules.ignore]]
rule = "{rule.name}"
reason = "why it may stay"
```

All rules: [Rules](../rules.md).
"""


def main() -> None:
    """Write every page that has changed, and remove those of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    for page, text in pages().items():
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(f"written: {page.relative_to(ROOT)}")
    for page in stale():
        page.unlink()
        print(f"removed: {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
