"""`make corpus DIR=...`: every file below a folder of Dockerfiles is read, linted and fixed.

    PYTHONPATH=tools python -m corpus DIR [--page FILE] [--json FILE] [--no-fix] [--every N]

Prints what was counted, with the first offenders; 1 if anything is there that must not be. Nothing
is written below DIR. Where its folders are called OWNER+NAME@COMMIT, the page names the
repositories.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from corpus.running import files_below, run
from corpus.summary import failures, page, printed


def main(arguments: list[str] | None = None) -> int:
    """Run the checks and print the summary."""
    parser = argparse.ArgumentParser(prog="python -m corpus", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the results as Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all counts as JSON")
    parser.add_argument("--no-fix", action="store_true", help="only read the files")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each N-th file")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    files = files_below(options.folder)[:: options.every]
    if not files:
        parser.error(f"no files below {options.folder}")
    outcome = run(options.folder, files, options.jobs, fixes=not options.no_fix)
    print(printed(outcome))
    if options.json:
        told = {"counts": dict(outcome.counts), "examples": outcome.examples}
        options.json.write_text(json.dumps(told, indent=1))
    if options.page:
        options.page.write_text(page(outcome, options.folder, files))
    return 1 if failures(outcome) else 0


if __name__ == "__main__":
    sys.exit(main())
