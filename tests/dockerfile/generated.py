"""Random Dockerfiles: built by rule, of pieces in any order, and real ones with pieces changed."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

RECIPES = Path(__file__).resolve().parents[2] / "bench" / "recipes"
PIECES = (
    *("FROM a\n", "RUN ", "run ", "COPY ", "ADD ", "ENV ", "LABEL ", "ARG ", "ONBUILD ", "CMD "),
    *("HEALTHCHECK ", "CMD", "NONE", "SHELL ", "VOLUME ", "EXPOSE ", "USER ", "WORKDIR ", "foo "),
    *("\\\n", "\\ \t\n", "`\n", "\\", "\n", "\n\n", "\r\n", "\r", "# c\n", "#\n", " ", "\t", " \t"),
    *("# escape=`\n", "# escape = \\\n", "# syntax=a/b:1\n", "#check=skip=all\n", "# foo=bar\n"),
    *("<<EOF", "<<-EOF", ' <<"EOF"', " <<'E O'", "<< EOF", "3<<EOF", "<<\\EOF", '<<E"O"F', " <<$X"),
    *("EOF\n", "\tEOF\n", "E O\n", "$X\n", "<<", "<", "-", "$", "${", "}", "{", "*", "@", "1"),
    *("${a:-b c}", "${a#b}", "${a/b/c}", "${a:-<<EOF }", "${a:+'}", "'", '"', '\\"', "&&", "|"),
    *(
        "b=c",
        'a="b c"',
        "=",
        "--x=y",
        "--mount=type=cache,target=/r",
        "--",
        '--y="a b"',
        "--z=\\ q ",
    ),
    *("[", '["a"]', '["a", "b"]', '["a",1]', "[1]", "[]", '["a"] b', "[NaN]", "[1e999]"),
    *(
        '["\\ud800"]',
        "\ufeff",
        "\u00a0",
        "\u2003",
        "\u0085",
        "é",
        "\x0b",
        "\x0c",
        "\x1c",
        "\u017f",
        "\u212a",
    ),
)
WORDS = st.text("ab=\"'\\`$-{}<#[]é,.:/ \t", max_size=12)
CONTINUED = st.sampled_from(
    (" ", " \\\n", " \\\n  ", " \\ \n# c\n", "\\\n\n", " \\\r\n", "\\\n  # c\n \n", " `\n")
)
FLAGS = st.sampled_from(
    (
        "",
        "",
        "--x ",
        "--from=a ",
        '--chown="a b" ',
        "--mount=type=cache,target='/x y' ",
        "-- ",
        "--a\\ b ",
    )
)
JSON = st.sampled_from(
    ('["a", "b"]', "[]", '["a"', '["a" "b"]', '[ "é\\n" ]', '["a", null]', "[a]")
)
TAGS = st.sampled_from(
    ("EOF", "'EOF'", '"E F"', "E'O'F", "\\EOF", "$X", "É", "EOF EOF", "-", '""', "E\\'F")
)
KEYWORDS = st.sampled_from(
    (
        *(
            "RUN",
            "run",
            "COPY",
            "ADD",
            "CMD",
            "ENTRYPOINT",
            "SHELL",
            "VOLUME",
            "ENV",
            "LABEL",
            "ARG",
        ),
        *(
            "EXPOSE",
            "USER",
            "WORKDIR",
            "STOPSIGNAL",
            "MAINTAINER",
            "HEALTHCHECK CMD",
            "HEALTHCHECK",
        ),
        *("ONBUILD RUN", "ONBUILD COPY", "ONBUILD ENV", "ONBUILD", "ONBUILD ONBUILD RUN", "Foo"),
    )
)


@st.composite
def arguments(draw: st.DrawFn) -> str:
    """Words over one line or several; or a JSON form."""
    if draw(st.integers(0, 4)) == 0:
        return draw(JSON)
    words = draw(st.lists(WORDS, max_size=4))
    return "".join(word + draw(CONTINUED) for word in words)


@st.composite
def here_documents(draw: st.DrawFn) -> str:
    """The rest of a line that opens one or two, with their lines."""
    tags = draw(st.lists(TAGS, min_size=1, max_size=2))
    opening, body = draw(WORDS).rstrip("\\`"), ""
    for tag in tags:
        dash = draw(st.sampled_from(("", "-")))
        opening += f" {draw(st.sampled_from(('', '', '3')))}<<{dash}{tag}"
        lines = draw(
            st.lists(st.sampled_from(("a", "# c", "\tb \\", "RUN x", "", " EOF")), max_size=3)
        )
        name = "".join(char for char in tag if char not in "'\"\\") if "E\\'" not in tag else "E'F"
        body += "".join(f"{line}\n" for line in lines)
        body += draw(st.sampled_from(("", "\t" if dash else ""))) + name + "\n"
    return f"{opening}\n{body}"


@st.composite
def by_rule(draw: st.DrawFn) -> str:
    """Directives, comments, instructions, and here-documents where they may stand."""
    head = draw(
        st.sampled_from(("", "", "\ufeff", "# syntax=x\n", "# escape=`\n", "  # Escape = `\r\n"))
    )
    parts = [head, draw(st.sampled_from(("", "ARG a=b\n", "# c\n"))), "FROM a AS b\n"]
    for _ in range(draw(st.integers(0, 5))):
        keyword = draw(KEYWORDS)
        blank = draw(st.sampled_from((" ", "\t", " \\\n", "  ")))
        if "RUN" in keyword.upper() or "COPY" in keyword:
            rest = draw(st.one_of(arguments(), here_documents()))
        else:
            rest = draw(arguments())
        indent = draw(st.sampled_from(("", "", "  ", "\t", "\u00a0")))
        parts.append(f"{indent}{keyword}{blank}{draw(FLAGS)}{rest}")
        parts.append(draw(st.sampled_from(("\n", "\n", "\r\n", "\n\n# c\n", " \n \n"))))
    text = "".join(parts)
    return text.rstrip("\n") if draw(st.booleans()) else text


def of_pieces() -> st.SearchStrategy[str]:
    """Anything."""
    return st.tuples(st.sampled_from(("FROM a\n", "")), st.lists(st.sampled_from(PIECES))).map(
        lambda parts: parts[0] + "".join(parts[1])
    )


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real file, with a few places cut out, doubled or written over."""
    text = draw(st.sampled_from(sorted(RECIPES.glob("*.containerfile")))).read_text()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        how = draw(st.sampled_from(("cut", "double", "insert", "replace")))
        piece = draw(st.sampled_from(PIECES))
        middle = {"cut": "", "double": text[start:end] * 2, "insert": piece + text[start:end]}
        text = text[:start] + middle.get(how, piece) + text[end:]
    return text
