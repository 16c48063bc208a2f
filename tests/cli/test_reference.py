from __future__ import annotations

from pathlib import Path

from lightship.cli.reference import cli_reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == cli_reference(), (
        "stale: python -m lightship.cli.reference > docs/reference/cli.md"
    )


def test_the_page_holds_nothing_of_the_machine_it_was_made_on() -> None:
    assert str(Path.home()) not in cli_reference()
