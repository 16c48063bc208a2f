r"""A pattern that does not do what it looks like, or what the same would do in a `.gitignore`.

| written | what Docker makes of it |
|---|---|
| `[!a]` | one of the characters `!` and `a`: a class is negated with `^` |
| `*.{js,ts}` | braces and commas are characters of the name |
| `dist  # output` | the whole line is the pattern: comments stand on lines of their own |
| `  # output` | a pattern, as `#` is not the first character of the line |
| `src\bin` | a backslash takes the meaning of the next character, it separates nothing |
| `~/data`, `$HOME` | nothing is filled in |
| `/!src` | an exception, as the slash is taken away first |

## Why it matters

What should stay out is sent, and nothing says so.

## What to do

Write what is meant in the way that Docker reads it:

```
# output
dist
**/*.js
**/*.ts
```

## What it cannot see

A file that really is called like that. `lightship context why PATH` says which line decides.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from lightship.rules.covering import MOST_PATTERNS
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending

_MOST = 50
_LONGEST = 300
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s+#"), "is a pattern, # included: a comment begins in the first column"),
    (re.compile(r"\S.*\s#"), "has no comment behind it: the whole line is the pattern"),
    (re.compile(r"\s*/+!"), "is an exception, as the slash before ! is taken away"),
    (re.compile(r"(?:.*[^\\])?\[!"), "is not negated by !: a class is negated with [^...]"),
    (
        re.compile(r"(?:.*[^\\])?\{[^{}]*,[^{}]*\}"),
        "stands for a name with braces: each alternative needs a line of its own",
    ),
    (re.compile(r".*\\[A-Za-z]"), "has a backslash, which separates nothing: write /"),
    (
        re.compile(r"\s*!?\s*(?:~/|.*\$(?:[A-Z_]+\b|\{))"),
        "is taken as written: nothing is filled in",
    ),
)


def _check(sending: Sending) -> Iterator[ContextSmell]:
    yield from islice(_misread(sending), _MOST)


def _misread(sending: Sending) -> Iterator[ContextSmell]:
    for pattern in sending.context.ignore.patterns[:MOST_PATTERNS]:
        if len(pattern.text) > _LONGEST:
            continue
        for form, said in _FORMS:
            if form.match(pattern.text):
                yield ContextSmell(
                    message=f"{pattern.text.strip()[:80]} {said}.", line=pattern.line
                )
                break


RULE = ContextRule(
    name="pattern-misread",
    title="A pattern does not do what it looks like",
    severity="warning",
    confidence="likely",
    advice="Write it in the way that Docker reads it; the rule's page has a table.",
    page=__doc__,
    check=_check,
)
