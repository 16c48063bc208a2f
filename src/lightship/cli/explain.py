"""`lightship explain`."""

from __future__ import annotations

import click

from lightship.cli.options import output_options
from lightship.cli.session import Session, show_settings


@click.command("explain")
@click.argument("rule", required=False, metavar="RULE")
@click.option("--list", "listed", is_flag=True, help="List all rules, as without a name.")
@output_options
def command(rule: str | None, **options: object) -> None:
    """Say what a rule finds, why it matters, and what to do.

    RULE is a name as findings have it, lightship explain deleted, or a code of hadolint's. Without
    one, all are listed.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    from lightship.api.rule_pages import rule_pages  # noqa: PLC0415 # see app
    from lightship.report.explain_text import rule_text, rules_text  # noqa: PLC0415 # likewise
    from lightship.report.json import to_json  # noqa: PLC0415 # likewise

    session = Session(options)
    wanted = None if options["listed"] else rule
    result = rule_pages(wanted)
    if session.destination.format_name == "json":
        session.write(to_json(result))
    elif wanted is None:
        session.write(rules_text(result, session.look))
    else:
        session.write("\n".join(rule_text(page, session.look) for page in result.rules))
