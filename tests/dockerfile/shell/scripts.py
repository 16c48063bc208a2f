"""Random scripts of which it is known what they hold."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

Inside = tuple[tuple[str, ...], tuple[str, ...]]
"""What a command stands in, and its words."""


class Piece(NamedTuple):
    """A part of a script: its text, its kind, and the commands in it in order."""

    text: str
    kind: str
    commands: tuple[Inside, ...]


class Whole(NamedTuple):
    text: str
    statements: tuple[tuple[str, str], ...]
    """Kind and operator of each."""
    commands: tuple[tuple[int, Inside], ...]
    """With the statement it belongs to."""


NAMES = st.sampled_from(["true", "false", "make", "apt-get", "/usr/bin/cp", "t1"])
PLAIN = st.text("abz019_./:@%+-=,", min_size=1, max_size=8)


def _quoted(kind: str, text: str) -> tuple[str, str]:
    if kind == "single":
        return f"'{text}'", text
    if kind == "double":
        return f'"{text}"', text
    if kind == "escaped":
        return "".join("\\" + char for char in text), text
    return text, text


PARTS = st.one_of(
    st.builds(_quoted, st.just("bare"), PLAIN),
    st.builds(_quoted, st.just("single"), st.text('ab $`"\\*é&|;()<>#{}', max_size=5)),
    st.builds(_quoted, st.just("double"), st.text("ab '*é&|;()<>#{}~", max_size=5)),
    st.builds(
        _quoted, st.just("escaped"), st.text("ab $`\"'\\*é&|;()<>#{}~", min_size=1, max_size=3)
    ),
    st.sampled_from(
        [(text, text) for text in ("$A", "${A:-b}", "${A#*/}", "*.c", "$?", "$((1 + 2))")]
    ),
    st.just(('"x $A"', "x $A")),
)
WORDS = st.lists(PARTS, min_size=1, max_size=3).map(
    lambda parts: ("".join(raw for raw, _ in parts), "".join(text for _, text in parts))
)


def _under(kinds: tuple[str, ...], commands: tuple[Inside, ...]) -> tuple[Inside, ...]:
    return tuple(((*kinds, *within), words) for within, words in commands)


@st.composite
def simple(draw: st.DrawFn, depth: int) -> Piece:
    name = draw(NAMES)
    arguments = draw(st.lists(WORDS, max_size=3))
    texts, raws = [name, *(text for _, text in arguments)], [name, *(raw for raw, _ in arguments)]
    inner: tuple[Inside, ...] = ()
    if depth and draw(st.integers(0, 5)) == 5:
        body, _, found = draw(lists(depth - 1))
        opening, closing = draw(st.sampled_from([("$( ", ")"), ('"$( ', ')"')]))
        raws.append(f"{opening}{body}{closing}")
        texts.append(f"$( {body})")
        inner = _under(("substitution",), found)
    prefix = draw(st.sampled_from(["", "", "", "A=1 ", "A='x y' B= "]))
    suffix = draw(
        st.sampled_from(["", "", "", " > /dev/null", " 2>&1", " >>'a b' 2>/dev/null", " <in"])
    )
    return Piece(prefix + " ".join(raws) + suffix, "command", (((), tuple(texts)), *inner))


@st.composite
def lists(draw: st.DrawFn, depth: int) -> Piece:
    """A list as it stands in something: with no operator at its end."""
    text, statements, commands = draw(scripts(depth, joiners=("&&", "||", ";", "\n")))
    return Piece(text, statements[0][0], tuple(inside for _, inside in commands))


@st.composite
def compounds(draw: st.DrawFn, depth: int) -> Piece:
    kind = draw(st.sampled_from(["subshell", "group", "if", "loop", "for", "case"]))
    body = draw(lists(depth - 1))
    if kind == "subshell":
        return Piece(f"( {body.text})", kind, _under((kind,), body.commands))
    if kind == "group":
        return Piece(f"{{ {body.text}; }}", kind, _under((kind,), body.commands))
    if kind == "for":
        inside = _under(("loop",), body.commands)
        return Piece(f"for i in a $B 'c d'; do {body.text}; done", "loop", inside)
    if kind == "case":
        text = f"case $A in a|'b') {body.text};; (*) true ;; esac"
        commands = (*_under(("case",), body.commands), (("case",), ("true",)))
        return Piece(text, "case", commands)
    test = draw(lists(depth - 1))
    commands = (*_under((kind, "condition"), test.commands), *_under((kind,), body.commands))
    if kind == "loop":
        word = draw(st.sampled_from(["while", "until"]))
        return Piece(f"{word} {test.text}; do {body.text}; done", kind, commands)
    other = draw(lists(0))
    text = f"if {test.text}; then {body.text}\nelse {other.text}; fi"
    return Piece(text, kind, (*commands, *_under((kind,), other.commands)))


@st.composite
def members(draw: st.DrawFn, depth: int) -> Piece:
    """A pipeline, or what it may be made of."""
    whole = [draw(st.one_of(simple(depth), compounds(depth)) if depth else simple(depth))]
    while depth and draw(st.integers(0, 4)) == 4:
        whole.append(draw(simple(depth - 1)))
    text = draw(st.sampled_from([" | ", "|", " |\n "])).join(piece.text for piece in whole)
    kind, commands = whole[0].kind, tuple(inside for piece in whole for inside in piece.commands)
    if len(whole) > 1:
        kind, commands = "pipeline", _under(("pipeline",), commands)
    if draw(st.integers(0, 9)) == 9:
        return Piece("! " + text, "negation", _under(("negation",), commands))
    return Piece(text, kind, commands)


@st.composite
def scripts(
    draw: st.DrawFn, depth: int = 2, joiners: tuple[str, ...] = ("&&", "||", ";", "\n", "&")
) -> Whole:
    pieces = draw(st.lists(members(depth), min_size=1, max_size=4))
    operators = [draw(st.sampled_from(joiners)) for _ in pieces[1:]]
    text, statements, commands = "", [], []
    before = ""
    for index, (piece, operator) in enumerate(zip(pieces, [*operators, ""], strict=True)):
        text += piece.text
        if operator:
            text += draw(st.sampled_from(["", " ", "  "])) + operator
            text += draw(st.sampled_from(["", " ", "\t ", "\n"]))
        statements.append((piece.kind, operator))
        kinds = ("or",) if before == "||" else ()
        commands += [(index, inside) for inside in _under(kinds, piece.commands)]
        before = operator
    return Whole(text, tuple(statements), tuple(_in_background(commands, operators)))


def _in_background(
    commands: list[tuple[int, Inside]], operators: list[str]
) -> list[tuple[int, Inside]]:
    """A list of `&&` and `||` that ends in `&` is in the background as a whole."""
    is_background: list[bool] = []
    current = False
    for operator in reversed([*operators, ""]):
        if operator not in ("&&", "||"):
            current = operator == "&"
        is_background.insert(0, current)
    return [
        (index, (("background", *within) if is_background[index] else within, words))
        for index, (within, words) in commands
    ]
