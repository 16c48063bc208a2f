"""What a history says made a layer, as a person would have written it."""

from __future__ import annotations

import re

_SHELL = r"(?:/bin/(?:ba|da|a|z)?sh|/bin/busybox sh)(?: -[A-Za-z-]+(?: pipefail)?)*? -[a-z]*c "
# Build arguments stand before the shell: `|2 NAME=value OTHER=value /bin/sh -c ...`.
_RUN = re.compile(rf"(?:RUN )?(?:\|[0-9]+ .*?)?{_SHELL}\s*")
_NO_OPERATION = re.compile(r"(?:/bin/sh -c|cmd /S /C) #\(nop\) +")
_BUILDKIT = re.compile(r" *# buildkit$")
_LONG_HEX = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")
# Real ones are shorter; a hostile one must not cost time.
_LONGEST = 4096


def readable_instruction(created_by: str) -> str:
    """The instruction without the builder's wrapping, on one line.

    `/bin/sh -c #(nop)  CMD ["sh"]` is `CMD ["sh"]`, and `RUN |1 A=b /bin/sh -c make # buildkit`
    is `RUN make`. Long digests are cut to their first twelve characters.
    """
    text = " ".join(created_by[:_LONGEST].split())
    text = _BUILDKIT.sub("", text)
    if bare := _NO_OPERATION.match(text):
        text = text[bare.end() :]
    elif run := _RUN.match(text):
        text = "RUN " + text[run.end() :]
    return _LONG_HEX.sub(r"\1", text)
