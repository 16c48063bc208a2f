"""Unicode's general categories by all names that a Go regexp may give them.

Sources: Go's packages regexp/syntax (`unicodeTable`) and unicode (`CategoryAliases`), of Go
1.27. Python's and Go's tables may be of different versions of Unicode.
"""

from __future__ import annotations

from lightship.context.characters import LAST, Characters

_CASED = ("Lu", "Ll", "Lt")
_NAMES = {
    "Lu": "Uppercase_Letter",
    "Ll": "Lowercase_Letter",
    "Lt": "Titlecase_Letter",
    "Lm": "Modifier_Letter",
    "Lo": "Other_Letter",
    "L": "Letter",
    "Mn": "Nonspacing_Mark",
    "Mc": "Spacing_Mark",
    "Me": "Enclosing_Mark",
    "M": "Mark Combining_Mark",
    "Nd": "Decimal_Number digit",
    "Nl": "Letter_Number",
    "No": "Other_Number",
    "N": "Number",
    "Pc": "Connector_Punctuation",
    "Pd": "Dash_Punctuation",
    "Ps": "Open_Punctuation",
    "Pe": "Close_Punctuation",
    "Pi": "Initial_Punctuation",
    "Pf": "Final_Punctuation",
    "Po": "Other_Punctuation",
    "P": "Punctuation punct",
    "Sm": "Math_Symbol",
    "Sc": "Currency_Symbol",
    "Sk": "Modifier_Symbol",
    "So": "Other_Symbol",
    "S": "Symbol",
    "Zs": "Space_Separator",
    "Zl": "Line_Separator",
    "Zp": "Paragraph_Separator",
    "Z": "Separator",
    "Cc": "Control cntrl",
    "Cf": "Format",
    "Cs": "Surrogate",
    "Co": "Private_Use",
    "Cn": "Unassigned",
    "C": "Other",
}


class GoSyntaxError(ValueError):
    """What Go does not compile."""


def of_name(name: str, others: bool) -> Characters:
    """The characters of a category, or all others.

    Raises:
        GoSyntaxError: it is the name of none.
    """
    if name.startswith("^"):
        name, others = name[1:], not others
    key = _key(name)
    if key == "any":
        return Characters(() if others else ((0, LAST),))
    if key == "ascii":
        return Characters(((0x80, LAST),) if others else ((0, 0x7F),))
    if key == "assigned":
        return Characters((), ((("Cn",), not others),))
    if key in ("lc", "casedletter"):
        return Characters((), ((_CASED, others),))
    for category, aliases in _NAMES.items():
        if key in (category.lower(), *map(_key, aliases.split())):
            return Characters((), (((category,), others),))
    raise GoSyntaxError("a category that Go does not know")


def _key(name: str) -> str:
    """As Go compares names: ASCII letters of either case, without blanks and dashes."""
    kept = name.translate({ord(one): None for one in " _-"})
    return kept.lower() if kept.isascii() else kept
