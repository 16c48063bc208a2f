"""`lightship check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec.structs import replace

from lightship.cli.options import (
    FILE,
    image_argument,
    image_options,
    layer_options,
    screen_options,
    several_outputs,
)
from lightship.cli.outputs import several, write_all
from lightship.cli.session import Session, show_settings
from lightship.errors import UsageError
from lightship.policy.budgets import BUDGETS
from lightship.policy.gate import BASELINE_VARIABLE, gate_from, places
from lightship.policy.profiles import BUILT_IN
from lightship.report.ci_formats import SUFFIXES, formatter
from lightship.report.paper import Column, table
from lightship.settings import COMMAND_LINE, DEFAULT_ORIGIN, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.cli.output import Destination
    from lightship.layers.limits import Limits
    from lightship.model.results.check import CheckResult
    from lightship.policy.budgets import Budget
    from lightship.policy.dive_ci import DiveRules
    from lightship.policy.gate import Gate
    from lightship.progress import Progress

_F = TypeVar("_F", bound="Callable[..., Any]")
_PREFIX = "limit_"
_FAILED = 1
_DIVE_FILE = Path(".dive-ci")
_DIVE_FLAGS = ("lowest_efficiency", "highest_wasted_bytes", "highest_user_wasted_percent")


def _budget_options(function: _F) -> _F:
    for budget in reversed(BUDGETS):
        for name in reversed(budget.limit_names):
            function = click.option(
                f"--{name}",
                _PREFIX + name.replace("-", "_"),
                metavar=budget.metavar,
                multiple=budget.kind == "paths",
                help=_help(budget, name),
            )(function)
    return function


def _help(budget: Budget, name: str) -> str:
    beyond = "above" if budget.bound == "at_most" else "below"
    if budget.kind == "paths":
        return budget.doc
    return (
        f"Warn {beyond} this." if name == budget.warn_name else f"Fail {beyond} this: {budget.doc}"
    )


@click.command("check")
@image_argument
@_budget_options
@click.option("--profile", help=f"A named set of limits: {', '.join(BUILT_IN)}, or your own.")
@click.option(
    "--baseline",
    metavar="IMAGE|FILE",
    help="Count growth from this image, or from the JSON that an earlier run wrote.",
)
@click.option(
    "--dive-ci", "--ci", is_flag=True, help="Judge as dive --ci does, too: .dive-ci, or defaults."
)
@click.option("--ci-config", type=FILE, help="The same, with the rules in this file.")
@click.option(
    "--lowest-efficiency", "--lowestEfficiency", metavar="RATIO", help="dive's rule of that name."
)
@click.option(
    "--highest-wasted-bytes",
    "--highestWastedBytes",
    metavar="SIZE",
    help="dive's rule of that name.",
)
@click.option(
    "--highest-user-wasted-percent",
    "--highestUserWastedPercent",
    metavar="RATIO",
    help="dive's rule of that name.",
)
@click.option(
    "--manifest-only", is_flag=True, help="Read no layer; believe what the manifest says of sizes."
)
@click.option("--strict", is_flag=True, help="End with exit code 1 for warnings too.")
@click.option("--exit-zero", is_flag=True, help="End with exit code 0 whatever the verdict.")
@click.option(
    "--dockerfile",
    default="Dockerfile",
    show_default=True,
    metavar="FILE",
    help="What reports point at, from the repository's root; the lines in it that made the heavy "
    "layers, if it can be read and built the image.",
)
@image_options
@several_outputs(SUFFIXES)
@screen_options
@layer_options
@click.pass_context
def command(context: click.Context, /, reference: str | None, **options: object) -> None:
    """Hold an image against limits; exit 1 if it breaks one.

    Limits come from options, LIGHTSHIP_CHECK_*, the table [check] of lightship.toml or
    [tool.lightship.check], and a profile; the first that speaks wins. An image that measures
    exactly a limit passes. SIZE is 500MB or 5GiB; none lifts a limit that a file or profile sets.
    """
    if options["show_settings"]:
        _show_settings(options)
        return
    if not reference:
        raise UsageError("no image is named", "Write lightship check IMAGE, or --help for more.")
    outputs = options["outputs"]
    assert isinstance(outputs, tuple)  # noqa: S101 - click's `multiple`
    format_name = options["format_name"]
    chosen = format_name if isinstance(format_name, str) else None
    destinations = several(outputs, chosen, SUFFIXES)
    result, session = _answer(reference, options)
    write_all(destinations, lambda place: _written(result, place, session))
    if options["exit_zero"]:
        return
    if result.verdict == "fail" or (result.verdict == "warn" and options["strict"]):
        context.exit(_FAILED)


def _answer(reference: str, options: dict[str, object]) -> tuple[CheckResult, Session]:
    from lightship.api.checking import Question, check_gate  # noqa: PLC0415 # see app

    session = Session(options)
    gate = _gate(options, session.settings)
    platform = session.settings.values["platform"]
    question = Question(
        reference=reference,
        platform=platform.value,
        platform_origin=platform.origin,
        baseline=_baseline(options, gate),
        dive=_dive_rules(options),
        manifest_only=bool(options["manifest_only"]),
        dockerfile=str(options["dockerfile"]),
        asked_by=COMMAND_LINE,
    )
    with session.progress() as progress:
        reading = _reading(session, gate, progress)
        return check_gate(question, gate, reading), session  # type: ignore[arg-type]


def _reading(session: Session, gate: Gate, progress: Progress) -> dict[str, Any]:
    if session.options["manifest_only"]:
        # The rest is not even imported.
        network, auth_file = session.network(), session.settings["auth-file"]
        return {"network": network, "auth_file": auth_file, "progress": progress}
    return {**session.reading(), "limits": _limits(session, gate), "progress": progress}


def _limits(session: Session, gate: Gate) -> Limits:
    """What the image may cost to read: a budget that somebody types asks to read that much."""
    limits = session.limits()
    budget = gate.limits.get("max-unpacked")
    if budget is None or budget.origin != COMMAND_LINE:
        return limits
    # Twice, for what a tar has besides content.
    most = max(limits.max_unpacked_bytes, 2 * int(budget.amount))
    return replace(limits, max_unpacked_bytes=most)


def _gate(options: Mapping[str, object], settings: Settings) -> Gate:
    given = {
        name.removeprefix(_PREFIX): value
        for name, value in options.items()
        if name.startswith(_PREFIX)
    }
    given["profile"] = options["profile"]
    found = places(given, os.environ, settings.sections["check"])
    return gate_from(found, settings.sections["profiles"])


def _baseline(options: Mapping[str, object], gate: Gate) -> str | None:
    given = options["baseline"]
    if isinstance(given, str):
        return given
    # A variable may be set for many images, also such as nobody counts the growth of.
    return (os.environ.get(BASELINE_VARIABLE) or None) if gate.counts_growth else None


def _dive_rules(options: Mapping[str, object]) -> DiveRules | None:
    """The rules of dive, if anything asks for them; a `.dive-ci` that nobody named is not read."""
    flags = {name: options[name] for name in _DIVE_FLAGS if options[name] is not None}
    file = options["ci_config"]
    if not options["dive_ci"] and file is None and not flags:
        return None
    from lightship.policy.dive_ci import dive_rules_from, read_dive_rules  # noqa: PLC0415 # see app

    if file is None and options["dive_ci"] and _DIVE_FILE.exists():
        file = _DIVE_FILE
    rules = read_dive_rules(file) if isinstance(file, Path) else None
    return dive_rules_from(**{name: str(text) for name, text in flags.items()}, file=rules)


def _written(result: CheckResult, place: Destination, session: Session) -> str:
    if place.format_name != "text":
        return formatter("check", place.format_name)(result)
    from lightship.report.check_text import check_text  # noqa: PLC0415 # see app

    return check_text(result, place.look(session.settings["color"]))


def _show_settings(options: Mapping[str, object]) -> None:
    session = Session(options)
    gate = _gate(options, session.settings)
    show_settings(options)
    look = session.look
    rows = [[look.ink("profile", "bold"), look.ink("(none)"), look.ink(DEFAULT_ORIGIN, "dim")]]
    if gate.profile:
        rows[0] = [look.ink("profile", "bold"), look.ink(gate.profile.name), look.ink("")]
    rows += [
        [look.ink(name, "bold"), look.ink(written), look.ink(origin, "dim")]
        for name, written, origin in gate.rows()
    ]
    columns = [Column("LIMIT"), Column("VALUE"), Column("FROM")]
    session.write("\n" + look.render(table(columns, rows, look)))
