"""A Dockerfile of one stage rewritten into a builder and a final stage, language by language.

The parts, in the order in which they are used:

- `single.py` reads the one stage: what its RUNs call and where, what it starts, what it copied.
- `languages.py` lists the languages; each has a file that says whether the stage builds in it, and
  what the final stage needs: a `Plan`, or it raises `CannotTell` with what is missing.
- `carrying.py` says which instructions the final stage has as well: ENV, USER, CMD...
- `writing.py` makes edits of both.

To add a language, write `LANGUAGE.py` with a `LANGUAGE = Language(name, builds, recognise)`, add it
to `languages.py`, and a row `multi-stage-NAME` to `catalogue/estimates.toml`. The plan names files
by their paths in the builder, and the final base; what the file itself says (users, ports, the
command) is no business of a language. Whatever cannot be known for sure is a `CannotTell`, with a
clause that says what is missing: a wrong image is worse than a big one.

What most languages ask for, in this order (see `go.py`):

- `single.ran`: the commands of all RUNs, with their folder; `Ran.path(word)`, `Ran.option("-o")`;
- `making.followed(single, {path: position})`: where made files are after `mv` and `cp`;
- `making.started(...)`: which of them the container starts; `kept_programs` to copy them;
- `understood.check_understood(single, TOOLS, made)`: no command whose results nobody knows;
- `data.data_of(single, IS_SOURCE)`: files of the context that the program may read;
- `basing.static_base` or `shared_base`, or a `FinalBase` with what it `has`: `python`, `java`;
- `libraries.libraries_for(single, names)`: packages for what `-dev` packages were linked to;
- `installing.needed(single)`: packages that are neither tools nor headers;
- builders' images and what they set are rows of `catalogue/builder_images.toml`.

An interpreted language (see `python.py`) does not copy single files: `splitting.split` says which
RUNs only install, and `Plan.repeats` which COPYs and RUNs the final stage has too, as written.
`extensions.running_packages` then asks for packages and libraries, `calling.py` for programs that a
slim image lacks.

`Plan.starts` is for a final stage that starts something else than the file does: a web server.
"""
