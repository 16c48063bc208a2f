"""A Dockerfile of one stage rewritten into a builder and a final stage, language by language.

The parts, in the order in which they are used:

- `single.py` reads the one stage: what its RUNs call and where, what it starts, what it copied.
- `languages.py` lists the languages; each has a file with one function that looks at it and says
  `Plan` (what the final stage needs), None (not mine), or raises `CannotTell` with what is missing.
- `carrying.py` says which instructions the final stage has as well: ENV, USER, CMD...
- `writing.py` makes edits of both.

To add a language, write `LANGUAGE.py` with a `recognise(single: Single) -> Plan | None`, and a line
in `languages.py`. The plan names the files by their paths in the builder and the final base; what
the file itself says (users, ports, the command) is no business of a language. Whatever cannot be
known for sure is a `CannotTell`: a wrong image is worse than a big one.
"""
