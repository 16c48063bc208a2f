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

What `lightship inspect` looks for in an image, and `lightship lint` in a Dockerfile and its build
context. `lightship explain RULE` prints a rule's page.

## Images

[Findings](../how-to/findings.md) says how to read, suppress and resolve what they find. A warning
that frees little is an info: from how many bytes on it warns stands on its page.

| rule | severity | remedy | what it finds |
|---|---|---|---|
"""
_DOCKERFILES = """
## Dockerfiles

[Lint a Dockerfile](../how-to/lint-a-dockerfile.md) and
[Fix a Dockerfile](../how-to/fix-a-dockerfile.md) say how to use them. What a safe fix leaves is the
same image but for caches and copies that nothing reads. Comments that suppress hadolint's rules
hold for ours that have the same code.

| rule | severity | fixes | hadolint | what it finds |
|---|---|---|---|---|
"""
_CONTEXTS = """
## Build contexts

`lightship context show` asks them all, `lightship lint` those that have a tick where a Dockerfile
takes files from its context. They fix nothing: `lightship context init --merge` writes lines.

| rule | severity | lint | what it finds |
|---|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Each page that is written, with its text."""
    rules = rule_pages().rules
    images = [_row(rule, rule.remedy or "") for rule in rules if rule.looks_at == "image"]
    dockerfiles = [
        _row(rule, ", ".join(rule.fixes), ", ".join(rule.codes))
        for rule in rules
        if rule.looks_at == "dockerfile"
    ]
    contexts = [
        _row(rule, "✓" if rule.asked else "") for rule in rules if rule.looks_at == "context"
    ]
    text = _HEAD + "\n".join(images) + "\n" + _DOCKERFILES + "\n".join(dockerfiles) + "\n"
    text += _CONTEXTS + "\n".join(contexts) + "\n"
    return {LIST: text} | {FOLDER / f"{rule.name}.md": _page(rule) for rule in rules}


def _row(rule: RulePage, *facts: str) -> str:
    cells = (f"[{rule.name}](rules/{rule.name}.md)", rule.severity, *facts, rule.title)
    return f"| {' | '.join(cells)} |"


def stale() -> list[Path]:
    """Pages of rules that there are no more."""
    return sorted(set(FOLDER.glob("*.md")) - set(pages()))


def _page(rule: RulePage) -> str:
    return f"""{_NOTICE}

# {rule.title}

{_facts(rule)}

{rule.page.strip()}

## Suppress it

{_suppressing(rule)}
All rules: [Rules](../rules.md).
"""


def _facts(rule: RulePage) -> str:
    facts = {"rule": f"`{rule.name}`", "severity": rule.severity, "confidence": rule.confidence}
    if rule.looks_at == "image":
        if rule.severity == "warning" and rule.remedy != "change" and rule.quiet_below_bytes:
            facts["severity"] += f" from {format_bytes(rule.quiet_below_bytes)}, else info"
        facts["remedy"] = rule.remedy or ""
    elif rule.looks_at == "context":
        facts["lint"] = "asked" if rule.asked else f"with `--select {rule.name}`"
    else:
        facts["fixes"] = ", ".join(rule.fixes) or "none"
        facts["hadolint"] = ", ".join(rule.codes) or "none"
        facts["asked"] = "always" if rule.asked else f"with `--select {rule.name}`"
    return f"| {' | '.join(facts)} |\n|{'---|' * len(facts)}\n| {' | '.join(facts.values())} |"


def _suppressing(rule: RulePage) -> str:
    in_context = " or the line of the ignore file" if rule.looks_at == "context" else ""
    comment = f"""```dockerfile
# lightship: ignore[{rule.name}] why it may stay
```

above the instruction{in_context}, or in `lightship.toml`

"""
    return f"""{comment if rule.looks_at != "image" else ""}```toml
[[rules.ignore]]
rule = "{rule.name}"
reason = "why it may stay"
```
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
